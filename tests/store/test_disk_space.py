"""DiskSpace on the disk: who has to wait, and what is thrown off so that the database can still write."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.store import Store, StoreFull
from bot.store.disk_space import BALLAST, Ballast, DiskSpace, disk_space_of
from bot.store.engine import writing

GB = 1 << 30


def disk(monkeypatch: pytest.MonkeyPatch, *, total: int = 100 * GB, free: int = 50 * GB, files: int = 10_000) -> None:
    told = SimpleNamespace(f_blocks=total, f_frsize=1, f_bavail=free, f_files=100_000, f_favail=files)
    monkeypatch.setattr(os, "statvfs", lambda _place: told)


def test_without_folders_there_is_always_room() -> None:
    assert DiskSpace().left() is None
    assert DiskSpace().short() is None


@pytest.mark.parametrize(
    ("given", "short", "full"),
    [
        ({"free": 200_000_000}, False, False),
        ({"free": 199_999_999}, True, False),
        ({"free": 19_999_999}, True, True),
        ({"total": 64_000_000, "free": 6_400_000}, False, False),
        ({"total": 64_000_000, "free": 6_399_999}, True, False),
        ({"files": 10}, True, True),
    ],
)
def test_work_waits_before_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, int], short: bool, full: bool
) -> None:
    disk(monkeypatch, **given)
    left = DiskSpace((tmp_path,)).left()
    assert left is not None
    assert (left.short, left.full) == (short, full)


def test_a_folder_that_is_not_there_yet_is_looked_for_above(tmp_path: Path) -> None:
    left = DiskSpace((tmp_path / "not" / "yet",)).left()
    assert left is not None
    assert left.folder == tmp_path


def test_the_fullest_disk_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    free = {tmp_path / "a": 50 * GB, tmp_path / "b": 1000}

    def statvfs(place: Path) -> Any:
        return SimpleNamespace(f_blocks=100 * GB, f_frsize=1, f_bavail=free[place], f_files=0, f_favail=0)

    monkeypatch.setattr(os, "statvfs", statvfs)
    short = DiskSpace((tmp_path / "a", tmp_path / "b")).short()
    assert short is not None
    assert short.folder == tmp_path / "b"
    assert str(tmp_path / "b") in short.words()


def test_only_disks_of_this_machine_are_looked_at(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert disk_space_of(home, "postgresql://x/y", "s3://bucket/x").folders == (home,)
    mine = disk_space_of(home, f"sqlite:///{tmp_path}/db/shipmate.db", f"file://{tmp_path}/kept")
    assert mine.folders == (home, tmp_path / "db", tmp_path / "kept")


def test_ballast_takes_up_room_until_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ballast = Ballast(tmp_path / "shipmate.db")
    file = tmp_path / "shipmate.db.ballast"
    assert ballast.keep()
    assert file.stat().st_blocks * 512 >= BALLAST
    assert ballast.keep()
    assert not ballast.throw_off(), "there is room"
    disk(monkeypatch, free=1000)
    assert ballast.throw_off()
    assert not ballast.throw_off()
    assert not ballast.keep(), "there is no room for it yet"
    assert list(tmp_path.iterdir()) == []


def test_a_database_without_a_file_has_no_ballast() -> None:
    ballast = Ballast(None)
    assert not ballast.keep()
    assert not ballast.throw_off()


def test_a_full_database_throws_its_ballast_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(f"sqlite:///{tmp_path / 'shipmate.db'}")
    store.migrate()
    assert store.ballast.keep()
    disk(monkeypatch, free=1000)
    with pytest.raises(StoreFull), writing(store.engine) as connection:
        raised = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={raised}")
        connection.exec_driver_sql("CREATE TABLE more (x)")
        for _ in range(100):
            connection.exec_driver_sql("INSERT INTO more VALUES (zeroblob(100000))")
    assert not (tmp_path / "shipmate.db.ballast").exists()
    store.close()


def test_another_fault_of_the_database_leaves_the_ballast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(f"sqlite:///{tmp_path / 'shipmate.db'}")
    store.migrate()
    assert store.ballast.keep()
    disk(monkeypatch, free=1000)
    with pytest.raises(Exception, match="no such table") as wrong, writing(store.engine) as connection:
        connection.exec_driver_sql("SELECT * FROM nowhere")
    assert isinstance(wrong.value.__cause__.orig, sqlite3.OperationalError)  # type: ignore[union-attr]
    assert (tmp_path / "shipmate.db.ballast").exists()
    store.close()
