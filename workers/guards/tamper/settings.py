"""Settings of linters, type checkers, coverage and test runners that became weaker.

Law: settings are compared as values where a parser reads them (TOML, JSON, YAML, INI), else line by line; settings that
can no longer be parsed are a finding of their own. Which files and keys these are stands in `rules/settings.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator

from workers.ecosystems.forms import FORMS, Hit
from workers.guards.edits import Edit, Examined, Line, split
from workers.guards.found import Found, spell
from workers.guards.rules import found
from workers.guards.tamper.flat import flat
from workers.guards.tamper.weaker import judged, weaker

_LONGEST = 500
_MOST_SAID, _MOST_SUSPECT = 5, 3


def is_settings(path: str) -> bool:
    """Return whether linters, type checkers, coverage or test runners read a file of this name."""
    return _is("any-settings", path)


def guard(change: Examined) -> Iterator[Found]:
    """Yield settings that were weakened or deleted."""
    for edit in change.edits:
        if edit.changed.status == "A" and edit.moved_from is None:
            yield from _from_birth(edit)
        if not edit.old or edit.moved_to is not None:
            continue
        if edit.new and _is("harsh-source", edit.path):
            yield from _milder(edit)
        path = edit.moved_from or edit.path
        if _is("structured-settings", path):
            yield from _compared(edit)
        elif edit.new and _is("yaml-settings", path):
            yield from _suspected(edit)
        elif _is("line-settings", path) or _is("yaml-settings", path):
            yield from _linewise(edit)


def _is(form: str, text: str) -> bool:
    return FORMS[form].matches(text)


def _suspect(edit: Edit, words: str) -> Found:
    return found("settings-suspect", edit.path, words)


def _from_birth(edit: Edit) -> Iterator[Found]:
    """Yield new settings that leave tests out, and new files that hide others; other new settings take nothing away."""
    if _is("hiding-settings", edit.path) and edit.added:
        yield _suspect(edit, "leaves files or findings out")
    if not edit.new or not _is("structured-settings", edit.path):
        return
    for key, value in (flat(edit.path, edit.new) or {}).items():
        if _is("from-birth", key) and (words := judged(key, None, value)):
            yield _suspect(edit, words)


def _compared(edit: Edit) -> Iterator[Found]:
    before, after = flat(edit.path, edit.old), flat(edit.path, edit.new) if edit.new else {}
    if before is None:
        yield from _linewise(edit)
    elif after is None:
        yield found("settings-weakened", edit.path, "these settings can no longer be read")
    else:
        said = [words for words in weaker(before, after) if words]
        for words in said[:_MOST_SAID]:
            yield found("settings-weakened", edit.path, words)


def _suspected(edit: Edit) -> Iterator[Found]:
    before, after = flat(edit.path, edit.old), flat(edit.path, edit.new)
    said = [words for words in weaker(before, after) if words] if before is not None and after is not None else []
    for words in said[:_MOST_SUSPECT]:
        yield _suspect(edit, words)
    if not said:
        yield from _linewise(edit)


def _linewise(edit: Edit) -> Iterator[Found]:
    if edit.changed.status == "D":
        if not _is("build-settings", edit.path):
            yield _suspect(edit, "these settings were deleted")
        return
    if edit.added and _is("ignore-settings", edit.path):
        yield _suspect(edit, f"leaves more out (line {edit.added[0].number})")
        return
    if edit.path.endswith(".pre-commit-config.yaml"):
        left = [hit.groups["name"] for hit in FORMS["hook"].every(edit.new)]
        gone = {hit.groups["name"] for _, hit in _hits("hook", edit.removed)}
        if hooks := sorted(one for one in gone if not any(other.startswith(one) for other in left)):
            yield _suspect(edit, f"no longer runs {spell(', '.join(hooks))}")
    for line, _ in _hits("weaker-line", edit.added):
        if not line.text.lstrip().startswith(("#", "//")):
            yield _suspect(edit, f"a rule was switched off or something left out (line {line.number})")
            break
    yield from _looks_at(edit)
    yield from _milder(edit)
    lowered = _values("line-number", edit.removed)
    for line, hit in _hits("line-number", edit.added):
        if float(hit.groups["value"]) < lowered.get(hit.groups["name"].lower(), 0):
            yield _suspect(edit, f"a threshold was lowered (line {line.number})")
            break


def _hits(form: str, lines: tuple[Line, ...]) -> Iterator[tuple[Line, Hit]]:
    """Yield the lines that have a form, with its first hit."""
    for line in lines:
        if hit := FORMS[form].search(line.text[:_LONGEST]):
            yield line, hit


def _values(form: str, lines: tuple[Line, ...]) -> dict[str, float]:
    return {hit.groups["name"].lower(): float(hit.groups["value"]) for _, hit in _hits(form, lines)}


def _looks_at(edit: Edit) -> Iterator[Found]:
    """Yield patterns of what is run as a test that are gone, and new ones where there were none."""
    for line, _ in _hits("looks-at", edit.removed):
        if not _is("narrowing", line.text[:_LONGEST]):
            quoted = [hit.groups["text"] for hit in FORMS["quoted"].every(line.text[:_LONGEST])]
            gone = [one for one in quoted if one.strip() and one not in edit.new]
            if gone:
                yield _suspect(edit, f"no longer looks at {spell(gone[0])}")
                return
    lines = split(edit.new)
    looked = any(True for _ in _hits("looks-at", edit.removed))
    for line in edit.added:
        text = line.text[:_LONGEST]
        around = "\n".join(lines[max(0, line.number - 5) : line.number])[-1000:]
        new = not looked and _is("looks-at", text) and not _is("covers", around) and not _had_key(edit, text)
        if new or _is("narrowing", text):
            yield _suspect(edit, f"redefines which tests run (line {line.number})")
            return


def _had_key(edit: Edit, text: str) -> bool:
    return "<" in text or text.replace("=", ":").partition(":")[0].strip(" \"'") in edit.old


def _milder(edit: Edit) -> Iterator[Found]:
    had = _values("milder-number", edit.removed)
    for line, hit in _hits("milder-number", edit.added):
        name, value = hit.groups["name"].lower(), float(hit.groups["value"])
        if value == 0 if name == "issues-exit-code" else value > had.get(name, float("inf")):
            yield _suspect(edit, f"a threshold was raised (line {line.number})")
            return
    asked = (hit.text.strip() for line in edit.removed for hit in FORMS["harsher"].every(line.text[:_LONGEST]))
    gone = next((one for one in asked if one not in edit.new), None)
    if gone is not None:
        yield _suspect(edit, f"no longer asks for {spell(gone)}")
