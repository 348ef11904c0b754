"""Remove sandboxes whose worker was killed at the moment it started them.

bubblewrap waits for its starter before it ties its life to it. If the starter is killed in between, bubblewrap waits
forever, with nothing running inside. So each sandbox carries its worker's mark, and the next worker removes the
sandboxes of dead workers.

Law: a mark of another process namespace is left alone: we cannot see whether its worker lives.
"""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

MARK = "SANDBOX_OWNER"


def mark() -> str:
    """Return a mark that no other process ever has: its process namespace, its pid, and its start time."""
    return f"{os.stat('/proc/self/ns/pid').st_ino}-{os.getpid()}-{_started(os.getpid())}"


def _started(pid: int) -> str:
    """Return the start time of a process in clock ticks, or "" when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def remove() -> int:
    """Kill every sandbox of a worker that is gone; return how many there were."""
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
