"""One supervisor per state folder.

Law: the lock is the kernel's (flock), so that it ends with its process; the text in the file only says whose it is.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shipmate.embedded.once import private_folder


@dataclass(frozen=True)
class RunningSupervisor:
    """The supervisor that holds a home: its process id, and what it wrote down (its URL, for one)."""

    pid: int
    facts: Mapping[str, object]


class AlreadyRuns(Exception):
    """Another supervisor holds the home."""

    def __init__(self, running: RunningSupervisor) -> None:
        super().__init__(f"Shipmate already runs from this folder (process {running.pid})")
        self.running = running


class HomeLock:
    """Held from construction to `release`. Raises `AlreadyRuns`."""

    def __init__(self, home: Path) -> None:
        self._fd = os.open(private_folder(home / "run") / "supervisor", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not self._taken():
            os.close(self._fd)
            raise AlreadyRuns(_read(home))
        self.write({})

    def _taken(self) -> bool:
        """Tried for a moment, because `who_runs` of another process touches the lock while it looks."""
        for _ in range(20):
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.01)
            else:
                return True
        return False

    def write(self, facts: Mapping[str, object]) -> None:
        """Say to others what runs here."""
        content = json.dumps({"pid": os.getpid(), **facts}).encode()
        os.pwrite(self._fd, content.ljust(2000), 0)
        os.ftruncate(self._fd, max(2000, len(content)))

    def release(self) -> None:
        """Give the home free."""
        os.ftruncate(self._fd, 0)
        os.close(self._fd)


def who_runs(home: Path) -> RunningSupervisor | None:
    """Return the supervisor of this home, if one is alive."""
    try:
        fd = os.open(home / "run" / "supervisor", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(home)
    finally:
        os.close(fd)
    return None


def _read(home: Path) -> RunningSupervisor:
    try:
        facts = json.loads((home / "run" / "supervisor").read_text())
        return RunningSupervisor(int(facts.pop("pid")), facts)
    except (OSError, ValueError, KeyError):
        return RunningSupervisor(0, {})
