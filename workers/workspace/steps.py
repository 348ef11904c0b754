"""Commits, and the ways of a branch between them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Commit:
    """A commit as git has it. `author` is its raw line: name, address, seconds and time zone."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: str
    message: str


@dataclass(frozen=True)
class Step:
    """The way of a branch from one commit (or tree) to another."""

    before: str
    after: str

    @property
    def back(self) -> Step:
        """Return the way back."""
        return Step(self.after, self.before)


class NotExactly(Exception):
    """A branch does not show one pull request and nothing else; `reason` continues a sentence that begins with "it"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
