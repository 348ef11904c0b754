"""Sandboxes whose worker was killed at the very moment it started them.

Law: bubblewrap waits for its starter before it ties its life to it, so a kill in between leaves it waiting for ever,
with nothing running inside. Each sandbox therefore carries its worker's mark, and the next worker removes those of the
dead; marks of another process namespace are not ours to judge.
"""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

MARK = "SANDBOX_OWNER"


def mark() -> str:
    """This process as nobody else ever was: its process namespace, its pid, and when it started."""
    return f"{os.stat('/proc/self/ns/pid').st_ino}-{os.getpid()}-{_started(os.getpid())}"


def _started(pid: int) -> str:
    """Return the start time of a process in clock ticks, or "" when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def remove() -> int:
    """Kill every sandbox of a worker that is gone; how many there were."""
    namespace = str(os.stat("/proc/self/ns/pid").st_ino)
    count = 0
    for place in Path("/proc").iterdir():
        if not place.name.isdigit():
            continue
        with contextlib.suppress(OSError, ValueError):
            words = (place / "cmdline").read_bytes().split(b"\0")
            if not words[0].endswith(b"bwrap") or MARK.encode() not in words:
                continue
            there, pid, started = words[words.index(MARK.encode()) + 1].decode().split("-")
            if there == namespace and _started(int(pid)) != started:
                os.kill(int(place.name), signal.SIGKILL)
                count += 1
    return count
