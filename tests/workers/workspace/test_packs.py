"""Packs of a mirror are put together where there are many, and nobody who reads meanwhile misses anything."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest

from tests.workers.workspace.conftest import Origin, git, tip
from tests.workers.workspace.overlaid import Ground
from workers.sandbox import overlay
from workers.workspace import Remote, packs
from workers.workspace.folders import LocalWorkspaces
from workers.workspace.mirror import BareMirror

MOST = 4


@pytest.fixture(params=[False, True], ids=["whole", "partial"])
def fed(request: pytest.FixtureRequest, origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BareMirror:
    """A mirror that fetches, and never has more than four packs and one."""
    monkeypatch.setattr(packs.consolidate, "__defaults__", (MOST,))
    for key in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
        git(origin.bare, "config", key, "true")
    remote = Remote("acme/app", origin.url, lambda: None)
    return LocalWorkspaces(tmp_path / "home", layers=overlay.works).mirror(remote, partial=request.param)


def count(mirror: BareMirror) -> int:
    return len(list((mirror.gitdir / "objects/pack").glob("*.pack")))


def test_they_stay_few_and_everything_is_still_there(fed: BareMirror, origin: Origin) -> None:
    commits, most = [], 0
    for number in range(2 * MOST + 2):
        commits.append(origin.commit({"README.md": f"{number}\n", f"new/{number}.txt": f"{number}\n"}))
        fed.fetch()
        assert fed.read(commits[-1], "README.md") == f"{number}\n".encode()
        most = max(most, count(fed))
    assert most <= MOST + 1
    for number, commit in enumerate(commits):
        assert fed.read(commit, f"new/{number}.txt") == f"{number}\n".encode()
    assert fed.partial == any((fed.gitdir / "objects/pack").glob("*.promisor"))


def test_what_we_made_is_in_none(fed: BareMirror, origin: Origin) -> None:
    tree = fed.tree(tip(fed))
    ours = fed.commit(tree, (), "Ours", ("ana", "ana@example.com"), 1)
    for number in range(MOST + 2):
        origin.commit({"README.md": f"{number}\n"})
        fed.fetch()
    assert count(fed) <= MOST + 1
    assert (fed.gitdir / "objects" / ours[:2] / ours[2:]).exists()
    for index in (fed.gitdir / "objects/pack").glob("*.idx"):
        assert ours not in git(fed.gitdir, "verify-pack", "-v", str(index))


def test_a_large_pack_is_not_written_again(fed: BareMirror, origin: Origin) -> None:
    origin.commit({"noise.bin": random.Random(1).randbytes(300_000)})
    fed.fetch()
    fed.read(tip(fed), "noise.bin")
    largest = max((fed.gitdir / "objects/pack").glob("*.pack"), key=lambda one: one.stat().st_size)
    before = largest.stat().st_ino
    for number in range(MOST + 2):
        origin.commit({"README.md": f"{number}\n"})
        fed.fetch()
    assert count(fed) <= MOST + 1
    assert largest.stat().st_ino == before


def test_a_sandbox_that_reads_its_history_meanwhile_sees_all_of_it(
    fed: BareMirror, origin: Origin, tmp_path: Path
) -> None:
    if fed.partial:
        fed.gather(tip(fed))
    base = tip(fed)
    ground = Ground(fed, tmp_path)
    workspace = ground.workspace(base, history=True)
    over = threading.Event()
    seen: list[str] = []

    with ground.session(workspace) as session:
        assert session.shell("git log --oneline | wc -l").output.strip() == "1"

        def feed() -> None:
            for number in range(2 * MOST):
                origin.commit({"README.md": f"{number}\n"})
                fed.fetch()
            over.set()

        feeding = threading.Thread(target=feed)
        feeding.start()
        while not over.is_set():
            ran = session.shell("git log --format=%s -p | sha256sum; git cat-file -e HEAD:src/app.py || echo lost")
            seen.append(ran.output)
        feeding.join()
    assert count(fed) <= MOST + 1
    assert len(set(seen)) == 1
    assert "lost" not in seen[0]
