"""Where mirrors and checkouts lie on this host.

Law: a checkout belongs to one claim (change and fence) and is never reused by another.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from workers.workspace import Remote
from workers.workspace.mirror import BareMirror
from workers.workspace.remote import disk_full

_CHANGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


class LocalWorkspaces:
    """Implements `Workspaces` below `home`: `mirrors/<name>-<hash>.git`, `checkouts/<change>/<fence>`."""

    def __init__(self, home: Path) -> None:
        self._mirrors = home / "mirrors"
        self._checkouts = home / "checkouts"

    def mirror(self, remote: Remote) -> BareMirror:
        """The mirror of a remote, cloned when it is not there yet. Raises `RemoteRefused`, `GiveUp` (disk full)."""
        host = urlsplit(remote.url).netloc.rpartition("@")[2].lower()
        key = hashlib.sha256(f"{host}/{remote.full_name.lower()}".encode()).hexdigest()[:16]
        name = re.sub(r"[^A-Za-z0-9-]+", "-", remote.full_name)[-60:].strip("-")
        mirror = BareMirror(self._mirrors / f"{name}-{key}.git", remote)
        mirror.ensure()
        return mirror

    def folder(self, change_id: str, fence: int) -> Path:
        """An empty folder private to one claim; what an earlier try of the same claim left there is removed."""
        place = self._of(change_id) / str(int(fence))
        remove(place)
        try:
            place.mkdir(parents=True, mode=0o700)
        except OSError as error:
            raise disk_full(error) or error from error
        return place

    def tidy(self, change_id: str) -> None:
        """Remove every folder of a change."""
        remove(self._of(change_id))

    def _of(self, change_id: str) -> Path:
        if not _CHANGE.fullmatch(change_id):
            raise ValueError(f"not a change id: {change_id[:60]!r}")
        return self._checkouts / change_id


def remove(place: Path) -> None:
    """Remove a folder that an agent wrote, however deep it is and whatever its permissions; links are not followed.

    The system's own programs do it: they take any depth, where Python's recursion ends at a thousand folders.
    """
    if not place.exists() and not place.is_symlink():
        return
    rm, chmod = shutil.which("rm"), shutil.which("chmod")
    if rm is None or chmod is None:
        shutil.rmtree(place)
        return
    if subprocess.run([rm, "-rf", "--", str(place)], env={}, capture_output=True, check=False).returncode != 0:
        subprocess.run([chmod, "-R", "u+rwX", "--", str(place)], env={}, capture_output=True, check=False)
        subprocess.run([rm, "-rf", "--", str(place)], env={}, capture_output=True, check=True)
