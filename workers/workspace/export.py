"""Turn a folder that an agent wrote into a tree in the mirror, by plumbing only.

Law: git never looks at the folder. We read it ourselves, give git bytes and names through pipes and files of our own,
and refuse every file that could run code on a host that checks it out.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from workers.workspace import ExportRefused, names
from workers.workspace.checkout import GITLINK, LINK, REGULAR, TreeEntry, entries
from workers.workspace.compare import consider_module, is_large, is_same, new_in_module, sha_of
from workers.workspace.extent import Extent, folders, refuse_outside
from workers.workspace.git import Git, GitFailed
from workers.workspace.ignore import Ignores
from workers.workspace.lfs import LONGEST, pointer
from workers.workspace.name_clashes import refuse_name_clashes
from workers.workspace.proposal import ExportProgress, hashed, refuse_large_files, refuse_modules, refuse_names
from workers.workspace.walk import ChangeTooLarge, ExportLimits, FoundFile, open_file, walk

_PIECE = 1 << 20


@dataclass(frozen=True)
class _Listed:
    """Every path of the base, listed beforehand."""

    paths: Mapping[str, TreeEntry]
    folders: set[str]

    def entry(self, path: str) -> TreeEntry | None:
        return self.paths.get(path)

    def is_folder(self, path: str) -> bool:
        return path in self.folders

    def children(self, folder: str) -> Iterable[str]:
        prefix = f"{folder}/" if folder else ""
        return {path[len(prefix) :].split("/", 1)[0] for path in self.paths if path.startswith(prefix)}

    def below(self, folder: str) -> Iterable[str]:
        return (path for path in self.paths if path.startswith(f"{folder}/"))


def export(git: Git, folder: Path, base: str, budget: ExportLimits | None = None, extent: Extent | None = None) -> str:
    """Return the tree of `folder`: tracked files, and untracked files that are not ignored. Raises `ExportRefused`.

    If `extent` covers only a part of `base`, the rest of `base` is kept as it is.
    """
    extent = extent or Extent()
    with tempfile.TemporaryDirectory(dir=git.gitdir, prefix="export-") as place:
        scratch, spool = Path(place) / "ignore", Path(place) / "spool"
        scratch.mkdir()
        spool.mkdir()
        index = str(Path(place) / "index")
        listed = {entry.name: entry for entry in entries(git, base)}
        with Ignores(git, scratch) as ignores:
            tracked = _Listed(listed, folders(listed))
            work = ExportProgress(tracked, ignores, spool, budget or ExportLimits(), extent.large_file, extent.modules)
            _look_through(work, folder)
        refuse_modules(work)
        gone = [entry for name, entry in listed.items() if name not in work.seen and extent.has(name)]
        refuse_names(work, gone)
        refuse_name_clashes(work, {entry.name for entry in gone})
        refuse_outside(work, extent)
        above = {"", *folders(path for _, path in work.changed)}
        attributes = [listed[name] for one in above if (name := f"{one}/.gitattributes".lstrip("/")) in listed]
        extent.obtain(entry.sha for entry in attributes)
        refuse_large_files(git, work, attributes, index)
        if work.faults:
            raise ExportRefused(work.faults)
        if not gone and not work.changed:
            return base
        return _write(git, work, base, [entry.name for entry in gone], index)


def _look_through(work: ExportProgress, folder: Path) -> None:
    """Walk the whole folder, and take or refuse each file. Raises `ExportRefused` if the walk reaches a limit."""
    try:
        for found in walk(
            str(folder), work.budget, lambda found: enter(work, found), lambda path, fd: learn(work, path, fd)
        ):
            if found.kind != "folder":
                consider(work, found)
    except ChangeTooLarge as ceiling:
        raise ExportRefused({".": str(ceiling)}) from ceiling
    except GitFailed as failure:
        raise ExportRefused({".gitignore": "its rules cannot be worked out in time"}) from failure


def learn(work: ExportProgress, path: str, folder: int) -> None:
    """Take in the `.gitignore` of an open folder."""
    fd = open_file(".gitignore", folder)
    if fd is not None:
        with open(fd, "rb") as file:
            work.ignores.learn(path, file.read(_PIECE))


def enter(work: ExportProgress, found: FoundFile) -> bool:
    """Return whether to look into a folder; refuse one that must not be there."""
    path = found.path
    if path == ".git":
        return False
    if work.modules.home(path) is not None:
        return path in work.modules.folders or not new_in_module(work, found)
    entry = work.base.entry(path)
    if entry is not None and entry.mode == GITLINK:
        work.seen.add(path)
        if path in work.modules.paths:
            return True
        if _holds_anything(found):
            work.blame(path, "is a submodule, which cannot be changed here")
        return False
    if work.base.is_folder(path):
        return True
    why = _unwanted(work, found)
    if why:
        work.blame(path, why)
    return why is None


def _unwanted(work: ExportProgress, found: FoundFile) -> str | None:
    """Return why an untracked name is left out: a sentence for a refusal, "" if it is ignored, None to take it."""
    if not names.is_git(found.name) and work.ignores.ignored(found.path, folder=found.kind == "folder"):
        return ""
    return names.fault(found.name)


def _holds_anything(found: FoundFile) -> bool:
    try:
        fd = os.open(found.name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=found.folder)
    except OSError:
        return True
    try:
        return bool(os.listdir(fd))
    finally:
        os.close(fd)


def consider(work: ExportProgress, found: FoundFile) -> None:
    """Take a file, a link or something else into the export, leave it out, or refuse it."""
    path = found.path
    entry = work.base.entry(path)
    if path == ".git":
        return
    if work.modules.home(path) is not None:
        consider_module(work, found)
        return
    if entry is None:
        why = _unwanted(work, found)
        if why is not None:
            if why:
                work.blame(path, why)
            return
    work.seen.add(path)
    if entry is not None and entry.mode == GITLINK:
        work.blame(path, "is a submodule, which cannot be changed here")
    elif found.kind == "link":
        _consider_link(work, found, entry)
    elif found.kind == "file":
        _consider_file(work, found, entry)
    else:
        work.blame(path, "cannot be read, or is neither a file nor a folder nor a link")


def _consider_link(work: ExportProgress, found: FoundFile, entry: TreeEntry | None) -> None:
    try:
        target = os.fsencode(os.readlink(found.name, dir_fd=found.folder))
    except OSError:
        work.blame(found.path, "changed while it was read")
        return
    if entry is not None and entry.mode == LINK and sha_of(target, len(entry.sha)) == entry.sha:
        return
    why = names.link_fault(found.path, os.fsdecode(target))
    if why is not None:
        work.blame(found.path, why)
    elif _within_budget(work, found.path, len(target)):
        (work.spool / str(len(work.changed))).write_bytes(target)
        work.changed.append((LINK, found.path))


def _consider_file(work: ExportProgress, found: FoundFile, entry: TreeEntry | None) -> None:
    fd = open_file(found.name, found.folder)
    if fd is None:
        work.blame(found.path, "cannot be read")
        return
    with open(fd, "rb") as file:
        size = os.fstat(fd).st_size
        if entry is not None and entry.mode in REGULAR:
            same_mode = (entry.mode == "100755") == found.executable
            if same_mode and (is_same(work, entry, file) or is_large(work, entry.sha, file, size)):
                return
            file.seek(0)
        if found.links > 1:
            work.blame(found.path, "is a hard link to another file")
        elif names.is_gitmodules(found.name):
            work.blame(found.path, "sets up submodules, which cannot be changed here")
        elif size <= LONGEST and pointer(file.read(LONGEST + 1)) is not None:
            work.blame(found.path, "is a pointer to Git LFS, which cannot be added here")
        elif _within_budget(work, found.path, size):
            file.seek(0)
            with open(work.spool / str(len(work.changed)), "wb") as copy:
                _copy(file, copy, work.budget.file_bytes)
            work.changed.append(("100755" if found.executable else "100644", found.path))


def _copy(file: IO[bytes], copy: IO[bytes], left: int) -> None:
    """Copy at most `left` bytes, even if the file grows while it is read."""
    while piece := file.read(min(_PIECE, left)):
        copy.write(piece)
        left -= len(piece)


def _within_budget(work: ExportProgress, path: str, size: int) -> bool:
    work.bytes += size
    if size > work.budget.file_bytes:
        work.blame(path, f"is larger than {work.budget.file_bytes >> 20} MB")
        return False
    if len(work.changed) >= work.budget.files:
        raise ChangeTooLarge(f"more than {work.budget.files:,} files were changed")
    if work.bytes > work.budget.total_bytes:
        raise ChangeTooLarge(f"the changed files are larger than {work.budget.total_bytes >> 20} MB together")
    return True


def _write(git: Git, work: ExportProgress, base: str, gone: list[str], index: str) -> str:
    """Hash the spooled files, put them into a fresh index over the base, and write its tree."""
    env = {"GIT_INDEX_FILE": index}
    git.run("read-tree", base, env=env)
    zeros = "0" * 40
    removed = [f"0 {zeros}\t{path}\0" for path in gone]
    added = [f"{entry.mode} {entry.sha}\t{entry.name}\0" for entry in hashed(git, work)]
    git.run("update-index", "-z", "--index-info", input=os.fsencode("".join(removed + added)), env=env)
    return git.text("write-tree", "--missing-ok", env=env)
