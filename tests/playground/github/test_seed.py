"""Repositories put on the stand-in: deterministic from folders, whole and unexecuted from git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from playground.github import GitHubStandInConfig, seed_repository
from playground.github.git import GitError
from playground.github.hub import bare_repository

from .conftest import REPO, Running
from .test_git_http import ENV, git


def config(root: Path) -> GitHubStandInConfig:
    return GitHubStandInConfig(root=root, public_url="http://127.0.0.1:1")


def test_the_same_folder_gives_the_same_commit(tmp_path: Path, source: Path) -> None:
    one = seed_repository(config(tmp_path / "a"), "acme/shop", source)
    other = seed_repository(config(tmp_path / "b"), "acme/shop", source)
    assert one == other
    assert len(one) == 40


def test_seeding_again_changes_nothing(tmp_path: Path, source: Path) -> None:
    one = seed_repository(config(tmp_path / "a"), "acme/shop", source)
    (source / "README.md").write_text("changed")
    assert seed_repository(config(tmp_path / "a"), "acme/shop", source) == one


def a_git_repository(tmp_path: Path, source: Path) -> tuple[Path, Path]:
    """A repository of two commits whose configuration and hooks leave a marker if anything runs them."""
    marker = tmp_path / "MARKER"
    git("init", "-q", "-b", "trunk", cwd=source)
    for number in range(2):
        (source / "README.md").write_text(str(number))
        git("add", "-A", cwd=source)
        git("commit", "-qm", f"Number {number}", cwd=source)
    touch = f"touch {marker}"
    for key in ("core.fsmonitor", "core.sshCommand", "filter.x.smudge", "filter.x.clean", "uploadpack.packObjectsHook"):
        subprocess.run(["git", "config", key, touch], cwd=source, env=ENV, check=True)
    (source / ".gitattributes").write_text("* filter=x\n")
    hook = source / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{touch}\n")
    hook.chmod(0o755)
    marker.unlink(missing_ok=True)
    return source, marker


def test_a_local_git_repository_comes_with_its_history_and_runs_nothing(tmp_path: Path, source: Path) -> None:
    repository, marker = a_git_repository(tmp_path, source)
    sha = seed_repository(config(tmp_path / "a"), "me/thing", repository, default_branch="main")
    made = bare_repository(config(tmp_path / "a"), "me/thing")
    assert [commit.message for commit in made.log(sha)] == ["Number 1", "Number 0"]
    assert made.refs() == {"refs/heads/main": sha}
    assert not marker.exists()


def test_a_repository_is_cloned_from_a_web_address(tmp_path: Path, hub: Running) -> None:
    sha = seed_repository(config(tmp_path / "a"), "me/thing", hub.clone_url("ben"))
    assert sha == hub.desk.refs(REPO)["main"]
    assert bare_repository(config(tmp_path / "a"), "me/thing").file(sha, "README.md") == b"# Shop\n"


def test_a_packed_repository_without_loose_refs_is_read_too(tmp_path: Path, source: Path) -> None:
    git("init", "-q", "-b", "trunk", cwd=source)
    git("add", "-A", cwd=source)
    git("commit", "-qm", "One", cwd=source)
    git("gc", "-q", cwd=source)
    sha = seed_repository(config(tmp_path / "a"), "me/thing", source)
    assert bare_repository(config(tmp_path / "a"), "me/thing").commit(sha).message == "One"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="nowhere"):
        seed_repository(config(tmp_path / "a"), "me/thing", tmp_path / "nowhere")


def test_an_empty_git_repository_is_refused_in_words(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    git("init", "-q", cwd=empty)
    with pytest.raises(GitError, match="no commit yet"):
        seed_repository(config(tmp_path / "a"), "me/thing", empty)
