"""Name an overlay's folders in a workspace: a writable folder over a read-only checkout.

Names inside a mount's options are always relative, since paths may hold characters that are special there.
"""

from __future__ import annotations

from pathlib import Path

LOWER, UPPER, WORK, MERGED = "lower", "upper", "work", "merged"
OPTIONS = f"lowerdir={LOWER},upperdir={UPPER},workdir={WORK},userxattr"


def lay_out(place: Path, lower: Path) -> None:
    """Make the folders in `place` that an overlay over `lower` needs, if they are missing. Raises OSError."""
    for name in (UPPER, WORK, MERGED):
        (place / name).mkdir(mode=0o755, exist_ok=True)
    if not (place / LOWER).is_symlink():
        (place / LOWER).symlink_to(lower.absolute())
