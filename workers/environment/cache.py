"""A cache of installed packages on this host's disk: installed once, used by many, least recently used evicted first.

Law: an entry is used under a shared lock, and built, repaired or removed under an exclusive one. Strangers wrote the
files in a `tree`: they are counted and removed, never opened.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypedDict

from workers.environment import SetupFailed
from workers.workspace import space
from workers.workspace.removal import remove

LARGEST_BYTES = 12 << 30
"""Most bytes of all entries together; beyond it, the least recently used are evicted."""
LARGEST_ENTRY_BYTES = 4 << 30
_MOST_FILES = 500_000
_POLL_SECONDS = 0.2


class Told(TypedDict):
    """The stored report of an installation: sentences for people, and (host, why, count) of the proxy's refusals."""

    reasons: list[str]
    refused: list[tuple[str, str, int]]


class _Made(TypedDict):
    told: Told
    digest: str


Make = Callable[[Path], Told]


@dataclass(frozen=True)
class CacheEntry:
    """`tree` is shown to sandboxes, `told` is the report of its installation, `fresh` is true if it is new."""

    tree: Path
    fresh: bool
    told: Told


@dataclass(frozen=True)
class Looks:
    """The number of files in a folder, their bytes on the disk, and a digest of names, kinds, sizes and times."""

    files: int
    bytes: int
    digest: str


class _Full(SetupFailed):
    """This host's disk is full."""

    def __init__(self, error: OSError) -> None:
        super().__init__(f"it can't be stored on this host: {(error.strerror or 'disk error').lower()}.")


class Cache:
    """Entries below `folder`: sandboxes see `<key>/tree`; `<key>/made.json` describes how it must look."""

    def __init__(self, folder: Path, largest: int = LARGEST_BYTES, largest_entry: int = LARGEST_ENTRY_BYTES) -> None:
        self._folder = folder
        self._largest = largest
        self._largest_entry = largest_entry

    @contextmanager
    def using(self, key: str, make: Make, stopped: Callable[[], bool]) -> Iterator[CacheEntry]:
        """Yield the entry of `key`, which stays until the block ends.

        If it is missing, `make` fills an empty folder and returns a report; other users of the same key wait for it.
        Raises `SetupFailed`, and what `make` raises.
        """
        with self._lock(key) as lock:
            fresh = False
            while True:
                self._take(lock, fcntl.LOCK_SH, stopped)
                if self._whole(key):
                    break
                # A shared lock must be released to get an exclusive one: another process may have been faster.
                self._take(lock, fcntl.LOCK_EX, stopped)
                if not self._whole(key):
                    self._make(key, make)
                    fresh = True
            self._touch(key)
            if fresh:
                self.evict()
            yield CacheEntry(self._folder / key / "tree", fresh, self._made(key)["told"])

    def evict(self) -> int:
        """Evict unused entries, the least recently used first, until all fit; return how many were removed."""
        sizes = {place: self._stated(place) for place in self._entries()}
        total, gone = sum(size for size, _ in sizes.values()), 0
        for place, (size, _) in sorted(sizes.items(), key=lambda item: item[1][1]):
            if total <= self._largest and not space.lacking(self._folder):
                break
            if self._remove(place.name):
                total, gone = total - size, gone + 1
        return gone

    def _entries(self) -> list[Path]:
        if not self._folder.exists():
            return []
        return [place for place in self._folder.iterdir() if place.is_dir() and not place.name.startswith(".")]

    def _stated(self, place: Path) -> tuple[int, float]:
        """Return (bytes, seconds of the last use) of an entry."""
        try:
            made = place / "made.json"
            return int(json.loads(made.read_text(encoding="utf-8"))["bytes"]), made.stat().st_mtime
        except (OSError, ValueError, KeyError, TypeError):
            return 0, 0.0

    def _remove(self, key: str) -> bool:
        """Remove an entry unless it is in use."""
        with self._lock(key) as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return False
            remove(self._folder / key)
            return True

    def _make(self, key: str, make: Make) -> None:
        building = self._folder / f".building-{key}"
        try:
            remove(building)  # left by a killed worker: only we build under this lock
            remove(self._folder / key)
            (building / "tree").mkdir(parents=True, mode=0o700)
            told = make(building / "tree")
            looks = described(building / "tree")
            if looks.bytes > self._largest_entry:
                raise SetupFailed(f"the packages take more than {self._largest_entry >> 30} GB.")
            (building / "made.json").write_text(
                json.dumps({**asdict(looks), "told": told, "at": time.time()}), encoding="utf-8"
            )
            building.rename(self._folder / key)
        except OSError as error:
            raise _Full(error) from error
        finally:
            with contextlib.suppress(OSError):
                remove(building)

    def _whole(self, key: str) -> bool:
        """Return whether the entry exists and looks as it did after its installation."""
        try:
            made = self._made(key)
            return described(self._folder / key / "tree").digest == made["digest"] and isinstance(made["told"], dict)
        except (OSError, ValueError, KeyError, TypeError, SetupFailed):
            return False

    def _made(self, key: str) -> _Made:
        made: _Made = json.loads((self._folder / key / "made.json").read_text(encoding="utf-8"))
        return made

    def _touch(self, key: str) -> None:
        with contextlib.suppress(OSError):
            os.utime(self._folder / key / "made.json")

    @contextmanager
    def _lock(self, key: str) -> Iterator[int]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self._folder / ".locks").mkdir(exist_ok=True)
            lock = os.open(self._folder / ".locks" / key, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _Full(error) from error
        try:
            yield lock
        finally:
            os.close(lock)

    def _take(self, lock: int, kind: int, stopped: Callable[[], bool]) -> None:
        pause = threading.Event()
        while True:
            try:
                fcntl.flock(lock, kind | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if stopped():
                    raise SetupFailed("it was stopped.") from None
                pause.wait(_POLL_SECONDS)


def described(tree: Path) -> Looks:
    """Return a summary of a folder's names, kinds, sizes and times, without its contents. Links are not followed.

    Raises `SetupFailed` if it has too many files, `OSError` if it cannot be read.
    """
    lines: list[str] = []
    total = 0
    waiting = [str(tree)]
    while waiting:
        folder = waiting.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                found = entry.stat(follow_symlinks=False)
                where = os.path.relpath(entry.path, tree)
                lines.append(f"{where}\0{stat.S_IFMT(found.st_mode)}\0{_size(found)}\0{_changed(found)}")
                total += found.st_blocks * 512
                if stat.S_ISDIR(found.st_mode):
                    waiting.append(entry.path)
        if len(lines) > _MOST_FILES:
            raise SetupFailed(f"they are more than {_MOST_FILES} files.")
    text = "\n".join(sorted(lines)).encode("utf-8", "surrogateescape")
    return Looks(len(lines), total, hashlib.sha256(text).hexdigest())


def _size(found: os.stat_result) -> int:
    return 0 if stat.S_ISDIR(found.st_mode) else found.st_size


def _changed(found: os.stat_result) -> int:
    return found.st_mtime_ns if stat.S_ISREG(found.st_mode) else 0
