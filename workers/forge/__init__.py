"""The forge (GitHub): repositories, pull requests, CI readings, merges.

Law: the client never retries a call that changes something. A stage that repeats such a call first looks whether the
earlier one had its effect.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.domain.change import Build, Pull
from bot.domain.ci import CiReading, Objection

Method = Literal["merge", "squash", "rebase"]


@dataclass(frozen=True)
class Repository:
    """A served repository as the forge knows it."""

    id: int
    full_name: str
    default_branch: str
    clone_url: str
    html_url: str


@dataclass(frozen=True)
class PullState:
    """The present state of a pull request. `mergeable` is None while the forge still computes it.

    `into` is the branch that it would be merged into, "" where that is not known.
    """

    pull: Pull
    open: bool
    merged: bool
    merge_sha: str | None
    merged_by: str | None
    mergeable: bool | None
    mergeable_state: str
    into: str = ""


@dataclass(frozen=True)
class PullReading:
    """A pull request with all that decides about it, read at one moment.

    `base_tip` is the newest commit of the branch that it goes into, None where that is gone. `methods` are the ways of
    merging that are allowed, the preferred one first; with `queue`, GitHub merges by its merge queue alone.
    """

    state: PullState
    base_tip: str | None
    ci: CiReading
    objections: tuple[Objection, ...]
    methods: tuple[Method, ...]
    queue: bool


class MergeRefused(Exception):
    """The forge refuses to merge this head: `reason` is a sentence for a person.

    A retry won't help, but where the head or the base `moved` at that moment.
    """

    def __init__(self, reason: str, *, moved: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.moved = moved


class Forge(Protocol):
    """Raises `TryAgain` (limits, 5xx, network) or `GiveUp` (permissions, gone) besides what is named."""

    def repository(self, full_name: str) -> Repository: ...

    def clone_url(self, full_name: str) -> str:
        """Return the clone URL of a repository, without a network call."""
        ...

    def token(self, full_name: str) -> str | None:
        """Return a token for git over https on this repository; get a new one if needed."""
        ...

    def find_pull(self, full_name: str, branch: str, *, head: str, into: str) -> PullState | None:
        """Return the open pull request of exactly the commit `head` on `branch` of the same repository, into `into`."""
        ...

    def open_pull(self, full_name: str, *, branch: str, head: str, into: str, title: str, body: str) -> PullState:
        """Open a pull request of the commit `head`, which `branch` is at. One that is open already gets these words."""
        ...

    def pull(self, full_name: str, number: int) -> PullState: ...

    def edit_pull(self, full_name: str, number: int, *, title: str, body: str) -> None: ...

    def read_pull(self, full_name: str, pull: Pull, base: str, own: Collection[str] = ()) -> PullReading:
        """Return one reading of a pull request whose change begins at the commit `base`, in at most three calls.

        `own` are logins of people whose change it is, besides its authors: what they say of it is no proof.
        """
        ...

    def read_builds(self, full_name: str, reading: CiReading) -> tuple[CiReading, tuple[Build, ...]]:
        """Return the reading with test counts of its JUnit artifacts, and the builds of its commit."""
        ...

    def merge(
        self, full_name: str, number: int, *, sha: str, title: str, message: str, methods: Sequence[Method]
    ) -> str:
        """Merge exactly `sha` in the first of these ways that GitHub allows, and return the merge commit's sha.

        Raises `MergeRefused`.
        """
        ...

    def may_push(self, full_name: str, login: str) -> bool:
        """Return whether this person themselves may push to the repository."""
        ...

    def pushed_by(self, full_name: str, number: int, *, since: str) -> tuple[str, ...]:
        """Return the logins of those who pushed to a pull request after the commit `since`, and of their commits.

        "" is an author whom the forge cannot name.
        """
        ...

    def close_pull(self, full_name: str, number: int) -> None: ...

    def delete_branch(self, full_name: str, branch: str, *, head: str) -> None:
        """Remove a branch that is still at the commit `head`; one that moved on is left alone."""
        ...
