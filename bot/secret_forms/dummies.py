"""What looks like a secret and is none: examples, placeholders, references to where the secret really is.

In doubt it is a secret, except in tests and documentation, which are full of made-up ones.
"""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import re2

_SAYS_SO = (
    r"example|sample|dummy|fake|change[_-]?me|changeit|placeholder|your[_-]?|redacted|insert|replace|notreal|not[_-]a|"
    r"todo|foobar|lorem|invalid"
)
_STANDS_FOR_ONE = (
    r"x{6,}|\*{3,}|\.{3,}|<[^>]*>|secret[_-]?(?:key|here)$|(?:^|[_-])(?:mock|test|testing|stub)(?:[_-]|$)|"
    r"^[_A-Z]*(?:KEY|TOKEN|SECRET|PASSWORD)[_A-Z]*$"
)
_IS_ELSEWHERE = r"[$%#@]\{|\$\(|\{\{|%\(|^\$|^%[sdv]|^\{[\w.]*\}$|<%|\$[A-Z_]{3,}|os\.environ|process\.env|getenv"
_PLACEHOLDERS = (re2.compile(f"(?i){_SAYS_SO}"), re2.compile(f"(?i){_STANDS_FOR_ONE}"), re2.compile(_IS_ELSEWHERE))
_RUNS = (
    "0123456789" * 4, "1234567890" * 4, "abcdefghijklmnopqrstuvwxyz" * 2, "0123456789abcdef" * 3,
    "abcdef0123456789" * 3, "deadbeef" * 5, "cafebabe" * 5,
)  # fmt: skip
_PIECE = 6
_JWT_OF_MANUALS = "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
_JUMBLE = 14
"""Letters and digits below which capitals say nothing."""


def is_placeholder(value: str) -> bool:
    """Return whether a value says that it is no secret, names where the secret is, or is one sign over and over."""
    if len(set(value[4:])) <= 3 or _JWT_OF_MANUALS in value:
        return True
    return any(one.search(value) for one in _PLACEHOLDERS)


def is_made_up(value: str) -> bool:
    """Return whether a value is a row of keys on a keyboard or of the alphabet: what people type into tests."""
    low = "".join(char for char in value.lower() if char.isascii() and char.isalnum())
    covered = at = 0
    while at + _PIECE <= len(low):
        row = any(low[at : at + _PIECE] in run for run in _RUNS)
        covered += _PIECE * row
        at += _PIECE if row else 1
    return covered * 2 >= len(low) or entropy(value) < 2.0


def is_jumbled(value: str) -> bool:
    """Return whether letters and digits are mixed as in no word or name: they take turns, or capitals are anywhere."""
    digits, letters = sum(char.isdigit() for char in value), sum(char.isalpha() for char in value)
    if letters < 4:
        return False
    kinds = ["d" if char.isdigit() else "u" if char.isupper() else "l" for char in value if char.isalnum()]
    turns = sum((one == "d") != (other == "d") for one, other in pairwise(kinds))
    if digits >= 2 and turns >= 3:
        return True
    changes = sum(one != other for one, other in pairwise(kinds))
    return len(kinds) >= _JUMBLE and changes >= 0.4 * len(kinds) and len(set(kinds)) >= 2


def entropy(value: str) -> float:
    """Return the bits for each character."""
    total = len(value)
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values()) if total else 0.0
