"""Keep a floor of free space: below it, caches that can be rebuilt are evicted.

Law: an eviction removes only what a later claim can rebuild, the least recently used first, and nothing in use.
"""

from __future__ import annotations

import os
from pathlib import Path

FLOOR = 2 << 30
"""Free bytes below which caches are evicted; on a small disk a twentieth of it."""


def lacking(folder: Path, floor: int = FLOOR) -> int:
    """Return how many free bytes the disk of `folder` lacks; 0 if it cannot be measured."""
    place = next((path for path in (folder, *folder.parents) if path.exists()), None)
    try:
        disk = os.statvfs(place or "/")
    except OSError:
        return 0
    wanted = min(floor, disk.f_blocks * disk.f_frsize // 20)
    return max(0, wanted - disk.f_bavail * disk.f_frsize)
