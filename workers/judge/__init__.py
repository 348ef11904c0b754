"""The judge: a model without tools and without the agent's history says whether a change is what was asked.

Law: what it says is an opinion, never evidence. It can send work back or ask for a second person; it can prove nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.domain.change import Note, Opinion, Usage
from bot.domain.verdict import Evidence
from workers.agent import Block, Reply


class Reviewer(Protocol):
    """A model that answers once, in a given structure."""

    name: str

    def structured(
        self, system: str, messages: list[Block], schema: Mapping[str, object], cancelled: Callable[[], bool]
    ) -> Reply:
        """Return a reply whose text is JSON of `schema`. Raises `TryAgain`, `GiveUp`, or `ClaimLost`."""
        ...


@dataclass(frozen=True)
class Subject:
    """The change to judge; all of it is outside text.

    `diff` is a unified diff as git's plumbing prints it, without renames; `paths` is everything that really changed, so
    that files missing from the diff can be named. `findings` are the guards' sentences. `pictures` are blocks: each
    picture that people sent along, after its name.
    """

    request: str
    diff: str
    paths: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    title: str = ""
    summary: str = ""
    proven: str = ""
    risks: str = ""
    evidence: Evidence | None = None
    findings: tuple[str, ...] = ()
    pictures: tuple[Block, ...] = ()
    elsewhere: frozenset[str] = frozenset()
    """Paths that the model need not read: code of ours reads such lock files whole, and pictures are never run."""


@dataclass(frozen=True)
class Judgement:
    """`opinion` is None if the review failed; `holds` or `flags` then say so.

    Whatever was not read, or not answered, is a hold: then a second person has to look. `usage` counts every call
    that was made. `record` is what was shown and what was answered, as JSON, for the audit; pictures by their digest.
    """

    opinion: Opinion | None
    flags: tuple[str, ...]
    usage: Usage
    record: bytes
    holds: tuple[str, ...] = ()
