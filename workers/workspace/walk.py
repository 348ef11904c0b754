"""Walk through a folder that an agent wrote, without following its links.

Law: every step goes from an open folder to a name in it, never through a path, and no link is followed. A file is
judged by what was opened, not by what was listed: it may have been replaced in between.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


@dataclass(frozen=True)
class ExportLimits:
    """The most that a change may hold: entries looked at, depth, and the number and bytes of new or changed files.

    Files of more than `file_bytes` are allowed only if the base has them; `large_bytes` limits reading them to compare.
    """

    entries: int = 2_000_000
    depth: int = 64
    path_bytes: int = 2048
    files: int = 20_000
    file_bytes: int = 50 << 20
    total_bytes: int = 500 << 20
    large_bytes: int = 4 << 30


@dataclass(frozen=True)
class FoundFile:
    """A name in a folder: `path` from the root, `folder` an open descriptor, valid until the next one is yielded."""

    path: str
    name: str
    folder: int
    kind: str
    """"folder", "file", "link", "whiteout" (what an overlay puts where a lower file is gone) or "other"."""
    executable: bool
    links: int


class ChangeTooLarge(Exception):
    """The walk reached a limit; the message is a sentence."""


def walk(
    root: str, budget: ExportLimits, enter: Callable[[FoundFile], bool], opened: Callable[[str, int], None]
) -> Iterator[FoundFile]:
    """Yield every name below `root`, a folder before its contents; a folder is opened only if `enter` returns true.

    `opened(path, descriptor)` is called for each folder before its names are yielded. Raises `ChangeTooLarge`, and
    OSError for the root; other folders that vanish or cannot be read are yielded as "other".
    """
    count = 0
    stack = [("", os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))]
    pending: list[list[str]] = []
    try:
        opened("", stack[0][1])
        pending.append(_names(stack[0][1]))
        while stack:
            prefix, fd = stack[-1]
            if not pending[-1]:
                stack.pop()
                pending.pop()
                os.close(fd)
                continue
            name = pending[-1].pop()
            count += 1
            if count > budget.entries:
                raise ChangeTooLarge(f"there are more than {budget.entries:,} files in the folder")
            found = _look(prefix, name, fd)
            if found is None:
                continue
            yield found
            if found.kind != "folder" or not enter(found):
                continue
            if len(stack) > budget.depth or len(os.fsencode(found.path)) > budget.path_bytes:
                raise ChangeTooLarge(f"folders are nested more than {budget.depth} deep")
            try:
                inner = os.open(name, _FOLDER, dir_fd=fd)
            except OSError:
                yield FoundFile(found.path, name, fd, "other", executable=False, links=1)
                continue
            stack.append((found.path, inner))
            opened(found.path, inner)
            pending.append(_names(inner))
    finally:
        for _, fd in stack:
            os.close(fd)


def _names(fd: int) -> list[str]:
    """Return the names of a folder, the first one last."""
    try:
        with os.scandir(fd) as listing:
            return sorted((entry.name for entry in listing), reverse=True)
    except OSError:
        return []


def _look(prefix: str, name: str, folder: int) -> FoundFile | None:
    try:
        state = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return None
    kinds = {stat.S_IFDIR: "folder", stat.S_IFREG: "file", stat.S_IFLNK: "link"}
    kind = kinds.get(stat.S_IFMT(state.st_mode), "other")
    if stat.S_ISCHR(state.st_mode) and state.st_rdev == 0:
        kind = "whiteout"
    path = f"{prefix}/{name}" if prefix else name
    return FoundFile(path, name, folder, kind, bool(state.st_mode & stat.S_IXUSR), state.st_nlink)


def open_file(name: str, folder: int) -> int | None:
    """Return a descriptor of the regular file `name` in `folder`, or None if it is something else by now."""
    try:
        fd = os.open(name, _FILE, dir_fd=folder)
    except OSError:
        return None
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        return None
    return fd
