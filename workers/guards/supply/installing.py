"""What runs when packages are installed, built or collected, where a line does not tell: scripts, hooks, start-up code.

Law: such code runs on machines of people and of CI before anyone has tested it, so a second person looks first. Which
files these are, and what they run, is said by the languages' folders.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from workers.ecosystems.places import runs
from workers.ecosystems.registry import ALL
from workers.guards.edits import Edit, Examined
from workers.guards.found import Found, spell
from workers.guards.rules import found

_RUNS = tuple(one for each in ALL if each.supply for one in each.supply.runs)
_ALARMS = {name: alarm for each in ALL for name, alarm in each.alarms.items()}


def guard(change: Examined) -> Iterator[Found]:
    """Yield scripts of packages that run by themselves, and hooks of the test runner."""
    for edit in change.edits:
        if edit.changed.status != "D":
            alarm = _ALARMS.get(edit.path.rpartition("/")[2])
            told: dict[str, str] = {}
            for rule, words in chain(_settings(edit), alarm(edit.old, edit.new) if alarm else ()):
                told.setdefault(rule, words)
            yield from (found(rule, edit.path, words) for rule, words in told.items())


def _settings(edit: Edit) -> Iterator[tuple[str, str]]:
    for one in _RUNS:
        if one.is_for(edit.path):
            before, after = runs(one, edit.old), runs(one, edit.new)
            yield from ((one.rule, one.said(spell(key))) for key in after if before.get(key) != after[key])
