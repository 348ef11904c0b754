"""Measure free space where Shipmate writes, and keep a ballast file whose removal lets the database say why it stopped.

Law: work that fills a disk waits before the disk is full.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

RESERVE = 200_000_000
"""Bytes that work leaves free for the database, where no setting says otherwise."""
BALLAST = 4 << 20
_FEWEST_FILES = 200


@dataclass(frozen=True)
class Left:
    """Free bytes on the disk of `folder`, and how many of them have to stay free."""

    folder: Path
    free: int
    needed: int
    files: bool = True
    """Whether the disk can still hold more files, however small."""

    @property
    def short(self) -> bool:
        """Return whether work has to wait for space."""
        return self.free < self.needed or not self.files

    @property
    def full(self) -> bool:
        """Tell if even the database can barely write."""
        return self.free < self.needed // 10 or not self.files

    def words(self) -> str:
        """Return a sentence part for the operator."""
        if not self.files:
            return f"the disk of {self.folder} can hold no more files"
        return f"{self.free / 1e6:,.0f} MB free at {self.folder}, {self.needed / 1e6:,.0f} MB have to be"


@dataclass(frozen=True)
class DiskSpace:
    """The disks that Shipmate writes to. Without folders there is always enough space.

    `reserve` is in bytes; on a small disk a tenth of it is enough.
    """

    folders: tuple[Path, ...] = ()
    reserve: int = RESERVE

    def left(self) -> Left | None:
        """Return the disk that is closest to being full, or None where none can be asked. Costs microseconds."""
        found = [left for folder in self.folders if (left := self._left(folder)) is not None]
        return min(found, key=lambda left: (not left.short, left.free - left.needed), default=None)

    def short(self) -> Left | None:
        """Return the disk that is too full to work on, or None."""
        left = self.left()
        return left if left is not None and left.short else None

    def _left(self, folder: Path) -> Left | None:
        place = next((path for path in (folder, *folder.parents) if path.exists()), None)
        if place is None:
            return None
        try:
            disk = os.statvfs(place)
        except OSError:
            return None
        needed = min(self.reserve, disk.f_blocks * disk.f_frsize // 10)
        files = disk.f_files == 0 or disk.f_favail >= min(_FEWEST_FILES, disk.f_files // 100)
        return Left(place, disk.f_bavail * disk.f_frsize, needed, files)


class Ballast:
    """A file beside a SQLite database that only takes up space, to be removed when the disk is full."""

    def __init__(self, database: Path | None) -> None:
        self._file = database.with_name(database.name + ".ballast") if database else None

    def keep(self) -> bool:
        """Create the file unless the disk is too full; return whether it exists now. Never raises."""
        if self._file is None:
            return False
        if self._file.exists():
            return True
        draft = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        try:
            disk = os.statvfs(self._file.parent)
            size = min(BALLAST, disk.f_blocks * disk.f_frsize // 32)
            if disk.f_bavail * disk.f_frsize < 8 * size:
                return False
            place = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(place, 0, size)
            finally:
                os.close(place)
            draft.replace(self._file)
        except OSError:
            with contextlib.suppress(OSError):
                draft.unlink()
            return False
        return True

    def throw_off(self) -> bool:
        """Remove the file if its disk is full; return whether that freed space. Never raises."""
        if self._file is None:
            return False
        try:
            disk = os.statvfs(self._file.parent)
            if disk.f_bavail * disk.f_frsize > self._file.stat().st_size:
                return False
            self._file.unlink()
        except OSError:
            return False
        return True


def database_file(url: str) -> Path | None:
    """Return the file of a `sqlite:///path` URL, or None for any other database."""
    path = url.removeprefix("sqlite:///")
    return Path(path) if path != url and path not in {"", ":memory:"} else None


def disk_space_of(home: Path, database_url: str, artifacts_url: str = "", reserve: int = RESERVE) -> DiskSpace:
    """Return the disks of a process: its state folder, a SQLite database, and artifacts in a folder."""
    folder = artifacts_url.removeprefix("file://")
    database = database_file(database_url)
    places = [home, *([database.parent] if database else []), *([Path(folder)] if folder.startswith("/") else [])]
    return DiskSpace(tuple(dict.fromkeys(places)), reserve)
