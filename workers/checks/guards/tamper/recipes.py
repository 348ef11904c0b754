"""Recipes of test commands that cannot fail any more: Makefiles, scripts, tox and nox files, read by logical lines.

Law: a line that goes on in the next one is one line here, however it is broken; only new lines count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workers.checks.guards.edits import Edit, Examined, pieces, split
from workers.checks.guards.found import Found, spell
from workers.checks.guards.rules import found
from workers.checks.guards.tamper.lines import PATTERNS, TOOL, is_settings

_MAKE = re.compile(r"(^|/)(GNU)?[Mm]akefile(\.\w+)?$|\.mk$")
_TOX = re.compile(r"(^|/)tox\.ini$")
_NOX = re.compile(r"(^|/)noxfile\.py$")
_RECIPES = re.compile(r"(^|/)((GNU)?[Mm]akefile|tox\.ini|noxfile\.py|[Jj]ustfile|Rakefile)$")
_CALM = r"(?:true\b|:|exit\s+0|echo\b|printf\b|/bin/true)"
_FORCED = re.compile(
    rf"\b{TOOL}[^#\n]*\|\|\s*(?:[({{]\s*)?{_CALM}|(?:^|[\"'\t;&=])\s*(?:true\s*\|\||:\s*\|\||exit\s+0\s*[;&]|false\s*&&)"
    rf"[^#\n]*\b{TOOL}|(?:^|[\"'\t;&=@])\s*!\s+{TOOL}|\bif\s+!?\s*{TOOL}[^#\n]*;\s*then\s+{_CALM}\s*;|"
    rf"\b{TOOL}[^#\n]*;\s*node\s+-e\b",
    re.I,
)
_BLIND = re.compile(
    r"\bpy\.?test\b.*\s(?:--co\b|--collect-only|--noconftest|-o\s*addopts|--lf\b|--last-failed|--sw\b|--stepwise)|"
    r"\bpy\.?test\b.*\s-p\s+(?!no:)\w|\bPYTEST_(?:ADDOPTS|PLUGINS)\b\s*[:=?+]"
)
_IGNORING = re.compile(
    r"^\.IGNORE\b|^\s*(?:export\s+)?(?:GNU)?MAKEFLAGS\s*[+:?]*=.*(?:\s-?-?\w*i\w*\b|--ignore-errors)|"
    r"^\s*\.?SHELL(?:FLAGS)?\s*[+:?]*=.*\b(?:true|echo)\b"
)
_DASH = re.compile(rf"^\t[@+ ]*-[@+ ]*[^#\n]*\b{TOOL}", re.I)
_TOX_DASH = re.compile(rf"^\s*(?:commands\w*\s*=\s*)?!?-\s*!?\s*[^#\n]*\b{TOOL}", re.I)
_NOX_CODES = re.compile(r"success_codes\s*=")
_RUNNER = re.compile(r"\b(pytest|unittest|jest|vitest|mocha|tox|nox|ctest|rspec|phpunit|go\s+test|cargo\s+test)\b")
_LONGEST = 1000


def guard(change: Examined) -> Iterator[Found]:
    """The first new line of each kind in each file, and runners of tests that are called no more."""
    for edit in change.edits:
        if edit.changed.status != "D" and edit.new and is_settings(edit.path):
            yield from _in_file(edit)


def _in_file(edit: Edit) -> Iterator[Found]:
    told: set[str] = set()
    for number, text, broken in _logical(edit):
        for rule, sentence in _about(edit.path, text, broken):
            if rule not in told:
                told.add(rule)
                yield found(rule, edit.path, f"{sentence} (line {number})")
    if edit.changed.status == "M" and _RECIPES.search(edit.path):
        had, has = ({one[1] for one in _RUNNER.finditer(side)} for side in (edit.old, edit.new))
        if had and not has:
            yield found("forced", edit.path, f"runs {spell(', '.join(sorted(had)))} no more, nor any other tests")


def _about(path: str, whole: str, broken: bool) -> Iterator[tuple[str, str]]:
    for text in pieces(whole, _LONGEST):
        if _FORCED.search(text):
            yield "forced", "a failing check is made to pass"
        if _BLIND.search(text):
            yield "deselected", "tests are not run, or not as the repository sets them up"
        if _MAKE.search(path) and (_IGNORING.search(text) or _DASH.search(text)):
            yield "forced", "the failure of a check is ignored"
        if (_TOX.search(path) and _TOX_DASH.search(text)) or (_NOX.search(path) and _NOX_CODES.search(text)):
            yield "forced", "the failure of a check is ignored"
        for each in PATTERNS if broken else ():
            if each.rule in {"forced", "deselected"} and each.where(path) and each.form.search(text):
                yield each.rule, each.sentence


def _logical(edit: Edit) -> Iterator[tuple[int, str, bool]]:
    """(number of its first line, text, whether it was broken over several) of every logical line with anything new."""
    fresh = {line.number for line in edit.added}
    if not fresh:
        return
    parts: list[str] = []
    first, new = 1, False
    for number, line in enumerate(split(edit.new), 1):
        if not parts:
            first, new = number, False
        new = new or number in fresh
        goes_on = line.endswith("\\") and len(parts) < 200
        parts.append(line[:-1] if goes_on else line)
        if not goes_on:
            if new:
                yield first, " ".join([parts[0], *(part.strip() for part in parts[1:])]), len(parts) > 1
            parts = []
    if parts and new:
        yield first, " ".join(parts), len(parts) > 1
