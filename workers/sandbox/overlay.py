"""Laying a writable folder over a read-only one, in a user and mount namespace of the sandbox's own.

Law: the mount exists only in that namespace, so that nothing on the host is mounted, left behind, or needs root. Names
inside a mount's options are always relative, since paths may hold characters that mean something there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

LOWER, UPPER, WORK, MERGED = "lower", "upper", "work", "merged"
_PLACES = ":/usr/bin:/bin:/usr/sbin:/sbin"
_OPTIONS = f"lowerdir={LOWER},upperdir={UPPER},workdir={WORK},userxattr"
_MOUNT = f'"$1" -n -t overlay overlay -o {_OPTIONS} {MERGED} || exit 124; shift; exec "$@"'
_TRY = f"rm {MERGED}/file && rm -r {MERGED}/folder && mkdir {MERGED}/folder && echo new >{MERGED}/folder/new"

_known: dict[int, bool] = {}
_lock = threading.Lock()


def lay_out(place: Path, lower: Path) -> None:
    """Make in `place` the folders that an overlay over `lower` needs, as far as they are not there. Raises OSError."""
    for name in (UPPER, WORK, MERGED):
        (place / name).mkdir(mode=0o755, exist_ok=True)
    if not (place / LOWER).is_symlink():
        (place / LOWER).symlink_to(lower.absolute())


def prefix() -> list[str] | None:
    """What to put before a command, started in a laid out folder, so that it sees the overlay as `merged` in there."""
    search = os.environ.get("PATH", "") + _PLACES
    unshare, mount = shutil.which("unshare", path=search), shutil.which("mount", path=search)
    if unshare is None or mount is None:
        return None
    return [unshare, "--user", "--mount", "--map-root-user", "--", "/bin/sh", "-c", _MOUNT, "sh", mount]


def works(folder: Path) -> bool:
    """Whether overlays can be laid on the file system of `folder`. Tried once for each; ask before threads start to."""
    device = folder.stat().st_dev
    with _lock:
        if device not in _known:
            _known[device] = _try(folder)
        return _known[device]


def _try(folder: Path) -> bool:
    """Delete a file and replace a folder in a real overlay, and see whether the upper folder says so."""
    before = prefix()
    if before is None:
        return False
    with tempfile.TemporaryDirectory(dir=folder, prefix="try-") as name:
        place = Path(name)
        (place / "below/folder").mkdir(parents=True)
        (place / "below/file").write_text("old")
        (place / "below/folder/old").write_text("old")
        try:
            lay_out(place, place / "below")
            done = subprocess.run(
                [*before, "/bin/sh", "-c", _TRY], cwd=place, env={}, capture_output=True, timeout=20, check=False
            )
            gone = os.lstat(place / UPPER / "file")
            opaque = os.getxattr(place / UPPER / "folder", "user.overlay.opaque")
        except (OSError, subprocess.TimeoutExpired):
            return False
        return done.returncode == 0 and gone.st_rdev == 0 and opaque == b"y"
