"""Collect what one export finds in a change, and judge it once every file was read.

Law: git is given bytes and names through pipes and files of our own; it never looks at a folder that an agent wrote.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from workers.workspace import names
from workers.workspace.checkout import GITLINK, TreeEntry
from workers.workspace.conversations import conversation
from workers.workspace.git import Git, GitFailed, require_sha
from workers.workspace.ignore import Ignores
from workers.workspace.module_files import NOTHING, ModuleFiles
from workers.workspace.walk import ExportLimits

_MOST_FAULTS = 50
LargeFile = Callable[[str], tuple[str, int] | None]
"""(sha256, bytes) of the contents that replaced a Git LFS pointer, by the pointer's blob."""


def no_large_file(_blob: str) -> None:
    """Return None: the default, if no pointer was replaced."""


class Tracked(Protocol):
    """The files that the base tracks."""

    def entry(self, path: str) -> TreeEntry | None:
        """Return the file, link or submodule at a path, or None (also for a folder)."""
        ...

    def is_folder(self, path: str) -> bool:
        """Return whether something is tracked below a path."""
        ...

    def children(self, folder: str) -> Iterable[str]:
        """Return the names in a folder ("": the root); empty if there is no such folder."""
        ...

    def below(self, folder: str) -> Iterable[str]:
        """Return the paths of everything below a folder, except folders."""
        ...


@dataclass
class ExportProgress:
    """Everything that one export has found so far."""

    base: Tracked
    ignores: Ignores
    spool: Path
    budget: ExportLimits
    large_file: LargeFile = no_large_file
    modules: ModuleFiles = NOTHING
    seen: set[str] = field(default_factory=set)
    faults: dict[str, str] = field(default_factory=dict)
    changed: list[tuple[str, str]] = field(default_factory=list)
    """(mode, path) of each spooled file, in the order of their numbers."""
    bytes: int = 0
    large: int = 0
    """Bytes read of files larger than a change may have, to compare them with the base."""

    def blame(self, path: str, why: str) -> None:
        if len(self.faults) < _MOST_FAULTS:
            self.faults[names.shown(path)] = why

    def blame_module(self, path: str) -> None:
        """Refuse a path in a submodule that differs from the checked-out one."""
        home = names.shown(self.modules.home(path) or path)
        self.blame(path, f"is in the submodule {home}, which is read-only here and cannot be changed")


def refuse_modules(work: ExportProgress) -> None:
    """Refuse removed files of submodules, if every file was read."""
    if work.modules.paths:
        for path in sorted(work.modules.files.keys() - work.seen):
            work.blame_module(path)


def refuse_names(work: ExportProgress, gone: Iterable[TreeEntry]) -> None:
    """Refuse removed files that must stay, and names that cannot be written."""
    for entry in gone:
        if entry.mode == GITLINK:
            work.blame(entry.name, "is a submodule, which cannot be changed here")
        if not names.is_text(entry.name):
            work.blame(entry.name, "has a name that is not valid UTF-8, and cannot be changed here")
    for _, path in work.changed:
        if not names.is_text(path):
            work.blame(path, "has a name that is not valid UTF-8, and cannot be changed here")


def refuse_large_files(git: Git, work: ExportProgress, attributes: Sequence[TreeEntry], index: str) -> None:
    """Refuse changed paths that the base keeps in Git LFS: only a pointer was checked out there.

    `attributes` are the base's `.gitattributes` files that may apply to them.
    """
    if not work.changed or not attributes:
        return
    for path in kept_in_lfs(git, [path for _, path in work.changed], attributes, index):
        work.blame(path, "is kept in Git LFS, which cannot be changed here")


def kept_in_lfs(git: Git, paths: Iterable[str], attributes: Iterable[TreeEntry], index: str) -> list[str]:
    """Return the paths that the files `attributes` keep in Git LFS; `index` names a new file."""
    env = {"GIT_INDEX_FILE": f"{index}-attributes"}
    lines = "".join(f"{entry.mode} {entry.sha}\t{entry.name}\0" for entry in attributes)
    git.run("update-index", "-z", "--index-info", input=os.fsencode(lines), env=env)
    asked = b"".join(os.fsencode(path) + b"\0" for path in paths)
    _, out, _ = git.run("check-attr", "--cached", "-z", "--stdin", "filter", input=asked, env=env)
    fields = out.split(b"\0")
    named = zip(fields[0::3], fields[2::3], strict=False)
    return [os.fsdecode(path) for path, value in named if value == b"lfs"]


def hashed(git: Git, work: ExportProgress) -> list[TreeEntry]:
    """Return the spooled files as blobs of the mirror."""
    if not work.changed:
        return []
    paths = [work.spool / str(number) for number in range(len(work.changed))]
    try:
        with conversation(git, "hash-object", "-w", "--no-filters", "--stdin-paths") as process:
            shas = [_hashed(process, place) for place in paths]
    except GitFailed:
        # Once more on its own: only then does git say why, such as that the disk is full.
        asked = os.fsencode("".join(f"{place}\n" for place in paths))
        shas = git.text("hash-object", "-w", "--no-filters", "--stdin-paths", input=asked).split()
    if len(shas) != len(work.changed):
        raise GitFailed("hash-object", 0, "it ended early")
    return [TreeEntry(mode, sha, path) for (mode, path), sha in zip(work.changed, shas, strict=True)]


def _hashed(process: subprocess.Popen[bytes], place: Path) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(os.fsencode(f"{place}\n"))
        process.stdin.flush()
    except BrokenPipeError as error:
        raise GitFailed("hash-object", process.poll(), "it ended early") from error
    sha = process.stdout.readline().decode().strip()
    if not sha:
        raise GitFailed("hash-object", process.poll(), "its output ended early")
    return require_sha(sha)
