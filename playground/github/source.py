"""A git repository on this disk, found by reading its files alone: where its objects are, and what HEAD names.

Law: git is never asked in there. It would read a stranger's configuration.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from .git import SHA, GitError

_BRANCH = re.compile(r"^refs/heads/(?!-)[^\x00-\x20\x7f~^:?*\[\\]+$")
_MOST_LINKS = 5
_LONGEST_POINTER = 8192


@dataclass(frozen=True)
class LocalSource:
    """`branch` is the one HEAD is on, None where it is on none; `shallow` is the file of a shallow clone, or None."""

    objects: Path
    head: str
    branch: str | None
    shallow: Path | None


def is_git(folder: Path) -> bool:
    """Return whether a folder is the top of a work tree, or a bare repository."""
    return (folder / ".git").exists() or ((folder / "objects").is_dir() and (folder / "HEAD").is_file())


def local_source(folder: Path) -> LocalSource:
    """Return the repository of `folder`: a work tree, a linked one, a submodule's or a bare one. Raises GitError in
    words.
    """
    try:
        gitdir = _gitdir(folder)
        shared = _shared(gitdir)
        if not (shared / "objects").is_dir():
            raise GitError(f"{folder} is not a git repository that can be read")
        if (shared / "reftable").is_dir():
            raise GitError(f"{folder} keeps its branches as a reftable, which is not read here")
        head, branch = _head(gitdir, shared)
    except (OSError, UnicodeDecodeError) as fault:
        raise GitError(f"{folder} cannot be read as a git repository: {fault}") from fault
    if len(head) == 64:
        raise GitError(f"{folder} names its objects by SHA-256; GitHub has none like that")
    if not SHA.match(head):
        raise GitError(f"{folder} has no commit yet")
    shallow = shared / "shallow"
    return LocalSource((shared / "objects").resolve(), head, branch, shallow if shallow.is_file() else None)


def _gitdir(folder: Path) -> Path:
    """Return the git directory: `.git` itself, or the folder that a linked work tree or submodule names in it."""
    place = folder / ".git"
    if place.is_dir():
        return place
    if not place.is_file():
        return folder
    return folder / _pointer(place).removeprefix("gitdir:").strip()


def _shared(gitdir: Path) -> Path:
    """Return where branches and objects are: a linked work tree shares those of the first one."""
    place = gitdir / "commondir"
    return gitdir / _pointer(place) if place.is_file() else gitdir


def _head(gitdir: Path, shared: Path) -> tuple[str, str | None]:
    text = _pointer(gitdir / "HEAD")
    branch = None
    for _ in range(_MOST_LINKS):
        if not text.startswith("ref:"):
            break
        name = text.removeprefix("ref:").strip()
        if not name.startswith("refs/") or ".." in name:
            return "", None
        branch = name.removeprefix("refs/heads/") if _BRANCH.match(name) else None
        text = _ref(gitdir, shared, name)
    return text, branch


def _ref(gitdir: Path, shared: Path, name: str) -> str:
    for place in (gitdir / name, shared / name):
        if place.is_file():
            return _pointer(place)
    packed = shared / "packed-refs"
    lines = packed.read_text(errors="surrogateescape").splitlines() if packed.is_file() else []
    return next((line.split(" ")[0] for line in lines if line.endswith(f" {name}")), "")


def _pointer(place: Path) -> str:
    with place.open("rb") as file:
        return file.read(_LONGEST_POINTER).decode().strip()
