"""Remove folders that an agent wrote.

Law: the system's own programs do it. They handle any depth; Python's recursion ends at a thousand folders.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import subprocess
from pathlib import Path


def remove(place: Path) -> None:
    """Remove a folder that an agent wrote, however deep it is and whatever its permissions; links are not followed.

    If an agent wrote its parent folder too, the parent becomes writable for us. Raises OSError.
    """
    if not os.path.lexists(place):
        return
    rm, chmod = shutil.which("rm"), shutil.which("chmod")
    if rm is None or chmod is None:
        shutil.rmtree(place)
        return
    if subprocess.run([rm, "-rf", "--", str(place)], env={}, capture_output=True, check=False).returncode == 0:
        return
    with contextlib.suppress(OSError):
        place.parent.chmod(stat.S_IMODE(place.parent.stat().st_mode) | stat.S_IRWXU)
    if not place.is_symlink():  # `chmod` would follow it
        subprocess.run([chmod, "-R", "u+rwX", "--", str(place)], env={}, capture_output=True, check=False)
    if subprocess.run([rm, "-rf", "--", str(place)], env={}, capture_output=True, check=False).returncode != 0:
        raise OSError(errno.EACCES, "a folder cannot be removed")
