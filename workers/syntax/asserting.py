"""What one assertion says, in languages that are read by their grammar: its words, its subject, how much it asks for.

Law: strengths are compared, never added: 3 asks for one value, 2 for less, 1 for hardly anything, 0 for nothing.
"""

from __future__ import annotations

import re2

from workers.ecosystems.suite import Assertion, Role, TestForms
from workers.syntax.nodes import NAMES

_COMPARED = re2.compile(r"\s*(?:[!=]==?|[<>]=?|&&|\|\||~=|=~)\s*")
_EXACT = (
    re2.compile(r"!="),
    re2.compile(r"!= *(nil|true|false)\b"),
    re2.compile(r"! *(\w+\.)?(DeepEqual|Equal|EqualFold)\("),
)
_NEVER = re2.compile(r"&& *false\b|^false\b")
_ROLES: tuple[Role, Role] = ("weak", "exact")
_VALUES = frozenset({"true", "false", "null", "nil", "None", "undefined", "t", "this", "!0", "!1"})


def assertion(statement: str, unquoted: str, given: list[str], alone: bool, how: TestForms) -> Assertion:
    """Return what a statement asserts. `unquoted` are its words without texts, `given` what its calls are given;
    `alone`: it is an `expect` with nothing behind it.
    """
    told = [one for one in map(str.strip, given) if one and not _is_value(one)]
    subject = _COMPARED.split(told[0], maxsplit=1)[0] if told else ""
    weak, exact = (NAMES[role].matches(unquoted) or how.find(role, unquoted) for role in _ROLES)
    strength = 1 if weak else 3 if exact else 2
    sides = told[:2] if len(told) > 1 else _COMPARED.split(told[0]) if told else []
    if len(sides) == 2 and bare(sides[0]) == bare(sides[1]):
        strength = min(strength, 1)
    if (given and not told) or NAMES["vacuous"].matches(unquoted) or (alone and not _COMPARED.search(given[0])):
        strength = 0
    words = bare(statement)
    return Assertion(words, bare(subject) if subject else words, strength)


def condition(asked: str) -> Assertion:
    """Return what an `if` asserts that fails the test in its branch; messages are nothing."""
    asked = asked.strip().removeprefix("(").removesuffix(")") if asked.startswith("(") else asked
    subject = _COMPARED.split(asked, maxsplit=1)[0].lstrip("!( ")
    value, no_value, call = (one.search(asked) for one in _EXACT)
    strength = 0 if _NEVER.search(asked) else 3 if (value and not no_value) or call else 2
    return Assertion(bare(asked), bare(subject) or bare(asked), strength)


def bare(text: str) -> str:
    """Return a text without what formatters change: blanks, kinds of quotes, trailing commas and semicolons."""
    text = "".join(text.split()).replace("'", '"').replace("`", '"')
    for end in ")]}":
        text = text.replace(f",{end}", end)
    return text.rstrip(";,{")


def _is_value(text: str) -> bool:
    """Return whether an argument is a value that is written out."""
    quoted = text[0] in "\"'`" and text[0] == text[-1] and text[0] not in text[1:-1]
    number = text.lstrip("+-")[:1].isdigit() and all(one.isalnum() or one in "._+-" for one in text)
    return quoted or number or text in _VALUES or (text[0] == ":" and text[1:].isidentifier())
