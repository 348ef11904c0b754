"""Recipes of checks that are defined again, or look at less: what both sides of a file show together.

What a single command shows stands in `rules/checks.toml`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from workers.guards.edits import Edit, Examined, split
from workers.guards.found import Found, spell
from workers.guards.rules import FORMS, found, is_of

_LONGEST = 1000


def guard(change: Examined) -> Iterator[Found]:
    """Yield targets with a second recipe, and test runners that are given paths."""
    for edit in change.edits:
        if edit.changed.status == "M" and edit.new and is_of("check-settings", edit.path):
            if is_of("makefile", edit.path):
                old, new = _targets(edit.old), _targets(edit.new)
                if twice := [name for name, bodies in new.items() if bodies > 1 >= old[name] > 0]:
                    words = f"defines {spell(twice[0])} again, and only the last definition counts"
                    yield found("forced", edit.path, words)
            if is_of("recipe-file", edit.path) and (number := _ignored(edit)):
                yield found("forced", edit.path, f"the failure of a command is ignored now (line {number})")
            yield from _narrowed(edit)


def _targets(text: str) -> Counter[str]:
    """Return, for each target of a Makefile that runs a check, the number of its recipes."""
    lines = split(text)
    return Counter(
        hit.groups["name"]
        for at, line in enumerate(lines[:-1])
        if lines[at + 1].startswith("\t") and (hit := FORMS["check-target"].search(line[:_LONGEST]))
    )


def _ignored(edit: Edit) -> int:
    """Return the number of a line with a dash before a command that had none, or before any of a check's; tidying up
    may fail.
    """
    had = {line.text.lstrip("\t@+ ").strip() for line in edit.removed}
    fresh, checks = {line.number for line in edit.added}, False
    lines = split(edit.new)
    for number, text in enumerate(lines, 1):
        if text[:1].strip():
            checks = FORMS["check-target"].matches(text[:_LONGEST])
        if number not in fresh or (number > 1 and lines[number - 2].endswith("\\")):
            continue
        hit = FORMS["dashed-command"].search(text[:_LONGEST])
        command = text[:_LONGEST][hit.end :].strip() if hit else ""
        if command and (checks or command in had) and not FORMS["tidying"].matches(command):
            return number
    return 0


def _narrowed(edit: Edit) -> Iterator[Found]:
    """Yield the same call of a test runner as before, with paths behind it."""
    runner, path = FORMS["test-runner"], FORMS["path-argument"]
    before = [line.text.strip().strip("\"',") for line in edit.removed if runner.matches(line.text[:_LONGEST])]
    for line in edit.added if before else ():
        call = line.text[:_LONGEST].strip().strip("\"',")
        start = next((one for one in before if call.startswith(f"{one} ")), None)
        only = next((one for one in call[len(start) :].split() if path.matches(one)), None) if start else None
        if only:
            yield found("deselected", edit.path, f"runs only {spell(only)} (line {line.number})")
            return
