"""Lay out mirrors and checkouts on this host.

Law: a checkout belongs to one claim (change and fence) and is never reused by another.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from workers.workspace import Remote, bases, lfs
from workers.workspace.bases import Bases
from workers.workspace.mirror import BareMirror, Layers
from workers.workspace.remote import disk_full
from workers.workspace.remote_files import Read, chosen
from workers.workspace.removal import remove

_PART = re.compile(r"[a-z]{0,20}")
_CHANGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


class LocalWorkspaces:
    """Implements `Workspaces` below `home`: `mirrors/<name>-<hash>.git`, `bases/<name>-<hash>/<tree>`,
    `checkouts/<change>/<fence>[-<part>]`.

    `layers` says whether workspaces may be overlays; the sandbox decides that, because it mounts them. `partial`
    decides from files at a repository's root whether its mirror leaves out the contents of files.
    """

    def __init__(self, home: Path, *, layers: Layers, partial: Callable[[Read], bool] | None = None) -> None:
        self._choose = partial
        self._mirrors = home / "mirrors"
        self._bases = home / "bases"
        self._checkouts = home / "checkouts"
        self._layers = layers

    def mirror(self, remote: Remote, *, partial: bool = False) -> BareMirror:
        """Return the mirror of a remote, cloned if it is missing.

        A new clone leaves out the contents of files if `partial` is set or the repository asks for it. An existing
        mirror stays as it is. Raises `RemoteRefused`, `GiveUp` (disk full).
        """
        host = urlsplit(remote.url).netloc.rpartition("@")[2].lower()
        key = hashlib.sha256(f"{host}/{remote.full_name.lower()}".encode()).hexdigest()[:16]
        name = re.sub(r"[^A-Za-z0-9-]+", "-", remote.full_name)[-60:].strip("-")
        shared = Bases(self._bases / f"{name}-{key}")
        place = self._mirrors / f"{name}-{key}.git"
        if self._choose is not None and not partial and not (place / "HEAD").exists():
            partial = chosen(remote.url, remote.token(), self._mirrors, self._choose)
        mirror = BareMirror(place, remote, shared, layers=self._layers, partial=partial, others=self.mirror)
        mirror.ensure()
        return mirror

    def folder(self, change_id: str, fence: int, part: str = "") -> Path:
        """Return an empty folder private to one claim, or to one `part` of it (a lower-case word).

        Files of an earlier try of the same claim are removed.
        """
        if not _PART.fullmatch(part):
            raise ValueError(f"not a part: {part[:60]!r}")
        place = self._of(change_id) / f"{int(fence)}{part and f'-{part}'}"
        remove(place)
        try:
            place.mkdir(parents=True, mode=0o700)
        except OSError as error:
            raise disk_full(error) or error from error
        return place

    def make_room(self) -> int:
        """Evict caches while the disk is short of space: unused shared checkouts, then fetched Git LFS contents.

        The least recently used go first. Returns how many were removed.
        """
        return bases.make_room(self._bases) + lfs.make_room(self._mirrors)

    def tidy(self, change_id: str) -> None:
        """Remove every folder of a change."""
        remove(self._of(change_id))

    def _of(self, change_id: str) -> Path:
        if not _CHANGE.fullmatch(change_id):
            raise ValueError(f"not a change id: {change_id[:60]!r}")
        return self._checkouts / change_id
