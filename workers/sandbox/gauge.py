"""Measure how much a sandbox has written, while it runs.

Law: the system's `du` measures it, in a process of its own with a time limit. If a folder is made to be slow to read,
the sandbox is killed; the worker does not wait for it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

from workers.workspace import WorkspaceLimit

_SECONDS = 20.0
_REST = 10.0
"""The pause after a measurement, as a multiple of the time it took."""
_BYTES, _FILES = 16 << 20, 1000
"""Growth of the whole disk's use below which nothing is measured."""


class Gauge:
    """Watches the folder `folder`. With `relative`, its initial contents do not count."""

    def __init__(self, folder: Path, limit: WorkspaceLimit, *, relative: bool) -> None:
        self._folder = folder
        self._limit = limit
        self._lock = threading.Lock()
        self._next = 0.0
        self._free: tuple[int, int] | None = None
        self._before = (0, 0)
        if relative:
            self._before = self._measure() or (0, 0)
        self._free = self._state()

    def grown(self) -> str:
        """Return a sentence about the limit that was exceeded, or "". Cheap unless the disk has become fuller."""
        if not self._lock.acquire(blocking=False):
            return ""
        try:
            return self._look()
        finally:
            self._lock.release()

    def _look(self) -> str:
        free, now = self._state(), time.monotonic()
        if free is None or now < self._next:
            return ""
        if self._free is not None and self._free[0] - free[0] < _BYTES and self._free[1] - free[1] < _FILES:
            self._free = (max(free[0], self._free[0]), max(free[1], self._free[1]))
            return ""
        found = self._measure()
        self._next = time.monotonic() + _REST * (time.monotonic() - now)
        if found is None:
            return "it wrote more files than can be counted in time"
        self._free = free
        size, files = found[0] - self._before[0], found[1] - self._before[1]
        if size > self._limit.bytes:
            return f"it wrote more than the {self._limit.bytes >> 20} MB that one workspace may hold"
        if files > self._limit.files:
            return f"it made more than the {self._limit.files:,} files that one workspace may hold"
        return ""

    def _state(self) -> tuple[int, int] | None:
        """Return free bytes and free files of the disk; None when the folder is gone."""
        try:
            state = os.statvfs(self._folder)
        except OSError:
            return None
        return state.f_bfree * state.f_frsize, state.f_ffree

    def _measure(self) -> tuple[int, int] | None:
        du = shutil.which("du", path="/usr/bin:/bin")
        if du is None:
            return None
        found = []
        for what in ("--block-size=1", "--inodes"):
            try:
                done = subprocess.run(
                    [du, "--summarize", "--one-file-system", what, "--", str(self._folder)],
                    env={}, capture_output=True, timeout=_SECONDS, check=False,
                )  # fmt: skip
                found.append(int(done.stdout.split(b"\t")[0]))
            except (subprocess.TimeoutExpired, ValueError, OSError):
                return None
        return found[0], found[1]
