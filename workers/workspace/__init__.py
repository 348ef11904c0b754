"""Git on the host: mirrors, checkouts without `.git`, exports, commits, pushes.

An agent may write a tree whose hooks, filters or attributes run code as soon as git looks at it. So everything here
uses git's plumbing commands, and reads the agent's files itself.

Law: the host never runs git porcelain on a tree that an agent wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from workers.workspace.steps import Commit, Step


def _none_near(_full_name: str) -> None:
    """Find none: the default of `near`, where no other repository is served."""


@dataclass(frozen=True)
class Remote:
    """A repository at its forge: an https (or loopback http) clone URL and a way to get a token when it is needed.

    `near` returns another repository of that forge by its full name, if the operator serves it.
    """

    full_name: str
    url: str
    token: Callable[[], str | None]
    near: Callable[[str], Remote | None] = field(default=_none_near, compare=False, repr=False)


@dataclass(frozen=True)
class Submodule:
    """The place of another repository in a workspace: checked out, or left empty for the reason in `why`."""

    path: str
    why: str = ""


@dataclass(frozen=True)
class Changed:
    """One path of a raw diff. `status` is A, M, D or T; modes are git's ("100644"), shas are blobs (zeros: absent)."""

    path: str
    status: str
    old_mode: str
    new_mode: str
    old_sha: str
    new_sha: str


@dataclass(frozen=True)
class WorkspaceLimit:
    """The most that a workspace may grow beyond what it began with: bytes on the disk, and files."""

    bytes: int = 4 << 30
    files: int = 200_000


@dataclass(frozen=True)
class History:
    """The history that is shown read-only beside a workspace: a commit, and the folder of packs that holds its objects.

    `sparse` are the folders that the workspace has; it has all of them if `sparse` is empty.
    """

    commit: str
    packs: Path
    sparse: tuple[str, ...] = ()


@dataclass(frozen=True)
class Workspace:
    """Files for one claim, as plain data: what a sandbox needs to show them, and an export to read them back.

    `place` is a folder private to the claim. `lower` is a shared, read-only checkout of the tree `base`: a sandbox
    mounts `place/upper` over it, so only the differences take disk space. Without `lower`, `place/files` holds every
    file. `sparse` are the folders that were checked out; all of them if it is empty.
    """

    place: Path
    base: str
    lower: Path | None = None
    sparse: tuple[str, ...] = ()
    limit: WorkspaceLimit = WorkspaceLimit()
    history: History | None = None
    lfs: bool = False
    """True if Git LFS pointers were replaced by the contents they point to."""
    submodules: bool | tuple[str, ...] = False
    """The submodules to check out: none, all that are allowed, or those at these paths."""
    hold: object = field(default=None, compare=False, repr=False)
    """Keeps `lower` on the disk for as long as this value lives."""

    @property
    def written(self) -> Path:
        """Return the folder that holds what a sandbox wrote: `upper` over `lower`, or all the files."""
        return self.place / ("files" if self.lower is None else "upper")


class ExportRefused(Exception):
    """The tree holds something that must not leave: each path with a sentence that the agent can act on."""

    def __init__(self, paths: dict[str, str]) -> None:
        super().__init__("; ".join(f"{path}: {why}" for path, why in list(paths.items())[:5]))
        self.paths = paths


class BundleRefused(Exception):
    """The file is not one of our bundles, or is too large."""


class RemoteRefused(Exception):
    """The forge refused or could not be reached; `again` is true if trying later can help."""

    def __init__(self, reason: str, *, again: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again


class Mirror(Protocol):
    """The bare repository of one remote on this host."""

    def fetch(self) -> None:
        """Fetch all branches, under a lock. Raises `RemoteRefused`."""
        ...

    def sha(self, ref: str) -> str | None:
        """Return the commit a branch of the remote pointed to at the last fetch, or None."""
        ...

    def has(self, commit: str) -> bool:
        """Return whether the mirror holds this commit."""
        ...

    def holds(self, tree: str) -> bool:
        """Return whether the mirror holds this tree."""
        ...

    def tree(self, commit: str) -> str:
        """Return the tree sha of a commit."""
        ...

    def files(self, commit: str, sparse: Sequence[str] = ()) -> tuple[str, ...]:
        """Return every path of a commit or tree. With `sparse`, only those in, beside and above these folders."""
        ...

    def submodules(
        self, treeish: str, chosen: bool | tuple[str, ...] = False, sparse: Sequence[str] = ()
    ) -> tuple[Submodule, ...]:
        """Return the submodules in the folders `sparse` of a commit or tree, and which `chosen` ones are fetched.

        Raises `RemoteRefused`.
        """
        ...

    def gather(self, treeish: str, sparse: Sequence[str] = ()) -> None:
        """Fetch the contents of all files in the folders `sparse` (without any: of every file) that this host lacks.

        Raises `RemoteRefused`.
        """
        ...

    def gather_changed(self, changed: Sequence[Changed]) -> None:
        """Fetch the contents on both sides of a difference that this host lacks. Raises `RemoteRefused`."""
        ...

    def read(self, commit: str, path: str, limit: int = 1 << 20) -> bytes | None:
        """Return a file's bytes at a commit or tree (at most `limit`), or None where it is not a regular file there."""
        ...

    def checkout(
        self, treeish: str, into: Path, sparse: Sequence[str] = (), *, lfs: bool = False,
        submodules: bool | tuple[str, ...] = False,
    ) -> None:  # fmt: skip
        """Write the files of a tree, or of its folders `sparse` and what is above them, into a new or empty folder.

        Plain files: no `.git`, no filters, no hooks. `lfs` and `submodules` as in a workspace. Raises `RemoteRefused`.
        """
        ...

    def workspace(
        self, place: Path, base: str, *, tree: str | None = None, sparse: Sequence[str] = (), history: bool = False,
        lfs: bool = False, submodules: bool | tuple[str, ...] = False,
    ) -> Workspace:  # fmt: skip
        """Return a workspace in the empty folder `place` that begins as `tree` (default: `base`).

        It is exported over `base`. `history` shows the history of the commit `base` in it. `lfs` replaces Git LFS
        pointers by their contents. `submodules` are checked out read-only: all that are allowed, or those at some
        paths. Raises `RemoteRefused`.
        """
        ...

    def restore(self, workspace: Workspace, tree: str) -> None:
        """Make a workspace equal to `tree`. No sandbox may show it at that moment."""
        ...

    def export(self, folder: Path | Workspace, base: str) -> str:
        """Hash what an agent wrote, in a folder or a workspace over `base`, into a tree sha. Raises `ExportRefused`."""
        ...

    def bundle(self, base: str, tree: str) -> bytes:
        """Return the objects of `tree` that `base` lacks, for `unbundle` on another host."""
        ...

    def unbundle(self, data: bytes) -> str:
        """Add the objects of a bundle to the mirror, and return the tree's sha. Raises `BundleRefused`."""
        ...

    def link(self, commit: str, path: str) -> bytes | None:
        """Return where a symbolic link of a commit or tree points to, or None where there is none."""
        ...

    def merge_base(self, one: str, other: str) -> str | None:
        """Return the newest commit that two commits have in common, or None where they share none."""
        ...

    def changed(self, base: str, tree: str) -> tuple[Changed, ...]:
        """Return the raw difference of two trees, renames as delete and add."""
        ...

    def diff(self, base: str, tree: str, limit: int = 1 << 20) -> str:
        """Return a unified diff for reading, attribute-proof (`--text`, no textconv), cut at `limit` bytes."""
        ...

    def graft(self, base: str, changes: Sequence[Changed]) -> str:
        """Return the tree of `base` with `changes` applied. They are part of a raw difference from `base`."""
        ...

    def commit(self, tree: str, parents: tuple[str, ...], message: str, author: tuple[str, str], at: int) -> str:
        """Write a commit; the same arguments, the same sha. `author` is (name, email), `at` seconds of the epoch."""
        ...

    def commits(self, goal: str, *, since: str) -> tuple[Commit, ...]:
        """Return the commits of `goal` that `since` lacks, newest first; not all of very many."""
        ...

    def contains(self, tip: str, commit: str) -> bool:
        """Return whether `commit` is `tip` or one of its ancestors."""
        ...

    def landed(self, merged: str, head: str, since: str) -> Step:
        """Return the step of a branch that brought the pull request `head` to it.

        `merged` is where the forge says that it ended up, `since` the commit that it was begun from. Raises
        `NotExactly` where the commits do not show that the step brought all of `head` and nothing else,
        `RemoteRefused`.
        """
        ...

    def replay(self, step: Step, onto: str) -> str | None:
        """Return the tree of `onto` with a step applied, or None where they conflict. Raises `RemoteRefused`."""
        ...

    def remote_heads(self, prefix: str) -> dict[str, str]:
        """Return the branches at the forge right now whose names begin like this. Raises `RemoteRefused`."""
        ...

    def remote_sha(self, branch: str) -> str | None:
        """Return where the branch is at the forge right now, or None. Raises `RemoteRefused`."""
        ...

    def push(self, commit: str, branch: str, expected: str | None) -> None:
        """Push with a lease on `expected` (None: the branch must not exist yet). Raises `RemoteRefused`."""
        ...


class Workspaces(Protocol):
    """Every mirror and checkout of this host."""

    def mirror(self, remote: Remote, *, partial: bool = False) -> Mirror:
        """Return the mirror of a remote, cloned when it is missing, without the contents of files where `partial`.

        Raises `RemoteRefused`.
        """
        ...

    def folder(self, change_id: str, fence: int, part: str = "") -> Path:
        """Return an empty folder private to one claim, or to one `part` of it (a lower-case word)."""
        ...

    def tidy(self, change_id: str) -> None:
        """Remove every folder of a change."""
        ...

    def make_room(self) -> int:
        """Remove unused caches that can be rebuilt, while the disk is short of space; return how many were removed."""
        ...
