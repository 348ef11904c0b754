"""Compare a file that an agent may have written with the one in the base, Git LFS or a submodule.

Law: bytes are compared by their digest, from one open descriptor. Opening the path a second time could find another
file.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from typing import IO

from workers.workspace import names
from workers.workspace.checkout import LINK, REGULAR, TreeEntry
from workers.workspace.proposal import ExportProgress
from workers.workspace.walk import ChangeTooLarge, FoundFile, open_file

_PIECE = 1 << 20


def _count_large(work: ExportProgress, size: int) -> None:
    """Count a file by its size: a sparse file takes no disk space, but as long to read as a full one."""
    if size > work.budget.file_bytes:
        work.large += size
        if work.large > work.budget.large_bytes:
            raise ChangeTooLarge(f"files that hold more than {work.budget.file_bytes >> 20} MB are too large together")


def is_large(work: ExportProgress, blob: str, file: IO[bytes], size: int) -> bool:
    """Return whether a file holds the contents that replaced a Git LFS pointer."""
    found = work.large_file(blob)
    if found is None or found[1] != size:
        return False
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest() == found[0]


def is_same(work: ExportProgress, entry: TreeEntry, file: IO[bytes]) -> bool:
    """Return whether an open file holds what `entry` names."""
    size = os.fstat(file.fileno()).st_size
    _count_large(work, size)
    digest = hashlib.new("sha1" if len(entry.sha) == 40 else "sha256", b"blob %d\0" % size, usedforsecurity=False)
    while piece := file.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest() == entry.sha


def sha_of(content: bytes, length: int) -> str:
    """Return the name of a blob, `length` characters long."""
    kind = "sha1" if length == 40 else "sha256"
    return hashlib.new(kind, b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def new_in_module(work: ExportProgress, found: FoundFile) -> bool:
    """Refuse a new file below a submodule, unless it is ignored."""
    if names.is_git(found.name) or not work.ignores.ignored(found.path, folder=found.kind == "folder"):
        work.blame_module(found.path)
    return True


def consider_module(work: ExportProgress, found: FoundFile) -> None:
    """Compare a file below a submodule with the one that was checked out."""
    entry = work.modules.files.get(found.path)
    if entry is None:
        new_in_module(work, found)
        return
    work.seen.add(found.path)
    same = False
    if found.kind == "link" and entry.mode == LINK:
        with contextlib.suppress(OSError):
            target = os.fsencode(os.readlink(found.name, dir_fd=found.folder))
            same = sha_of(target, len(entry.sha)) == entry.sha
    elif found.kind == "file" and entry.mode in REGULAR and (fd := open_file(found.name, found.folder)) is not None:
        with open(fd, "rb") as file:
            same = is_same(work, entry, file) and (entry.mode == "100755") == found.executable
    if not same:
        work.blame_module(found.path)
