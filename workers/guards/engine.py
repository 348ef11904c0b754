"""The engine: every look of the tables over a change.

Law: a line counts only in the kind of file where it does harm; the first hit of a rule in a file is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from workers.ecosystems.forms import Hit, encoded, has
from workers.guards.edits import LONGEST, Edit, Examined, pieces, split
from workers.guards.found import Found, spell
from workers.guards.rules import LOOKS, Look, found

_MOST_PARTS = 200
"""Lines of one command."""
Looks = list[tuple[str, Look]]


def guard(change: Examined) -> Iterator[Found]:
    """Yield what the looks of the tables find in paths, in added lines, and in texts that are compared."""
    for edit in change.edits:
        told: set[str] = set()
        looks = _looks(edit.path, edit.changed.status)
        for rule, look in looks:
            if look.on in {"path", "file"}:
                grown = look.on == "path" or bool(edit.added or edit.binary)
                if grown and (hit := look.search(edit.path)):
                    yield found(rule, edit.path, _said(look, hit))
            elif look.on in {"whole", "fewer", "lost"} and rule not in told and (words := _compared(edit, look)):
                told.add(rule)
                yield found(rule, edit.path, words)
        if edit.new and edit.changed.status != "D" and edit.added:
            lines = ((line.number, line.text) for line in edit.added)
            yield from _in_lines(edit, [each for each in looks if each[1].on == "line"], lines, told)
            yield from _in_lines(edit, [each for each in looks if each[1].on == "command"], _commands(edit), told)


@lru_cache(4096)
def _looks(path: str, status: str) -> tuple[tuple[str, Look], ...]:
    return tuple((rule, look) for rule, look in LOOKS if look.concerns(path, status))


def _holds(look: Look, text: str) -> bool:
    return all(has(name, text) for name in look.text)


def _compared(edit: Edit, look: Look) -> str:
    """Return what is said of a text that was changed, "" for nothing."""
    if edit.moved_from is not None or edit.moved_to is not None:
        return ""
    before, after = list(look.every(edit.old)), list(look.every(edit.new))
    if look.on == "whole":
        number = f" (line {edit.new.count(chr(10), 0, after[0].start) + 1})" if after else ""
        return _said(look, after[0]) + number if after and not before and _holds(look, edit.new) else ""
    if len(after) >= len(before) or (look.on == "lost" and after) or not _holds(look, edit.old):
        return ""
    return _said(look, before[0]).replace("{before}", str(len(before))).replace("{after}", str(len(after)))


def _in_lines(edit: Edit, looks: Looks, every: Iterable[tuple[int, str]], told: set[str]) -> Iterator[Found]:
    looks = [each for each in looks if _holds(each[1], edit.new)]
    lines = [(number, piece) for number, text in every for piece in pieces(text, LONGEST)] if looks else []
    whole = encoded("\n".join(text for _, text in lines))
    looks = [each for each in looks if each[1].possible(whole)]
    for number, text in lines if looks else ():
        bare = encoded(text)
        for rule, look in looks:
            if rule not in told and look.possible(bare) and (hit := look.search(text)):
                told.add(rule)
                if look.not_with not in told:
                    yield found(rule, edit.path, f"{_said(look, hit)} (line {number})")


def _commands(edit: Edit) -> Iterator[tuple[int, str]]:
    """Yield every command with anything new: the number of its first line, and its text without line breaks."""
    fresh = {line.number for line in edit.added}
    parts: list[str] = []
    for number, line in enumerate((*split(edit.new), ""), 1):
        goes_on = line.endswith("\\") and len(parts) < _MOST_PARTS
        parts.append(line[:-1] if goes_on else line)
        if not goes_on:
            first = number - len(parts) + 1
            if not fresh.isdisjoint(range(first, number + 1)):
                yield first, " ".join([parts[0], *(part.strip() for part in parts[1:])])
            parts = []


def _said(look: Look, hit: Hit) -> str:
    return look.sentence.replace("{match}", spell(hit.text.strip()))
