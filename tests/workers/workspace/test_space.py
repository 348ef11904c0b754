"""A disk that is short: shared checkouts that nobody uses give way, the longest unused first."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from workers.workspace import bases, space
from workers.workspace.bases import Bases


class Disk:
    """A disk with room for so many checkouts below `folder` before it lacks something."""

    def __init__(self, folder: Path, most: int) -> None:
        self.folder, self.most = folder, most

    def lacking(self, _folder: Path) -> int:
        return max(0, len(self.there()) - self.most)

    def there(self) -> list[str]:
        return sorted(one.name for one in self.folder.glob("*/*") if one.is_dir())


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    made = Disk(tmp_path, 99)
    monkeypatch.setattr(space, "lacking", made.lacking)
    return made


def taken(disk: Disk, name: str, age: int) -> bases.Hold:
    """A checkout of some repository, used so many seconds ago; it is held until that is let go."""
    _, hold = Bases(disk.folder / name[0]).take(name, Path.mkdir)
    os.utime(disk.folder / name[0] / f"{name}.lock", (1e9 - age, 1e9 - age))
    return hold


def test_the_longest_unused_go_until_there_is_room_and_none_in_use(disk: Disk) -> None:
    held = taken(disk, "a-oldest", 90)
    for name, age in (("b-older", 80), ("a-old", 70), ("c-new", 10)):
        taken(disk, name, age).release()
    disk.most = 2
    assert bases.make_room(disk.folder) == 2
    assert disk.there() == ["a-oldest", "c-new"]
    disk.most = 0
    assert bases.make_room(disk.folder) == 1
    held.release()
    assert bases.make_room(disk.folder) == 1
    assert disk.there() == []


def test_a_new_checkout_makes_room_on_a_short_disk_for_the_next(disk: Disk) -> None:
    taken(disk, "a-old", 70).release()
    disk.most = 1
    taken(disk, "b-new", 0).release()
    assert disk.there() == ["b-new"]


def test_the_floor_is_two_gigabytes_or_a_twentieth_of_a_small_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk(total: int, free: int) -> int:
        block = 4096
        found = SimpleNamespace(f_blocks=total // block, f_frsize=block, f_bavail=free // block)
        monkeypatch.setattr(os, "statvfs", lambda _: found)
        return space.lacking(tmp_path / "not/there/yet")

    gb = 1 << 30
    assert disk(100 * gb, 3 * gb) == 0
    assert disk(100 * gb, 1 * gb) == 1 * gb
    assert disk(20 * gb, 1 * gb) == 0
    assert disk(20 * gb, gb // 2) == gb // 2
