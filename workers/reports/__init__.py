"""What test tools report, one reader per format: bytes in, a `Reading` out, None where the format is another.

Law: a reader counts what is written. It guesses nothing, and hostile text costs it bounded time and memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from bot.domain.verdict import Counts

LINE = 400
"""The longest name or message line that is kept."""
MOST_CASES = 50_000
"""Cases whose outcome is kept by name; counts go on beyond it."""
MOST_FINDINGS = 2000

ROOT = "/workspace/"
"""Where a repository lies in the sandbox: tools print paths below it."""

State = Literal["passed", "failed", "skipped"]

_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class BadReport(Exception):
    """A report cannot be used; the message is a short sentence."""


@dataclass(frozen=True)
class Failing:
    """A test that failed: its name as reported and the first lines of its message (both are outside text)."""

    name: str
    message: str = ""


@dataclass(frozen=True)
class Reading:
    """Counts and failures from one source; `source` names it for a person ("JUnit report").

    `cases` are the tests that ran, by name as reported, where the source names each (else empty); of a name that
    occurs twice the worst outcome counts, so that there may be fewer names than counts.
    """

    source: str
    counts: Counts
    failing: tuple[Failing, ...] = ()
    cases: Mapping[str, State] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Finding:
    """What a linter, formatter or type checker says of one place (all of it outside text).

    `path` is relative to the repository's root where the tool said so; `line` counts from 1 (0: the file as a whole).
    """

    path: str
    line: int
    rule: str
    message: str

    @property
    def identity(self) -> tuple[str, str, str]:
        """Return what stays the same when lines above it come or go."""
        return self.path, self.rule, self.message


END = 2 << 20
"""Characters at the end of an output that hold the summary of a runner which sums up last."""
_PIECE = 1 << 18


def plain(output: str) -> str:
    """Return output without terminal colours, with plain line ends."""
    bare = _ESCAPES.sub("", output) if "\x1b" in output else output
    return bare.replace("\r\n", "\n") if "\r" in bare else bare


def split_lines(output: str) -> list[str]:
    """Return the lines of `plain`. Piece by piece, since nobody else in this process moves while one is split."""
    found: list[str] = []
    at = 0
    while at < len(output):
        end = output.find("\n", at + _PIECE) + 1 or len(output)
        found += plain(output[at:end]).splitlines()
        at = end
    return found


def mentions(output: str, words: str) -> bool:
    """Return whether `words` stand in an output, looked for piece by piece."""
    return any(output.find(words, at, at + _PIECE + len(words)) >= 0 for at in range(0, len(output) or 1, _PIECE))


def cut(text: str, limit: int = LINE) -> str:
    """At most `limit` characters of one line."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


ReadOutput = Callable[[str], Reading | None]
"""Read what a test command printed; None where it is another tool's."""


@dataclass(frozen=True)
class Finder:
    """Read what a quick check printed: () where it found nothing, None where the form is not this tool's.

    `asked` says when it is tried on an output of an unknown tool: a form that cannot be mistaken is asked first.
    """

    read: Callable[[str], tuple[Finding, ...] | None]
    asked: Literal["first", "last", "by name"] = "by name"
