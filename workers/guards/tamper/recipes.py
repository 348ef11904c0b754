"""Recipes of test commands that cannot fail any more: Makefiles, scripts, tox and nox files, read by logical lines.

Law: a line that goes on in the next one is one line here, however it is broken; only new lines count. What the forms
look like stands in `rules/checks.toml`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from workers.ecosystems.forms import FORMS
from workers.guards.edits import Edit, Examined, pieces, split
from workers.guards.found import Found, spell
from workers.guards.rules import LOOKS, found

_LONGEST = 1000
_MOST_PARTS = 200
_LOST = "the failure of a check is ignored"


def guard(change: Examined) -> Iterator[Found]:
    """Yield the first new line of each kind in each file, and test runners that are called no longer."""
    for edit in change.edits:
        if edit.changed.status != "D" and edit.new and _is("check-settings", edit.path):
            yield from _in_file(edit)


def _is(form: str, text: str) -> bool:
    return FORMS[form].matches(text)


def _in_file(edit: Edit) -> Iterator[Found]:
    told: set[str] = set()
    scripted = _is("shell-script", edit.path) and _is("test-runner", edit.new)
    pipes = not edit.path.endswith((".yml", ".yaml")) and not _is("pipes-checked", edit.new)
    for number, text, broken in _logical(edit):
        for rule, sentence in _about(edit.path, text, broken, scripted, pipes):
            if rule not in told:
                told.add(rule)
                yield found(rule, edit.path, f"{sentence} (line {number})")
    if edit.changed.status == "M":
        yield from _as_a_whole(edit)


def _as_a_whole(edit: Edit) -> Iterator[Found]:
    """Yield what is seen of both sides: tools that are called no longer, strictness that is gone, fewer paths."""
    for kind in ("tests", "linters", "type-checkers") if _is("recipe-file", edit.path) else ():
        had, has = ({hit.text for hit in FORMS[f"tools-of-{kind}"].every(side)} for side in (edit.old, edit.new))
        if had and not has:
            names = spell(", ".join(sorted(had)))
            yield found("forced", edit.path, f"no longer runs {names}, nor any other {kind.replace('-', ' ')}")
            return
    strict = _is("shell-script", edit.path) and _is("test-runner", edit.old) and _is("strict-shell", edit.old)
    if strict and not _is("strict-shell", edit.new):
        yield found("forced", edit.path, "goes on after a failure, which it did not")
    if _is("makefile", edit.path):
        old, new = _targets(edit.old), _targets(edit.new)
        twice = [name for name, bodies in new.items() if bodies > 1 >= old[name] > 0]
        if twice:
            yield found("forced", edit.path, f"defines {spell(twice[0])} again, and only the last definition counts")
    yield from _narrowed(edit)


def _targets(text: str) -> Counter[str]:
    """Return how many recipes each target of a Makefile has that checks something."""
    lines = split(text)
    return Counter(
        hit.groups["name"]
        for at, line in enumerate(lines[:-1])
        if lines[at + 1].startswith("\t") and (hit := FORMS["check-target"].search(line[:_LONGEST]))
    )


def _narrowed(edit: Edit) -> Iterator[Found]:
    """Yield the same call of a test runner as before, with paths behind it."""
    before = [line.text.strip().strip("\"',") for line in edit.removed if _is("test-runner", line.text[:_LONGEST])]
    for line in edit.added if before else ():
        call = line.text[:_LONGEST].strip().strip("\"',")
        start = next((one for one in before if call.startswith(f"{one} ")), None)
        only = next((one for one in call[len(start) :].split() if _is("path-argument", one)), None) if start else None
        if only:
            yield found("deselected", edit.path, f"runs only {spell(only)} (line {line.number})")
            return


def _about(path: str, whole: str, broken: bool, scripted: bool, pipes: bool) -> Iterator[tuple[str, str]]:
    makefile = _is("makefile", path)
    for text in pieces(whole, _LONGEST):
        if _is("forced-behind", text) or _is("forced-around", text):
            yield "forced", "a failing check is made to pass"
        if pipes and _is("piped", text):
            yield "forced", "the failure of a check is lost in a pipe"
        if _is("in-background", text):
            yield "forced", "a check runs in the background, where its failure is lost"
        if (scripted and _is("loose-shell", text)) or ((scripted or makefile) and _is("renamed-tool", text)):
            yield "forced", "the script ends as if all were well, or calls something else by the name of a tool"
        if _is("runs-nothing", text):
            yield "deselected", "a test runner is called without running tests"
        if _is("blind-run", text):
            yield "deselected", "tests are not run, or not as the repository sets them up"
        if makefile and (_is("make-ignores", text) or _is("make-dash", text)):
            yield "forced", _LOST
        if (path.endswith("tox.ini") and _is("tox-dash", text)) or (
            path.endswith("noxfile.py") and _is("nox-codes", text)
        ):
            yield "forced", _LOST
        for rule, look in LOOKS if broken else ():
            if (
                rule in {"forced", "deselected"}
                and look.on == "line"
                and look.concerns(path, "M")
                and look.matches(text)
            ):
                yield rule, look.sentence


def _logical(edit: Edit) -> Iterator[tuple[int, str, bool]]:
    """Yield every logical line with anything new: its number, text, and whether it was broken."""
    fresh = {line.number for line in edit.added}
    if not fresh:
        return
    parts: list[str] = []
    first, new = 1, False
    for number, line in enumerate((*split(edit.new), ""), 1):
        if not parts:
            first, new = number, False
        new = new or number in fresh
        goes_on = line.endswith("\\") and len(parts) < _MOST_PARTS
        parts.append(line[:-1] if goes_on else line)
        if not goes_on:
            if new:
                yield first, " ".join([parts[0], *(part.strip() for part in parts[1:])]), len(parts) > 1
            parts = []
