"""Which parts of a change CI would run that no test of ours stands for: called files, build descriptions, new reach.

Source that tests import is run by CI too. It counts where it starts programs, or both reads the environment and
reaches the network, as taking something away needs; tests and set-up count for any of the three.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from workers.ecosystems import registry
from workers.guards.ci.called import Calls
from workers.guards.edits import Edit, Examined, pieces
from workers.guards.found import Found, spell, spell_path
from workers.guards.rules import FORMS, RULES, is_of

_LONGEST = 1000
_REACHES = {
    "starts-programs": "starts other programs",
    "reads-environment": "reads the environment or credentials",
    "reaches-network": "reaches the network",
}
_MANIFESTS = tuple(dict.fromkeys(name for one in registry.ALL for name in one.manifests))
_DECLARING = frozenset(name for one in registry.ALL if one.packages for name in one.packages.declaring)


def running(change: Examined, found: Sequence[Found], calls: Calls) -> Iterator[str]:
    """Yield a sentence for each part of the change that CI would run."""
    told: set[str] = set()
    for edit in change.edits:
        if why := _why(edit, calls):
            told.add(edit.path)
            yield f"{spell_path(edit.path)} {why}."
    for one in found:
        if RULES[one.rule].runs and one.path not in told:
            told.add(one.path)
            yield one.words
    hits = {
        edit.path: _reaching(edit)
        for edit in change.edits
        if is_of("code", edit.path) and not is_of("prose", edit.path)
    }
    both = {form for each in hits.values() for form in each} >= {"reads-environment", "reaches-network"}
    for edit in change.edits:
        for form, (number, text) in hits.get(edit.path, {}).items():
            if edit.path not in told and (is_of("test", edit.path) or form == "starts-programs" or both):
                told.add(edit.path)
                yield f"{spell_path(edit.path)}: line {number} {_REACHES[form]} ({spell(text.strip(), 40)})."


def _why(edit: Edit, calls: Calls) -> str:
    """Return why a changed path is run, "" where nothing says so."""
    path, name = edit.path, edit.path.rsplit("/", 1)[-1]
    if (by := calls.get(path)) and not _is_plain_test(path):
        return f"is run by {spell_path(by)}"
    if any(one.select.before and one.select.before.search(path) for one in registry.ALL) or is_of("harness-name", path):
        return "runs before the tests"
    described = any(fnmatchcase(name, mark) for mark in _MANIFESTS) or name in _DECLARING or is_of("recipe", path)
    return "says how the project is built, installed or tested" if described else ""


def _is_plain_test(path: str) -> bool:
    return any(one.select.runnable and one.select.runnable.search(path) for one in registry.ALL)


def _reaching(edit: Edit) -> dict[str, tuple[int, str]]:
    """Return, by form, the first added line that has it and what it is."""
    found: dict[str, tuple[int, str]] = {}
    if edit.changed.status == "D" or not edit.new:
        return found
    for line in edit.added:
        for text in pieces(line.text, _LONGEST):
            for form in _REACHES:
                if form not in found and (hit := FORMS[form].search(text)):
                    found[form] = (line.number, hit.text)
    return found
