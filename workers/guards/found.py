"""What a guard says: one finding, its rule and level, in a sentence a person can read.

Law: outside text (paths, names, values) enters a sentence only through `spell`; a secret never enters one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Level = Literal["block", "hold", "flag"]
"""`block` sends the change back, `hold` asks for a second approver, `flag` is shown to the approver."""

Read = Callable[[str], bytes | None]
"""A path's bytes in one tree, or None where it is no regular file there."""

_LONGEST_PATH = 160
_LONGEST_TEXT = 60
_ESCAPED_BYTES = range(0xDC80, 0xDD00)
"""How `surrogateescape` spells bytes that are no UTF-8."""


@dataclass(frozen=True)
class Found:
    """One finding. `rule` is a key of `RULES`, `words` one sentence with the path spelled in it."""

    rule: str
    level: Level
    path: str
    words: str
    passable: bool = False
    """A block that two people may let through: what it stops, people have named themselves."""


def spell(text: str, longest: int = _LONGEST_TEXT) -> str:
    """Return outside text for a sentence: nothing invisible or moving in it, at most `longest` characters."""
    if len(text) > longest:
        half = (longest - 1) // 2
        text = f"{text[:half]}…{text[-half:]}"
    return "".join(map(_visible, text))


def spell_path(path: str) -> str:
    """Return a path for a sentence."""
    return spell(path, _LONGEST_PATH)


def _visible(char: str) -> str:
    if " " <= char <= "~":
        return char
    code = ord(char)
    if code in _ESCAPED_BYTES:
        return f"\\x{code - 0xDC00:02x}"
    category = unicodedata.category(char)
    if category[0] in "CZ" or category in {"Mn", "Me"}:
        return f"<U+{code:04X}>"
    return char
