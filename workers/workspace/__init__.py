"""Git on the host, by plumbing only: mirrors, checkouts without `.git`, exports, commits, pushes.

Law: the host never runs git porcelain on a tree that an agent wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Remote:
    """A repository at its forge: an https (or loopback http) clone URL and a way to get a token when it is needed."""

    full_name: str
    url: str
    token: Callable[[], str | None]


@dataclass(frozen=True)
class Changed:
    """One path of a raw diff. `status` is A, M, D or T; modes are git's ("100644"), shas are blobs (zeros: absent)."""

    path: str
    status: str
    old_mode: str
    new_mode: str
    old_sha: str
    new_sha: str


class ExportRefused(Exception):
    """The tree holds something that must not leave: `paths` with a sentence each, in words the agent can act on."""

    def __init__(self, paths: dict[str, str]) -> None:
        super().__init__("; ".join(f"{path}: {why}" for path, why in list(paths.items())[:5]))
        self.paths = paths


class RemoteRefused(Exception):
    """The forge refused or could not be reached; `again` tells whether trying later can help."""

    def __init__(self, reason: str, *, again: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again


class Mirror(Protocol):
    """The bare repository of one remote on this host."""

    def fetch(self) -> None:
        """Bring all branches up to date, under a lock. Raises `RemoteRefused`."""
        ...

    def sha(self, ref: str) -> str | None:
        """The commit a branch of the remote pointed to at the last fetch, or None."""
        ...

    def has(self, commit: str) -> bool:
        """Whether the mirror holds this commit."""
        ...

    def tree(self, commit: str) -> str:
        """The tree sha of a commit."""
        ...

    def files(self, commit: str) -> tuple[str, ...]:
        """Every path of a commit or tree."""
        ...

    def read(self, commit: str, path: str, limit: int = 1 << 20) -> bytes | None:
        """A file's bytes at a commit or tree (at most `limit`), or None where it is not a regular file there."""
        ...

    def checkout(self, treeish: str, into: Path) -> None:
        """Write the files of a tree into a new or empty folder: plain files, no `.git`, no filters, no hooks."""
        ...

    def export(self, folder: Path, base: str) -> str:
        """Hash a folder that an agent wrote into a tree sha. Raises `ExportRefused`."""
        ...

    def changed(self, base: str, tree: str) -> tuple[Changed, ...]:
        """The raw difference of two trees, renames as delete and add."""
        ...

    def diff(self, base: str, tree: str, limit: int = 1 << 20) -> str:
        """A unified diff for reading, attribute-proof (`--text`, no textconv), cut at `limit` bytes."""
        ...

    def graft(self, base: str, changes: Sequence[Changed]) -> str:
        """The tree of `base` with `changes` made to it, which are part of a raw difference from it."""
        ...

    def commit(self, tree: str, parents: tuple[str, ...], message: str, author: tuple[str, str], at: int) -> str:
        """Write a commit; the same arguments, the same sha. `author` is (name, email), `at` seconds of the epoch."""
        ...

    def revert(self, tip: str, merged: str) -> str | None:
        """The tree of `tip` without what the commit `merged` brought (first parent), or None where they conflict."""
        ...

    def remote_sha(self, branch: str) -> str | None:
        """Where the branch is at the forge right now, or None. Raises `RemoteRefused`."""
        ...

    def push(self, commit: str, branch: str, expected: str | None) -> None:
        """Push with a lease on `expected` (None: the branch must not exist yet). Raises `RemoteRefused`."""
        ...


class Workspaces(Protocol):
    """Every mirror and checkout of this host."""

    def mirror(self, remote: Remote) -> Mirror:
        """The mirror of a remote, cloned when it is not there yet. Raises `RemoteRefused`."""
        ...

    def folder(self, change_id: str, fence: int) -> Path:
        """An empty folder private to one claim."""
        ...

    def tidy(self, change_id: str) -> None:
        """Remove every folder of a change."""
        ...
