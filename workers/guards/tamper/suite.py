"""Tests as a reader of source finds them, whatever the language.

Law: a test is its name and what it asserts; where it stands and how it is laid out is nobody's business.
"""

from __future__ import annotations

import re
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
        """The name without its class or group."""
        return self.name.rsplit(".", 1)[-1]

    def alike(self, other: Test) -> float:
        """The share of lines that two tests have in common, 0 to 1."""
        larger = max(1, len(self.lines), len(other.lines))
        if min(len(self.lines), len(other.lines)) * 4 < larger:
            return 0.0
        return (self.bag & other.bag).total() / larger

    @cached_property
    def bag(self) -> Counter[str]:
        """The lines, counted."""
        return Counter(self.lines)


_LITERAL = re.compile(
    r"\"(?:[^\"\\]|\\.)*+\"|'(?:[^'\\]|\\.)*+'|`(?:[^`\\]|\\.)*+`|(?<![\w.])-?\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?\w?\b|"
    r"\b(?:True|False|true|false|None|nil|null|undefined)\b"
)
_TOLERANCE = re.compile(
    r"\b(?:abs|rel|rel_tol|abs_tol|atol|rtol|delta|epsilon|eps|tolerance|within|precision_loss|max_diff)\w*\s*[=:(]\s*"
    r"(\d[\d_]*(?:\.\d*)?(?:e[+-]?\d+)?)|\bapprox\([^(),]{1,80},\s*(\d[\d_]*(?:\.\d*)?(?:e[+-]?\d+)?)",
    re.I,
)
_LAST_NUMBER = re.compile(
    r"(?:InDelta|InEpsilon|assertAlmostEquals?|be_within|closeTo|ASSERT_NEAR|EXPECT_NEAR|assertEqualsWithDelta|isCloseTo)\w*"
    r".*?,?\s*(\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*\)?[;)]*$"
)
_PLACES = re.compile(r"\b(?:places|decimal|significant|ndigits)\s*=\s*(\d+)|toBeCloseTo\([^,]*,\s*(\d+)")


def skeleton(words: str) -> str:
    """An assertion without its literals."""
    return _LITERAL.sub("§", words)


def squeezed(words: str) -> str:
    """Words without blanks, kinds of quotes and trailing commas."""
    return re.sub(r"[\s'\"`,;]+", "", words)


def looser_tolerance(before: str, after: str) -> bool:
    """Whether a tolerance of an assertion grew, or its digits became fewer."""
    for pattern, sign in ((_TOLERANCE, 1), (_LAST_NUMBER, 1), (_PLACES, -1)):
        old, new = ([_number(one) for one in pattern.finditer(side)] for side in (before, after))
        if old and new and max(sign * one for one in new) > max(sign * one for one in old):
            return True
    return (_TOLERANCE.search(after) is not None) and _TOLERANCE.search(before) is None and "==" in before


def _number(found: re.Match[str]) -> float:
    text = next((group for group in found.groups() if group), "0")
    return float(text.replace("_", "").rstrip("."))
