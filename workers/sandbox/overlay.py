"""Mount a writable folder over a read-only one, in a user and mount namespace of the sandbox's own.

Law: the mount exists only in that namespace. Nothing is mounted on the host, nothing is left behind, no root is needed.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from pathlib import Path

from workers.sandbox.launcher import SandboxStartFailed
from workers.sandbox.spare import SPARES
from workers.workspace.overlay import MERGED, OPTIONS, UPPER, lay_out

_TRY = f"rm {MERGED}/file && rm -r {MERGED}/folder && mkdir {MERGED}/folder && echo new >{MERGED}/folder/new"

_known: dict[int, bool] = {}
_lock = threading.Lock()


def works(folder: Path) -> bool:
    """Return whether overlays work on the file system of `folder`. Tried once for each; call before threads start."""
    device = folder.stat().st_dev
    with _lock:
        if device not in _known:
            _known[device] = _try(folder)
        return _known[device]


def _try(folder: Path) -> bool:
    """Delete a file and replace a folder in a real overlay, and check that the upper folder records both."""
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
        except (OSError, SandboxStartFailed, subprocess.TimeoutExpired):
            return False
        return done == 0 and gone.st_rdev == 0 and opaque == b"y"
