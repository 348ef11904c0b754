"""Checkouts that many claims share: written once, then only read, and evicted when there are too many.

A full checkout of a large repository takes minutes, so claims on the same commit share one.

Law: every user of a checkout holds a shared lock on it. It is written under an exclusive lock, in a folder beside its
place, and moved there whole. A sandbox never gets write access to it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

from workers.workspace import RemoteRefused, space
from workers.workspace.removal import remove

MOST = 64
MOST_BYTES = 40 << 30
_WAIT_SECONDS = 1800.0


class Hold:
    """A lock on a base in use: the base stays on the disk until this is released or garbage-collected."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def release(self) -> None:
        """Release the lock. Calling it twice is harmless."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __del__(self) -> None:
        self.release()


class Bases:
    """The shared checkouts of one repository, in `folder`; limits count over all repositories beside it."""

    def __init__(self, folder: Path, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self._most = most
        self._most_bytes = most_bytes

    def take(self, key: str, write: Callable[[Path], None]) -> tuple[Path, Hold]:
        """Return the checkout named `key`. If it is missing, `write` first writes it into a new folder.

        Raises `RemoteRefused` when another process writes it for too long, and what `write` raises.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        place, lock = self._folder / key, self._folder / f"{key}.lock"
        made = False
        while True:
            hold = _locked(lock, fcntl.LOCK_SH)
            if place.is_dir():
                os.utime(lock)
                if made:
                    self._make_room(key)
                return place, hold
            hold.release()
            alone = _locked(lock, fcntl.LOCK_EX)
            try:
                if not place.is_dir():
                    self._write(place, lock, write)
                    made = True
            finally:
                alone.release()

    def _write(self, place: Path, lock: Path, write: Callable[[Path], None]) -> None:
        fresh = place.with_suffix(".new")
        remove(fresh)
        try:
            write(fresh)
            lock.write_text(str(_bytes(fresh)))
            fresh.rename(place)
        finally:
            remove(fresh)

    def _make_room(self, kept: str) -> None:
        """Evict the least recently used checkouts until the limits are met and the disk has enough free space."""
        found = _oldest_first(self._folder.parent)
        count, size = len(found), sum(bytes_ for bytes_, _ in found)
        for bytes_, lock in found:
            if count <= self._most and size <= self._most_bytes and not space.lacking(self._folder):
                return
            if lock != self._folder / f"{kept}.lock" and _forget(lock):
                count, size = count - 1, size - bytes_


def make_room(folder: Path) -> int:
    """Evict unused shared checkouts of all repositories below `folder`, the least recently used first.

    Stops as soon as the disk has enough free space. Returns how many were removed.
    """
    gone = 0
    for _, lock in _oldest_first(folder):
        if not space.lacking(folder):
            break
        gone += _forget(lock)
    return gone


def _oldest_first(folder: Path) -> list[tuple[int, Path]]:
    """Return (bytes, lock) of every shared checkout, the least recently used first."""
    found = []
    for lock in folder.glob("*/*.lock"):
        with contextlib.suppress(OSError, ValueError):
            found.append((lock.stat().st_mtime, int(lock.read_text() or 0), lock))
    return [(bytes_, lock) for _, bytes_, lock in sorted(found)]


def _forget(lock: Path) -> bool:
    try:
        hold = _attempt(lock, fcntl.LOCK_EX)
    except OSError:
        return False
    if hold is None:
        return False
    try:
        remove(lock.with_suffix(""))
        lock.unlink(missing_ok=True)
        return True
    except OSError:
        return False
    finally:
        hold.release()


def _locked(lock: Path, how: int) -> Hold:
    deadline = time.monotonic() + _WAIT_SECONDS
    while (hold := _attempt(lock, how)) is None:
        if time.monotonic() > deadline:
            raise RemoteRefused("Another checkout of this commit is taking too long.", again=True)
        time.sleep(0.01)
    return hold


def _attempt(lock: Path, how: int) -> Hold | None:
    """Return the lock, or None while another process holds it or if its file was removed meanwhile."""
    fd = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    hold = Hold(fd)
    try:
        fcntl.flock(fd, how | fcntl.LOCK_NB)
        if os.fstat(fd).st_ino == os.stat(lock).st_ino:
            return hold
    except (BlockingIOError, FileNotFoundError):
        pass
    hold.release()
    return None


def _bytes(folder: Path) -> int:
    total = 0
    for place, _, files in os.walk(folder):
        for name in files:
            total += os.lstat(os.path.join(place, name)).st_blocks * 512
    return total
