"""Real git against the stand-in: clone, push, protection, and what a push causes."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import uvloop

from playground.github.git_http import _feed

from .conftest import REPO, Inbox, Running, Start

ENV = {
    "PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0", "GIT_AUTHOR_NAME": "ana", "GIT_AUTHOR_EMAIL": "ana@users.noreply.playground.test",
    "GIT_COMMITTER_NAME": "ana", "GIT_COMMITTER_EMAIL": "ana@users.noreply.playground.test",
}  # fmt: skip


def git(*args: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *args], cwd=cwd, env=ENV, capture_output=True, text=True, timeout=60, check=False)


def cloned(hub: Running, tmp_path: Path, who: str = "bot") -> Path:
    work = tmp_path / "work"
    done = git("clone", "-q", hub.clone_url(who), str(work))
    assert done.returncode == 0, done.stderr
    return work


def committed(work: Path, text: str, *branch: str) -> str:
    if branch:
        git("checkout", "-q", "-b", *branch, cwd=work)
    (work / "README.md").write_text(text)
    git("commit", "-qam", "Say more", cwd=work)
    return git("rev-parse", "HEAD", cwd=work).stdout.strip()


def test_a_branch_that_git_pushed_is_there_for_the_api(hub: Running, tmp_path: Path) -> None:
    work = cloned(hub, tmp_path)
    sha = committed(work, "more", "shipmate/fix")
    pushed = git("push", "-q", "origin", "shipmate/fix", cwd=work)
    assert pushed.returncode == 0, pushed.stderr
    assert hub.repo().get_branch("shipmate/fix").commit.sha == sha
    assert hub.repo().get_git_ref("heads/shipmate/fix").object.sha == sha


def test_a_large_push_arrives_whole(hub: Running, tmp_path: Path) -> None:
    work = cloned(hub, tmp_path)
    (work / "data.bin").write_bytes(os.urandom(3_000_000))
    git("add", "data.bin", cwd=work)
    sha = committed(work, "with data", "big")
    assert git("push", "-q", "origin", "big", cwd=work).returncode == 0
    assert hub.repo().get_commit(sha).files[1].filename == "data.bin"


def test_the_default_branch_may_not_be_pushed(hub: Running, tmp_path: Path) -> None:
    work = cloned(hub, tmp_path)
    before = hub.desk.refs(REPO)["main"]
    committed(work, "straight to main")
    refused = git("push", "origin", "main", cwd=work)
    assert refused.returncode != 0
    assert "protected branch hook declined" in refused.stderr
    assert "GH006" in refused.stderr
    assert hub.desk.refs(REPO)["main"] == before


def test_a_push_moves_the_head_of_its_pull_request(start: Start, inbox: Inbox, tmp_path: Path) -> None:
    hub = start(auto_ci=False, webhook_url=inbox.url)
    work = cloned(hub, tmp_path)
    committed(work, "one", "fix")
    git("push", "-q", "origin", "fix", cwd=work)
    hub.repo().create_pull(base="main", head="fix", title="Fix", body="")
    sha = committed(work, "two")
    git("push", "-q", "origin", "fix", cwd=work)
    assert hub.repo().get_pull(1).head.sha == sha
    hub.desk.wait_for(lambda: len(inbox.seen) == 4)
    assert inbox.events() == ["push", "pull_request", "push", "pull_request"]


def test_strangers_and_wrong_tokens_get_nothing(hub: Running, tmp_path: Path) -> None:
    url = hub.clone_url("mallory")
    hidden = git("ls-remote", url)
    assert hidden.returncode != 0
    assert "not found" in hidden.stderr.lower()
    wrong = git("ls-remote", url.replace("ghp_mallory", "ghp_guess"))
    assert wrong.returncode != 0


def test_a_lease_on_the_wrong_head_is_refused_by_git_itself(hub: Running, tmp_path: Path) -> None:
    work = cloned(hub, tmp_path)
    committed(work, "one", "fix")
    git("push", "-q", "origin", "fix", cwd=work)
    moved = hub.desk.push_commit(REPO, "fix", {"README.md": "by ben"})
    committed(work, "two")
    refused = git("push", "--force-with-lease=fix:" + "0" * 40, "origin", "fix", cwd=work)
    assert refused.returncode != 0
    assert hub.desk.refs(REPO)["fix"] == moved


async def _fed_to_a_reader_that_is_gone() -> list[bytes]:
    """Feed a body of three pieces to a program that ends after the first; return the pieces that were asked for."""
    process = await asyncio.create_subprocess_exec("head", "-c1", stdin=-1, stdout=subprocess.DEVNULL)
    assert process.stdin is not None
    taken: list[bytes] = []

    async def body() -> AsyncIterator[bytes]:
        for piece in (b"first", b"second", b"third"):
            taken.append(piece)
            yield piece
            await process.wait()

    await asyncio.wait_for(_feed(process.stdin, body()), 60)
    return taken


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_a_push_that_git_has_answered_early_ends_without_a_failure(
    run: Callable[[Coroutine[Any, Any, list[bytes]]], list[bytes]],
) -> None:
    assert run(_fed_to_a_reader_that_is_gone())[:2] == [b"first", b"second"]
