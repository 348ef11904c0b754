"""Removing folders that an agent wrote.

Law: the system's own programs do it. They take any depth, where Python's recursion ends at a thousand folders.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


def remove(place: Path) -> None:
    """Remove a folder that an agent wrote, however deep it is and whatever its permissions; links are not followed."""
    if not place.exists() and not place.is_symlink():
        return
    rm, chmod = shutil.which("rm"), shutil.which("chmod")
    if rm is None or chmod is None:
        shutil.rmtree(place)
        return
    if subprocess.run([rm, "-rf", "--", str(place)], env={}, capture_output=True, check=False).returncode != 0:
        subprocess.run([chmod, "-R", "u+rwX", "--", str(place)], env={}, capture_output=True, check=False)
        subprocess.run([rm, "-rf", "--", str(place)], env={}, capture_output=True, check=True)
