"""The forge (GitHub): repositories, pull requests, CI readings, merges.

Law: the client never retries a call that changes something. A stage that repeats such a call first looks whether the
earlier one had its effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.domain.change import Build, CiReading, Pull


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


class MergeRefused(Exception):
    """The forge refuses to merge this head, and a retry won't help: `reason` is a sentence for a person."""

    def __init__(self, reason: str, *, head_moved: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.head_moved = head_moved


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

    def read_ci(self, full_name: str, sha: str) -> tuple[CiReading, tuple[Build, ...]]:
        """Return checks, statuses, deployments and builds of one commit, with test counts from its JUnit artifacts."""
        ...

    def merge(self, full_name: str, number: int, *, sha: str, title: str, message: str) -> str:
        """Merge exactly `sha`, and return the merge commit's sha. Raises `MergeRefused`."""
        ...

    def may_push(self, full_name: str, login: str) -> bool:
        """Return whether this person themselves may push to the repository."""
        ...

    def pushed_by(self, full_name: str, number: int, *, since: str) -> tuple[str, ...]:
        """Return the logins of those who pushed to a pull request after the commit `since`, and of their commits.

        "" stands for somebody whom the forge cannot name.
        """
        ...

    def close_pull(self, full_name: str, number: int) -> None: ...

    def delete_branch(self, full_name: str, branch: str, *, head: str) -> None:
        """Remove a branch that is still at the commit `head`; one that moved on is left alone."""
        ...
