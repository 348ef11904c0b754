"""Words of assertions that are compared: without their literals, without blanks, with their tolerances."""

from __future__ import annotations

import re2

from workers.ecosystems.forms import FORMS, Hit

_TEXT = re2.compile(
    r"""\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|"""
    r"\b(?:True|False|true|false|None|nil|null|undefined)\b"
)
_NUMBER = re2.compile(r"(^|[^\w.])-?\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?\w?\b")
_SQUEEZED = str.maketrans("", "", "'\"`,;")


def skeleton(words: str) -> str:
    """Return an assertion without its literals."""
    return _NUMBER.sub(r"\1§", _TEXT.sub("§", words))


def squeezed(words: str) -> str:
    """Return words without blanks, kinds of quotes and trailing commas."""
    return "".join(words.split()).translate(_SQUEEZED)


def looser_tolerance(before: str, after: str) -> bool:
    """Return whether a tolerance of an assertion grew, or its digits became fewer."""
    for name, sign in (("tolerance", 1), ("tolerance-last", 1), ("digits", -1)):
        old, new = ([sign * _number(hit) for hit in FORMS[name].every(side)] for side in (before, after))
        if old and new and max(new) > max(old):
            return True
    tolerance = FORMS["tolerance"]
    return tolerance.matches(after) and not tolerance.matches(before) and "==" in before


def _number(hit: Hit) -> float:
    return float(hit.groups["number"].replace("_", "").rstrip("."))
