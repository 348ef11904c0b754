"""Tests as a reader of source finds them, whatever the language.

Law: a test is its name and what it asserts; where it stands and how it is laid out does not matter.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Assertion:
    """One assertion in normalised words. `strength` is 3 for an exact value, 0 for what is always true."""

    words: str
    subject: str
    strength: int


@dataclass(frozen=True)
class Test:
    """One test. `skips` counts what keeps it from running, `rows` are its cases where they are written out.

    `group` is a block of tests (`describe`): it has no assertions of its own and its going is not a test's. `helper` is
    a function beside tests that asserts for them: nobody runs it by itself. `fences` counts conditions around the whole
    file or block (build tags, `#if`); `free` are the words of assertions that no condition guards.
    """

    path: str
    name: str
    lines: tuple[str, ...]
    assertions: tuple[Assertion, ...] = ()
    skips: int = 0
    focused: bool = False
    rows: tuple[str, ...] = ()
    blunted: str = ""
    """Why its assertions cannot fail, in words; empty where they can."""
    group: bool = False
    helper: bool = False
    fences: int = 0
    free: tuple[str, ...] = ()

    @property
    def short(self) -> str:
        """Return the name without its class or group."""
        return self.name.rsplit(".", 1)[-1]

    def alike(self, other: Test) -> float:
        """Return the share of lines that two tests have in common, 0 to 1."""
        larger = max(1, len(self.lines), len(other.lines))
        if min(len(self.lines), len(other.lines)) * 4 < larger:
            return 0.0
        return (self.bag & other.bag).total() / larger

    @cached_property
    def bag(self) -> Counter[str]:
        """Return the lines, counted."""
        return Counter(self.lines)
