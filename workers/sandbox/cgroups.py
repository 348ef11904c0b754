"""Limit the processes and memory of a whole sandbox, if this host allows control groups (version 1 or 2).

Law: without control groups the sandbox still runs. The kernel's own limit of processes then stops a fork bomb of an
ordinary user; root is exempt from that limit, so a worker that runs as root needs control groups.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

MEMORY_BYTES = 4 << 30
MOST_PROCESSES = 2048
"""Higher than the limit of one command, so that a command reaches its own limit first and can say so."""
FRESH_SECONDS = 60.0
_ROOT = Path("/sys/fs/cgroup")
_OURS = "shipmate-sandboxes"


@dataclass(frozen=True)
class ControlGroup:
    """One control group, as a folder per hierarchy."""

    folders: tuple[Path, ...]

    def remove(self) -> None:
        """Forget the group, once nothing is in it."""
        for folder in self.folders:
            with contextlib.suppress(OSError):
                folder.rmdir()


def make(processes: int, memory: int = MEMORY_BYTES) -> ControlGroup | None:
    """Return a new group with these limits, or None if this host lets us make none."""
    name = f"{os.getpid()}-{secrets.token_hex(6)}"
    made: list[Path] = []
    try:
        for parent, settings in _hierarchies(processes, memory):
            _forget_the_dead(parent)
            folder = parent / name
            folder.mkdir()
            made.append(folder)
            for file, value in settings.items():
                if (folder / file).exists():
                    (folder / file).write_text(value)
    except OSError:
        ControlGroup(tuple(made)).remove()
        return None
    return ControlGroup(tuple(made)) if made else None


def _hierarchies(processes: int, memory: int) -> list[tuple[Path, dict[str, str]]]:
    """Return our folder in each hierarchy that we may write to, with the settings of a group there."""
    if (_ROOT / "cgroup.controllers").exists():
        if not os.access(_ROOT / "cgroup.subtree_control", os.W_OK):
            return []
        parent = _ROOT / _OURS
        parent.mkdir(exist_ok=True)
        for place in (_ROOT, parent):
            (place / "cgroup.subtree_control").write_text("+pids +memory")
        settings = {"pids.max": str(processes), "memory.max": str(memory), "memory.oom.group": "1"}
        return [(parent, settings)]
    found = []
    for controller, settings in (
        ("pids", {"pids.max": str(processes)}),
        ("memory", {"memory.limit_in_bytes": str(memory), "memory.memsw.limit_in_bytes": str(memory)}),
    ):
        place = _ROOT / controller
        if (place / "cgroup.procs").exists() and os.access(place, os.W_OK):
            (place / _OURS).mkdir(exist_ok=True)
            found.append((place / _OURS, settings))
    return found


def _forget_the_dead(parent: Path) -> None:
    """Remove empty groups of workers that are gone.

    Workers in another process namespace are invisible from here, so a new group that is still empty is left alone.
    """
    for folder in parent.iterdir():
        owner = folder.name.partition("-")[0]
        with contextlib.suppress(OSError):
            old = time.time() - folder.stat().st_mtime > FRESH_SECONDS
            if folder.is_dir() and owner.isdigit() and old and not Path(f"/proc/{owner}").exists():
                folder.rmdir()
