"""Make workspaces: an overlay over a shared checkout, else a copy that shares blocks, else a plain copy.

Law: one claim never sees what another claim writes. Nothing here makes a hard link.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from workers.workspace import Changed, Workspace, overlay
from workers.workspace.checkout import TreeEntry, put, within
from workers.workspace.git import Git
from workers.workspace.layer import OPAQUE
from workers.workspace.trees import TREE, Trees

_CLONE = 0x40049409  # FICLONE
_ABSENT = "000000"


def layered(place: Path, base: str, lower: Path, hold: object, sparse: Sequence[str]) -> Workspace:
    """Return an overlay in `place` over the checkout `lower` of the tree `base`."""
    overlay.lay_out(place, lower)
    return Workspace(place, base, lower, tuple(sparse), hold=hold)


def copied(place: Path, base: str, source: Path, sparse: Sequence[str]) -> Workspace:
    """Return a copy in `place` of the checkout `source`, with shared blocks if the disk can. Raises OSError."""
    workspace = Workspace(place, base, None, tuple(sparse))
    reflink = "always" if clones(place) else "never"
    done = subprocess.run(
        ["cp", "-R", "--preserve=mode,timestamps", "--no-dereference", f"--reflink={reflink}", "--", str(source),
         str(workspace.written)],
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"}, check=False, capture_output=True,
    )  # fmt: skip
    if done.returncode != 0:
        full = b"No space left" in done.stderr or b"quota exceeded" in done.stderr
        raise OSError(errno.ENOSPC if full else errno.EIO, "the checkout could not be copied")
    return workspace


def clones(folder: Path) -> bool:
    """Return whether the file system of `folder` copies files by sharing their blocks."""
    with tempfile.TemporaryFile(dir=folder) as one, tempfile.TemporaryFile(dir=folder) as other:
        one.write(b"x")
        one.flush()
        try:
            fcntl.ioctl(other, _CLONE, one.fileno())
        except OSError:
            return False
        return True


def overlay_from(
    git: Git, upper: Path, base: str, changes: Sequence[Changed], tree: str, sparse: Sequence[str]
) -> None:
    """Write into the empty folder `upper` the files that turn `base` into `tree`. Only differing files cost time."""
    wanted = [one for one in changes if within(one.path, sparse) or one.new_mode != _ABSENT]
    put(git, [TreeEntry(one.new_mode, one.new_sha, one.path) for one in wanted if one.new_mode != _ABSENT], upper)
    with Trees(git, base) as before, Trees(git, tree) as after:
        gone: set[str] = set()
        for one in wanted:
            if one.new_mode == _ABSENT:
                gone.add(_highest_gone(one.path, after))
        for path in sorted(gone):
            if after.entry(path) is None and before.entry(path) is not None:
                (upper / path).parent.mkdir(parents=True, exist_ok=True)
                os.mknod(upper / path, stat.S_IFCHR, os.makedev(0, 0))
        for one in wanted:
            # a folder where the base has a file hides it by itself; older kernels need it explicitly
            if one.old_mode != _ABSENT and (found := after.entry(one.path)) is not None and found.mode == TREE:
                os.setxattr(upper / one.path, OPAQUE, b"y")


def _highest_gone(path: str, after: Trees) -> str:
    """Return the highest folder above `path` that the new tree lacks, or `path` itself."""
    parts = path.split("/")
    for count in range(1, len(parts)):
        above = "/".join(parts[:count])
        found = after.entry(above)
        if found is None or found.mode != TREE:
            return above
    return path
