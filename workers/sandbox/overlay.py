"""Laying a writable folder over a read-only one, in a user and mount namespace of the sandbox's own.

Law: the mount exists only in that namespace, so that nothing on the host is mounted, left behind, or needs root. Names
inside a mount's options are always relative, since paths may hold characters that mean something there.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from pathlib import Path

from workers.sandbox.launcher import StartFailed
from workers.sandbox.spare import SPARES

LOWER, UPPER, WORK, MERGED = "lower", "upper", "work", "merged"
OPTIONS = f"lowerdir={LOWER},upperdir={UPPER},workdir={WORK},userxattr"
_TRY = f"rm {MERGED}/file && rm -r {MERGED}/folder && mkdir {MERGED}/folder && echo new >{MERGED}/folder/new"

_known: dict[int, bool] = {}
_lock = threading.Lock()


def lay_out(place: Path, lower: Path) -> None:
    """Make in `place` the folders that an overlay over `lower` needs, as far as they are not there. Raises OSError."""
    for name in (UPPER, WORK, MERGED):
        (place / name).mkdir(mode=0o755, exist_ok=True)
    if not (place / LOWER).is_symlink():
        (place / LOWER).symlink_to(lower.absolute())


def works(folder: Path) -> bool:
    """Whether overlays can be laid on the file system of `folder`. Tried once for each; ask before threads start to."""
    device = folder.stat().st_dev
    with _lock:
        if device not in _known:
            _known[device] = _try(folder)
        return _known[device]


def _try(folder: Path) -> bool:
    """Delete a file and replace a folder in a real overlay, and see whether the upper folder says so."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="try-") as name:
        place = Path(name)
        (place / "below/folder").mkdir(parents=True)
        (place / "below/file").write_text("old")
        (place / "below/folder/old").write_text("old")
        try:
            lay_out(place, place / "below")
            spare = SPARES.take()
            try:
                done = spare.become(["/bin/sh", "-c", _TRY], [], str(place), (OPTIONS, MERGED)).wait(20)
            finally:
                spare.end()
                SPARES.refill()
            gone = os.lstat(place / UPPER / "file")
            opaque = os.getxattr(place / UPPER / "folder", "user.overlay.opaque")
        except (OSError, StartFailed, subprocess.TimeoutExpired):
            return False
        return done == 0 and gone.st_rdev == 0 and opaque == b"y"
