"""Evidence: what the repository's own checks said about one tree or commit.

Law: every number here was read from a parsed report by code. A model never writes one.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from bot.domain.frozen import Frozen


class Verdict(StrEnum):
    """`UNPROVEN` is neither: nothing was run, or nothing countable came back."""

    GREEN = "green"
    RED = "red"
    UNPROVEN = "unproven"


_WORTH = {Verdict.RED: 0, Verdict.UNPROVEN: 1, Verdict.GREEN: 2}


class Counts(Frozen):
    """Test cases by outcome; an error counts as failed."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    @property
    def total(self) -> int:
        """Return how many cases were reported, whatever their outcome."""
        return self.passed + self.failed + self.skipped


class Proof(Frozen):
    """Whether a test of the change fails on the base and passes on the head, as we ran it.

    `none` means that the change adds no test; `why` is a sentence for `unproven` and `none`.
    """

    state: Literal["proven", "unproven", "none"]
    tests: tuple[str, ...] = ()
    why: str = ""


class Step(Frozen):
    """A check beside the tests (a linter, a formatter, a type checker, a build): passed, failed, or not run."""

    name: str
    state: Literal["passed", "failed", "old", "not_run"]
    """`old`: it fails on the base too, and reports nothing new."""
    summary: str = ""


class Evidence(Frozen):
    """The checks of one tree (sandbox) or commit (CI), bound to its sha.

    `reasons` are short sentences a person can read; `failing` are test names as the report spells them (outside
    text: escape before showing); `log` is the artifact id (sha256) of the full output.
    """

    verdict: Verdict
    subject: str
    """The tree or commit sha the evidence speaks of."""
    counts: Counts = Counts()
    reasons: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()
    command: str = ""
    seconds: float = 0.0
    log: str | None = None
    base: Counts | None = None
    """What the same command said on the base commit; None where that is not known."""
    old_failing: tuple[str, ...] = ()
    """Tests that fail here and failed on the base already: named, but not held against the change."""
    flaky: tuple[str, ...] = ()
    """Tests that failed once and passed when run again."""
    unread: tuple[str, ...] = ()
    """Why reports of the tests could not be read or believed."""
    lost: tuple[str, ...] = ()
    """Tests that ran on the base and no longer run."""
    proof: Proof | None = None
    steps: tuple[Step, ...] = ()
    uncovered: tuple[str, ...] = ()
    """Parts of the change that no test that ran covers: a language, with one of its files (outside text)."""
    refused: tuple[str, ...] = ()
    """Hosts that the checks, or the installation of what they need, asked for and did not reach (outside text)."""


def worse(evidence: Evidence, before: Evidence | None) -> bool:
    """Return whether evidence says less for a change than the evidence before, where None proved nothing."""
    return _WORTH[evidence.verdict] < _WORTH[before.verdict if before else Verdict.UNPROVEN]
