"""What test tools report, one reader per format: bytes in, a `Reading` out, None where the format is another.

Law: a reader counts what is written. It guesses nothing, and hostile text costs it bounded time and memory.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.verdict import Counts

LINE = 400
"""The longest name or message line that is kept."""

_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True)
class Failing:
    """A test that failed: its name as reported and the first lines of its message (both are outside text)."""

    name: str
    message: str = ""


@dataclass(frozen=True)
class Reading:
    """Counts and failures from one source; `source` names it for a person ("JUnit report")."""

    source: str
    counts: Counts
    failing: tuple[Failing, ...] = ()


def plain(output: str) -> str:
    """Output without terminal colours, with plain line ends."""
    return _ESCAPES.sub("", output).replace("\r\n", "\n")


def cut(text: str, limit: int = LINE) -> str:
    """At most `limit` characters of one line."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
