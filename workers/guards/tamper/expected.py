"""What tests compare with, kept in files of its own (snapshots, golden files), and examples that are run as tests.

Law: a record that is added takes nothing away; one that is rewritten or removed is found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from workers.ecosystems.forms import FORMS
from workers.guards.edits import Edit, Examined
from workers.guards.found import Found, spell
from workers.guards.rules import found, is_of


def guard(change: Examined) -> Iterator[Found]:
    """Yield records that were rewritten or removed, and examples no longer checked."""
    source = any(_is_cause(edit) for edit in change.edits)
    for edit in change.edits:
        if edit.moved_to is not None or edit.moved_from is not None:
            continue
        yield from _record(edit, source)
        yield from _inside(edit)


def _is_cause(edit: Edit) -> bool:
    return is_of("source", edit.path) or (
        is_of("data", edit.path) and not is_of("test", edit.path) and not FORMS["kept-result"].matches(edit.path)
    )


def _record(edit: Edit, source: bool) -> Iterator[Found]:
    kept = FORMS["kept-result"].matches(edit.path) and not is_of("code", edit.path)
    if not kept or not edit.removed or not FORMS["of-tests"].matches(edit.path):
        return
    rule = "expectation-changed" if source else "expectation-changed-alone"
    what = "was removed" if edit.changed.status == "D" else "was rewritten"
    yield found(rule, edit.path, f"what tests compare with {what}" + ("" if source else ", and no source with it"))


def _inside(edit: Edit) -> Iterator[Found]:
    """Yield examples in documentation strings that are no longer run as tests."""
    if not is_of("documented-test", edit.path) or edit.changed.status != "M":
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
