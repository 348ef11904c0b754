"""The engine: every look of the tables over a change, line by line.

Law: a line counts only in the kind of file where it does harm; the first hit of a rule in a file is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from workers.ecosystems.forms import Hit, encoded
from workers.guards.edits import Edit, Examined, pieces
from workers.guards.found import Found, spell
from workers.guards.rules import LOOKS, Look, found

LONGEST = 1000
"""Characters of a line that are looked at together; what is longer is cut into pieces that overlap."""


def guard(change: Examined) -> Iterator[Found]:
    """Yield what the looks of the tables find in paths and in added lines."""
    for edit in change.edits:
        looks = _looks(edit.path, edit.changed.status)
        for rule, look in looks:
            grown = look.on == "path" or (look.on == "file" and bool(edit.added or edit.binary))
            if grown and (hit := look.search(edit.path)):
                yield found(rule, edit.path, _said(look, hit))
        if edit.new and edit.changed.status != "D":
            yield from _in_lines(edit, [each for each in looks if each[1].on == "line"])


@lru_cache(4096)
def _looks(path: str, status: str) -> tuple[tuple[str, Look], ...]:
    return tuple((rule, look) for rule, look in LOOKS if look.concerns(path, status))


def _in_lines(edit: Edit, looks: list[tuple[str, Look]]) -> Iterator[Found]:
    if not looks or not edit.added:
        return
    lines = [(line.number, text) for line in edit.added for text in pieces(line.text, LONGEST)]
    whole = encoded("\n".join(text for _, text in lines))
    looks = [each for each in looks if each[1].possible(whole)]
    told: set[str] = set()
    for number, text in lines if looks else ():
        bare = encoded(text)
        for rule, look in looks:
            if rule not in told and look.possible(bare) and (hit := look.search(text)):
                told.add(rule)
                if look.not_with not in told:
                    yield found(rule, edit.path, f"{_said(look, hit)} (line {number})")


def _said(look: Look, hit: Hit) -> str:
    return look.sentence.replace("{match}", spell(hit.text.strip()))
