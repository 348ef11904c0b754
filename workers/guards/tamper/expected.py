"""What tests compare with, kept in files of its own (snapshots, golden files), and what registers tests to be run.

Law: a record that is added takes nothing away; one that is rewritten or removed is found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from workers.ecosystems.forms import FORMS
from workers.guards.edits import Edit, Examined
from workers.guards.found import Found, spell
from workers.guards.kinds import is_code, is_data, is_source, is_test
from workers.guards.rules import found

_REGISTERS = ("cmake", "meson", "swift", "exunit", "phpunit", "automake")
"""Tools in whose files tests are registered."""


def guard(change: Examined) -> Iterator[Found]:
    """Yield records that were rewritten or removed, tests no longer registered, examples no longer checked."""
    source = any(_is_cause(edit) for edit in change.edits)
    for edit in change.edits:
        if edit.moved_to is not None or edit.moved_from is not None:
            continue
        yield from _record(edit, source)
        yield from _registered(edit)
        yield from _inside(edit)


def _is_cause(edit: Edit) -> bool:
    return is_source(edit.path) or (
        is_data(edit.path) and not is_test(edit.path) and not FORMS["kept-result"].matches(edit.path)
    )


def _record(edit: Edit, source: bool) -> Iterator[Found]:
    kept = FORMS["kept-result"].matches(edit.path) and not is_code(edit.path)
    if not kept or not edit.removed or not FORMS["of-tests"].matches(edit.path):
        return
    rule = "expectation-changed" if source else "expectation-changed-alone"
    what = "was removed" if edit.changed.status == "D" else "was rewritten"
    yield found(rule, edit.path, f"what tests compare with {what}" + ("" if source else ", and no source with it"))


def _registered(edit: Edit) -> Iterator[Found]:
    for tool in _REGISTERS:
        if edit.changed.status != "A" and FORMS[f"{tool}-file"].matches(edit.path) and edit.old:
            had, has = (len(list(FORMS[f"{tool}-registers"].every(side))) for side in (edit.old, edit.new))
            if has < had:
                yield found("deselected", edit.path, f"registers {has} tests or groups of tests, where it had {had}")
    if edit.path.endswith("_test.go") and _runs_nothing(edit.new) and not _runs_nothing(edit.old):
        yield found("result-rewritten", edit.path, "has a TestMain that runs no test")
    if edit.path.endswith((".c", ".cc", ".cpp")) and is_test(edit.path):
        yield from _left_early(edit)


def _runs_nothing(text: str) -> bool:
    return "\nfunc TestMain(" in f"\n{text}" and ".Run()" not in text


def _left_early(edit: Edit) -> Iterator[Found]:
    """Yield a `main` of tests that returns before it calls them."""
    for line in edit.added:
        if FORMS["early-return"].matches(line.text[:200]):
            rest = edit.new.split("\n")[line.number : line.number + 3]
            if FORMS["calls-tests"].matches(next((each[:200] for each in rest if each.strip()), "")):
                yield found("forced", edit.path, f"ends before its tests are called (line {line.number})")
                return


def _inside(edit: Edit) -> Iterator[Found]:
    """Yield examples in documentation strings that are no longer run as tests."""
    if not edit.path.endswith((".py", ".rs", ".rst")) or edit.changed.status != "M":
        return
    line = next((one for one in edit.added if FORMS["doctest-off"].matches(one.text[:300].strip())), None)
    if line is not None:
        had = Counter(one.text.split("#")[0].strip() for one in edit.removed)
        if "+SKIP" in line.text or "ignore" in line.text or "no_run" in line.text:
            known = had[line.text.split("#")[0].strip()] or line.text.lstrip().startswith("///")
            rule = "test-skipped" if known else "test-new-skipped"
            yield found(rule, edit.path, f"an example is not run: {spell(line.text.strip())}")
        else:
            yield found("test-vacuous", edit.path, f"an example may print anything (line {line.number})")
