"""Keep a floor of free space: below it, caches that can be rebuilt are evicted.

Law: only what a later claim makes again by itself is removed for room, the longest unused first, and nothing in use.
"""

from __future__ import annotations

import os
from pathlib import Path

FLOOR = 2 << 30
"""Bytes that stay free where something could give way; on a small disk a twentieth of it."""


def lacking(folder: Path, floor: int = FLOOR) -> int:
    """Return how many bytes the disk of `folder` lacks of the floor; 0 where it cannot be asked."""
    place = next((path for path in (folder, *folder.parents) if path.exists()), None)
    try:
        disk = os.statvfs(place or "/")
    except OSError:
        return 0
    wanted = min(floor, disk.f_blocks * disk.f_frsize // 20)
    return max(0, wanted - disk.f_bavail * disk.f_frsize)
