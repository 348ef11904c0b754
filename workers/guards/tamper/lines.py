"""Lines that a change adds to make checks pass: forced results, tests left out, code that knows it is tested, silence.

Law: a line counts only in the kind of file where it does harm; the same words in prose or in a shell script about
something else are nobody's business.
"""

from __future__ import annotations

from collections.abc import Iterator

from workers.guards.edits import Edit, Examined, pieces
from workers.guards.found import Found
from workers.guards.rules import found
from workers.guards.tamper.awareness import AWARE
from workers.guards.tamper.forcing import FORCING
from workers.guards.tamper.places import Pattern

_LONGEST = 1000
PATTERNS: tuple[Pattern, ...] = (*FORCING, *AWARE)


def guard(change: Examined) -> Iterator[Found]:
    """The first added line of each kind in each file."""
    for edit in change.edits:
        if edit.changed.status != "D" and edit.new:
            yield from _in_file(edit)


def _in_file(edit: Edit) -> Iterator[Found]:
    patterns = [each for each in PATTERNS if each.where(edit.path) and (each.when is None or each.when(edit))]
    told: set[str] = set()
    for line in edit.added if patterns else ():
        for text in pieces(line.text, _LONGEST):
            for each in patterns:
                if each.rule not in told and each.form.search(text) and not (each.but and each.but.search(text)):
                    told.add(each.rule)
                    if not (each.rule == "silenced" and "silenced-file" in told):
                        yield found(each.rule, edit.path, f"{each.sentence} (line {line.number})")
