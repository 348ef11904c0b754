"""What looks like a secret and is none: examples, placeholders, references to where the secret really is.

Law: in doubt it is a secret, but for tests and documentation, which are full of made-up ones.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import pairwise

_WORDS = re.compile(
    r"example|sample|dummy|fake|change[_-]?me|changeit|placeholder|your[_-]?|redacted|insert|replace|notreal|not[_-]a|"
    r"x{6,}|\*{3,}|\.{3,}|todo|secret[_-]?(key|here)$|foobar|lorem|invalid|(^|[_-])(mock|test|testing|stub)([_-]|$)|<[^>]*>|"
    r"^[_A-Z]*(KEY|TOKEN|SECRET|PASSWORD)[_A-Z]*$",
    re.I,
)
_REFERENCE = re.compile(
    r"[$%#@]\{|\$\(|\{\{|%\(|^\$|^%[sdv]|^\{[\w.]*\}$|<%|\$[A-Z_]{3,}|os\.environ|process\.env|getenv"
)
_RUNS = (
    "0123456789" * 4, "1234567890" * 4, "abcdefghijklmnopqrstuvwxyz" * 2, "0123456789abcdef" * 3,
    "abcdef0123456789" * 3, "deadbeef" * 5, "cafebabe" * 5,
)  # fmt: skip
_JWT_OF_MANUALS = "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"


def is_placeholder(value: str) -> bool:
    """Says of itself that it is no secret, or names where the secret is, or is one sign over and over."""
    return (
        _WORDS.search(value) is not None
        or _REFERENCE.search(value) is not None
        or _JWT_OF_MANUALS in value
        or len(set(value[4:])) <= 3
    )


def is_made_up(value: str) -> bool:
    """A row of keys on a keyboard or of the alphabet: what people type into tests."""
    low = re.sub(r"[^a-z0-9]", "", value.lower())
    covered = sum(len(piece) for piece in _pieces(low))
    return covered * 2 >= len(low) or entropy(value) < 2.0


def _pieces(low: str, size: int = 6) -> list[str]:
    pieces, at = [], 0
    while at + size <= len(low):
        if any(low[at : at + size] in run for run in _RUNS):
            pieces.append(low[at : at + size])
            at += size
        else:
            at += 1
    return pieces


def is_jumbled(value: str) -> bool:
    """Letters and digits mixed as in no word or name: they take turns, or capitals stand anywhere."""
    digits, letters = sum(char.isdigit() for char in value), sum(char.isalpha() for char in value)
    if letters < 4:
        return False
    kinds = ["d" if char.isdigit() else "u" if char.isupper() else "l" for char in value if char.isalnum()]
    turns = sum((one == "d") != (other == "d") for one, other in pairwise(kinds))
    if digits >= 2 and turns >= 3:
        return True
    changes = sum(one != other for one, other in pairwise(kinds))
    return len(kinds) >= _JUMBLE and changes >= 0.4 * len(kinds) and len(set(kinds)) >= 2


_JUMBLE = 14
"""Letters and digits below which capitals say nothing."""


def entropy(value: str) -> float:
    """Bits per character."""
    total = len(value)
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values()) if total else 0.0
