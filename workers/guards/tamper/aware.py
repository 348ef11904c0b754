"""Code that does something else depending on where it runs: in a test, in CI, in a sandbox, for some user or host.

Law: asking is a flag (`test-aware`); it is held where what follows from the answer is more than words for people.
"""

from __future__ import annotations

from collections.abc import Iterator

import re2

from workers.guards.edits import LONGEST, Edit, Examined, split
from workers.guards.found import Found
from workers.guards.rules import FORMS, found, is_of

_LONGEST_BODY = 12
_MOST_NAMES = 20
_NAMED = re2.compile(r"^\s*(?:[\w\[\]<>]+\s+){0,3}[$@]?(\w+)(?:\s*:\s*[\w<>]+)?\s*(?::=|=)(?:[^=]|$)")

_WORD = re2.compile(r"\w+")
_CHOOSES = re2.compile(r"\bif\b|\bcase\b|\s\?\s")
"""What an assignment must hold to choose by itself; an answer that is only kept is followed to where it is used."""


def guard(change: Examined) -> Iterator[Found]:
    """Yield the first line of each file that branches on where the code runs."""
    for edit in change.edits:
        if edit.new and edit.changed.status != "D" and is_of("product", edit.path):
            at = _branch(edit)
            if at:
                yield found("special-cased", edit.path, f"behaves differently where it is tried (line {at})")


def _branch(edit: Edit) -> int:
    """Return the number of the first new line on whose answer more than words depends; 0 for none."""
    fresh = [line.number for line in edit.added]
    texts = [line.text[:LONGEST] for line in edit.added]
    if not any(FORMS[name].among(texts) for name in ("asks-where", "asks-who", "asks-host")):
        return 0
    lines = [line[:LONGEST] for line in split(edit.new)]
    where, others = set[str](), set[str]()
    for number in fresh:
        line = lines[number - 1]
        if FORMS["comment-line"].matches(line):
            continue
        strict = FORMS["asks-where"].matches(line) or _names(line, where)
        asks = strict or FORMS["asks-who"].matches(line) or FORMS["asks-host"].matches(line) or _names(line, others)
        if not asks:
            continue
        body = _body(lines, number - 1)
        named = _NAMED.search(line)
        decides = _CHOOSES.search(line) if named else FORMS["decides"].matches(line)
        if decides and _compares(line, body, strict) and not _only_words(line, body):
            return number
        if named and len(where) + len(others) < _MOST_NAMES:
            (where if strict else others).add(named.group(1) or "")
    return 0


def _names(line: str, names: set[str]) -> bool:
    return bool(names) and any(one.group() in names for one in _WORD.finditer(line))


def _compares(line: str, body: list[str], strict: bool) -> bool:
    """Return whether who or what host is asked for is one on which changes are tried; of tests and CI any answer is."""
    whole = "\n".join((line, *body)) if line.lstrip().startswith(("case", "switch", "match", "when")) else line
    return strict or FORMS["tried-place"].matches(whole)


def _body(lines: list[str], at: int) -> list[str]:
    """Return the lines below one that stand further to the right."""
    depth, inside = _depth(lines[at]), []
    for line in lines[at + 1 : at + 1 + _LONGEST_BODY]:
        if line.strip() and _depth(line) <= depth:
            break
        if line.strip():
            inside.append(line)
    return inside


def _depth(line: str) -> int:
    return len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip())


def _only_words(line: str, body: list[str]) -> bool:
    """Return whether all that depends on an answer is what people read: logs, colours, progress."""
    says = FORMS["says-only"]
    return all(map(says.matches, body)) if body else says.matches(line)
