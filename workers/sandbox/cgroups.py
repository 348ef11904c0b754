"""Ceilings for a whole sandbox, where this host lets us make control groups (version 1 or 2): processes and memory.

Law: without them the sandbox still runs, for an ordinary user under the kernel's own limit of processes; root is
exempt from that one, so as root a group is what stops a fork bomb.
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
"""Above the limit of one command, which says so in words it understands."""
FRESH_SECONDS = 60.0
_ROOT = Path("/sys/fs/cgroup")
_OURS = "shipmate-sandboxes"


@dataclass(frozen=True)
class Group:
    """One control group, as a folder per hierarchy."""

    folders: tuple[Path, ...]

    def remove(self) -> None:
        """Forget the group, once nothing is in it."""
        for folder in self.folders:
            with contextlib.suppress(OSError):
                folder.rmdir()


def make(processes: int, memory: int = MEMORY_BYTES) -> Group | None:
    """Return a new group with these ceilings, or None where this host has none for us."""
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
        Group(tuple(made)).remove()
        return None
    return Group(tuple(made)) if made else None


def _hierarchies(processes: int, memory: int) -> list[tuple[Path, dict[str, str]]]:
    """Return our folder in each hierarchy that we may write to, with what to set in a group there."""
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

    A worker in another process namespace cannot be seen from here, so a fresh group, not yet entered, is let be.
    """
    for folder in parent.iterdir():
        owner = folder.name.partition("-")[0]
        with contextlib.suppress(OSError):
            old = time.time() - folder.stat().st_mtime > FRESH_SECONDS
            if folder.is_dir() and owner.isdigit() and old and not Path(f"/proc/{owner}").exists():
                folder.rmdir()
