"""What tests compare with, kept in files of its own (snapshots, golden files), and what registers tests to be run.

Law: a record that is added takes nothing away; one that is rewritten or removed is told.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from workers.guards.edits import Edit, Examined
from workers.guards.found import Found, spell
from workers.guards.kinds import is_code, is_data, is_source, is_test
from workers.guards.rules import found

_KEPT = re.compile(
    r"(^|/)(__snapshots__|snapshots|goldens?|golden[-_]?files?|expected|expectations|approvals|baselines|testdata|reference)/|"
    r"\.(snap|golden|approved\.\w+|expected|ambr|expect|verified\.\w+)$|(^|/)(expected|golden)[^/]*\.\w+$|[._-](expected|golden)\.\w+$",
    re.I,
)
_OF_TESTS = re.compile(
    r"(^|/)(tests?|spec|specs|__tests__|__snapshots__|testdata|fixtures|e2e|cases)(/|$)|\.snap$|[Tt]ests?/", re.I
)
_REGISTERS = (
    (
        re.compile(r"(^|/)(CMakeLists\.txt|[^/]*\.cmake)$"),
        re.compile(
            r"^[ \t]*(?:add_test|gtest_discover_tests|catch_discover_tests|doctest_discover_tests|enable_testing)\b",
            re.M,
        ),
    ),
    (re.compile(r"(^|/)meson\.build$"), re.compile(r"^[ \t]*(?:test|benchmark)[ \t]*\(", re.M)),
    (re.compile(r"(^|/)Package\.swift$"), re.compile(r"\.testTarget[ \t]*\(")),
    (re.compile(r"(^|/)test_helper\.exs$"), re.compile(r"^[ \t]*ExUnit\.start\b", re.M)),
    (re.compile(r"(^|/)phpunit\.xml(\.dist)?$"), re.compile(r"<(?:directory|file|testsuite)\b")),
    (re.compile(r"(^|/)Makefile\.am$"), re.compile(r"^[ \t]*TESTS\b", re.M)),
)
_DOCTEST_OFF = re.compile(
    r"#[ \t]*doctest:[ \t]*\+?(?:SKIP|ELLIPSIS\b.{0,80}$)|"
    r"^```(?:rust,)?(?:ignore|no_run|should_panic)\b|///[ \t]*```(?:ignore|no_run)"
)
_TEST_MAIN, _RUN = re.compile(r"^func TestMain\(", re.M), re.compile(r"\b\w+\.Run\(\)")


def guard(change: Examined) -> Iterator[Found]:
    """Records that were rewritten or removed, tests that are registered no more, examples that are checked no more."""
    source = any(_is_cause(edit) for edit in change.edits)
    for edit in change.edits:
        if edit.moved_to is not None or edit.moved_from is not None:
            continue
        yield from _record(edit, source)
        yield from _registered(edit)
        yield from _inside(edit)


def _is_cause(edit: Edit) -> bool:
    return is_source(edit.path) or (is_data(edit.path) and not is_test(edit.path) and not _KEPT.search(edit.path))


def _record(edit: Edit, source: bool) -> Iterator[Found]:
    kept = _KEPT.search(edit.path) is not None and not is_code(edit.path)
    if not kept or not edit.removed or not _OF_TESTS.search(edit.path):
        return
    rule = "expectation-changed" if source else "expectation-changed-alone"
    what = "was removed" if edit.changed.status == "D" else "was rewritten"
    yield found(rule, edit.path, f"what tests compare with {what}" + ("" if source else ", and no source with it"))


def _registered(edit: Edit) -> Iterator[Found]:
    for place, form in _REGISTERS:
        if edit.changed.status != "A" and place.search(edit.path) and edit.old:
            had, has = len(form.findall(edit.old)), len(form.findall(edit.new))
            if has < had:
                yield found("deselected", edit.path, f"registers {has} tests or groups of tests, where it had {had}")
    if edit.path.endswith("_test.go") and _runs_nothing(edit.new) and not _runs_nothing(edit.old):
        yield found("result-rewritten", edit.path, "has a TestMain that runs no test")
    if edit.path.endswith((".c", ".cc", ".cpp")) and is_test(edit.path):
        yield from _left_early(edit)


def _runs_nothing(text: str) -> bool:
    return _TEST_MAIN.search(text) is not None and _RUN.search(text) is None


def _left_early(edit: Edit) -> Iterator[Found]:
    """A `main` of tests that returns before it calls them."""
    for line in edit.added:
        if re.match(r"^\s*return\s*(?:0|EXIT_SUCCESS)\s*;", line.text[:200]):
            rest = "\n".join(edit.new.split("\n")[line.number : line.number + 3])
            if re.match(r"\s*(?:\w*test\w*|RUN_\w+|run_\w+)\s*\(", rest, re.I):
                yield found("forced", edit.path, f"ends before its tests are called (line {line.number})")
                return


def _inside(edit: Edit) -> Iterator[Found]:
    """Examples in documentation strings that are run as tests."""
    if not edit.path.endswith((".py", ".rs", ".rst")) or edit.changed.status != "M":
        return
    line = next((one for one in edit.added if _DOCTEST_OFF.search(one.text[:300].strip())), None)
    if line is not None:
        had = Counter(one.text.split("#")[0].strip() for one in edit.removed)
        if "+SKIP" in line.text or "ignore" in line.text or "no_run" in line.text:
            known = had[line.text.split("#")[0].strip()] or line.text.lstrip().startswith("///")
            rule = "test-skipped" if known else "test-new-skipped"
            yield found(rule, edit.path, f"an example is not run: {spell(line.text.strip())}")
        else:
            yield found("test-vacuous", edit.path, f"an example may print whatever it likes (line {line.number})")
