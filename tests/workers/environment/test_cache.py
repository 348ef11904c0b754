"""Installed packages by key: made once, healed, and removed by last use."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from workers.environment import SetupFailed
from workers.environment.cache import Cache, Make, Told
from workers.workspace import space


def never() -> bool:
    return False


def maker(size: int = 10, count: list[int] | None = None) -> Make:
    def make(tree: Path) -> Told:
        assert list(tree.iterdir()) == []
        if count is not None:
            count.append(1)
        (tree / "venv").mkdir()
        (tree / "venv" / "file").write_bytes(b"x" * size)
        (tree / "venv" / "link").symlink_to("/etc/passwd")
        return {"reasons": ["made"], "refused": []}

    return make


def fill(cache: Cache, key: str, make: Make) -> bool:
    """Use a key once; whether it had to be made."""
    with cache.using(key, make, never) as entry:
        assert (entry.tree / "venv" / "file").exists()
        assert entry.told == Told(reasons=["made"], refused=[])
        return entry.fresh


def test_it_is_made_once_and_remembered(tmp_path: Path) -> None:
    count: list[int] = []
    assert fill(Cache(tmp_path / "deps"), "a", maker(count=count)) is True
    assert fill(Cache(tmp_path / "deps"), "a", maker(count=count)) is False
    assert len(count) == 1
    assert (tmp_path / "deps").stat().st_mode & 0o077 == 0


def test_those_who_come_together_wait_for_the_first(tmp_path: Path) -> None:
    cache, count = Cache(tmp_path / "deps"), list[int]()
    started, go = threading.Event(), threading.Event()
    answers: list[bool] = []

    def slow(tree: Path) -> Told:
        started.set()
        assert go.wait(60)
        return maker(count=count)(tree)

    threads = [threading.Thread(target=lambda: answers.append(fill(cache, "a", slow))) for _ in range(4)]
    threads[0].start()
    assert started.wait(60)
    for thread in threads[1:]:
        thread.start()
    go.set()
    for thread in threads:
        thread.join(60)
    assert sorted(answers) == [False, False, False, True]
    assert len(count) == 1


def test_whoever_waits_can_be_stopped(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "deps")
    started, go = threading.Event(), threading.Event()

    def slow(tree: Path) -> Told:
        started.set()
        assert go.wait(60)
        return maker()(tree)

    first = threading.Thread(target=lambda: fill(cache, "a", slow))
    first.start()
    assert started.wait(60)
    with pytest.raises(SetupFailed, match="stopped"), cache.using("a", maker(), lambda: True):
        pass
    go.set()
    first.join(60)


def test_a_maker_that_fails_leaves_nothing_and_the_next_one_begins_anew(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "deps")

    def broken(tree: Path) -> Told:
        maker()(tree)
        raise SetupFailed("no.")

    with pytest.raises(SetupFailed, match="no"), cache.using("a", broken, never):
        pass
    assert [place.name for place in (tmp_path / "deps").iterdir()] == [".locks"]
    assert fill(cache, "a", maker()) is True


def test_what_a_killed_worker_left_half_made_is_made_anew(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom workers.environment.cache import Cache\n"
        "def make(tree):\n (tree / 'venv').mkdir()\n os.kill(os.getpid(), signal.SIGKILL)\n"
        "with Cache(Path(sys.argv[1])).using('a', make, lambda: False): pass\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(tmp_path / "deps")], timeout=60, check=False)
    assert ended.returncode == -9
    assert (tmp_path / "deps" / ".building-a" / "tree" / "venv").exists()
    assert fill(Cache(tmp_path / "deps"), "a", maker()) is True
    assert not (tmp_path / "deps" / ".building-a").exists()


@pytest.mark.parametrize("harm", ["cut", "gone", "more", "note", "link"])
def test_a_damaged_entry_is_made_anew(tmp_path: Path, harm: str) -> None:
    cache = Cache(tmp_path / "deps")
    fill(cache, "a", maker())
    tree = tmp_path / "deps" / "a" / "tree" / "venv"
    match harm:
        case "cut":
            (tree / "file").write_bytes(b"")
        case "gone":
            (tree / "file").unlink()
        case "more":
            (tree / "new").write_bytes(b"")
        case "note":
            (tmp_path / "deps" / "a" / "made.json").write_text("{")
        case "link":
            (tree / "file").unlink()
            (tree / "file").symlink_to("/etc/passwd")
    assert fill(cache, "a", maker()) is True
    assert fill(cache, "a", maker()) is False


def test_the_ones_not_used_for_longest_go_first_and_never_one_in_use(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "deps", largest=250_000)
    for at, key in enumerate("abc"):
        fill(cache, key, maker(70_000))
        os.utime(tmp_path / "deps" / key / "made.json", (1000 + at, 1000 + at))
    with cache.using("a", maker(70_000), never):  # used again just now, and still
        fill(cache, "d", maker(70_000))
        os.utime(tmp_path / "deps" / "a" / "made.json", (1, 1))
        fill(cache, "e", maker(70_000))
        left = {place.name for place in (tmp_path / "deps").iterdir()} - {".locks"}
    assert left == {"a", "d", "e"}


def test_too_much_is_refused(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "deps", largest_entry=1000)
    with pytest.raises(SetupFailed, match="take more than"), cache.using("a", maker(50_000), never):
        pass
    assert [place.name for place in (tmp_path / "deps").iterdir()] == [".locks"]


def test_a_full_disk_is_told_in_words(tmp_path: Path) -> None:
    def full(tree: Path) -> Told:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(SetupFailed, match="no space left on device"), Cache(tmp_path / "deps").using("a", full, never):
        pass


def test_a_folder_that_cannot_be_made_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "deps").write_text("a file")
    with pytest.raises(SetupFailed, match="can't be stored"), Cache(tmp_path / "deps").using("a", maker(), never):
        pass


def test_on_a_short_disk_entries_that_nobody_uses_go_until_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path / "deps")
    most = 9
    for key in ("old", "older", "new"):
        fill(cache, key, maker())
    for age, key in enumerate(("new", "old", "older")):
        os.utime(tmp_path / "deps" / key / "made.json", (1e9 - age, 1e9 - age))
    monkeypatch.setattr(space, "lacking", lambda folder: sum(one.name[0] != "." for one in folder.iterdir()) > most)
    assert cache.evict() == 0
    most = 1
    with cache.using("older", maker(), never):
        os.utime(tmp_path / "deps/older/made.json", (1e9 - 9, 1e9 - 9))
        assert cache.evict() == 2
    assert [one.name for one in (tmp_path / "deps").iterdir() if one.name[0] != "."] == ["older"]
    assert Cache(tmp_path / "none").evict() == 0
