"""Red to green: do the tests of a change fail without it? Its tests are put on the base commit and run there. Pure.

Law: "proven" is said only of a test that we saw fail without the change and pass with it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import PurePosixPath

from bot.domain.verdict import Proof
from workers.checks import Plan
from workers.checks.evidence import MOST_NAMED, Base, new_failures
from workers.checks.plan import is_test, only_files, test_files
from workers.checks.suite import Suite, recognised
from workers.ecosystems import registry
from workers.workspace import Changed

WHOLE_SECONDS = 300.0
"""Where tests cannot be run by file, all are, if that took no longer than this on the base."""

# Words that name tests at the top of a repository, and ordinary parts of a program further down.
_DOUBTFUL = re.compile(r"(?<=/)(testing|t|features)/")
_DATA = re.compile(r"(^|/)(testdata|__snapshots__|__fixtures__|__mocks__)/|\.snap$")
_SETTINGS = tuple(one.select.before for one in registry.ALL if one.select.before is not None)
"""What runs before every test, and is no test."""
_GAVE_UP = re.compile(
    r"caused unexpected SystemExit|^(?:E\s+|INTERNALERROR>\s*)?"
    r"(?:_pytest\.outcomes\.Exit|SystemExit|AssertionError|Exception|BaseException)\b|"
    r"^!+ (?:_pytest\.outcomes\.)?Exit\b",
    re.M,
)
_TROUBLE = re.compile(r"\w*(?:Error|Exception)\b|\berror\b|cannot|undefined|not found|FAIL|panic|fatal", re.I)
_LINK, _GITLINK = "120000", "160000"


_LOOKED_AT = 100_000


def of_tests(path: str) -> bool:
    """Return whether a path belongs to the tests: tests, their helpers, and data beside them."""
    return is_test(_DOUBTFUL.sub("x/", path)) or bool(_DATA.search(path))


def side_of_tests(changed: Sequence[Changed]) -> tuple[Changed, ...]:
    """Return the part of a change that is put on the base: its tests and their data."""
    return tuple(one for one in changed if of_tests(one.path) and one.new_mode != _GITLINK)


def settings_of_tests(changed: Sequence[Changed]) -> tuple[str, ...]:
    """Return the paths of the change that set tests up: whatever they do, a test must fail without the change without
    them.
    """
    return tuple(one.path for one in side_of_tests(changed) if any(setting.search(one.path) for setting in _SETTINGS))


def side_without_settings(changed: Sequence[Changed]) -> tuple[Changed, ...]:
    """Return the test side of a change, less what sets tests up."""
    kept = set(settings_of_tests(changed))
    return tuple(one for one in side_of_tests(changed) if one.path not in kept)


def brought(changed: Sequence[Changed]) -> tuple[str, ...]:
    """Return the paths on the test side that were added or changed."""
    return tuple(one.path for one in side_of_tests(changed) if one.status != "D" and one.new_mode != _LINK)


def nothing_to_prove(changed: Sequence[Changed]) -> Proof | None:
    """Return what is said where there is nothing to run; None where there is."""
    if not brought(changed):
        return Proof(state="none", why="The change adds no test.")
    if all(of_tests(one.path) for one in changed):
        return Proof(state="none", why="The change only touches tests.")
    return None


def command(plan: Plan, changed: Sequence[Changed], base: Suite | None) -> str | None:
    """Return the command line that runs the change's tests: those files alone where the plan can, else all of them."""
    named = only_files(plan, brought(changed))
    if named:
        return named
    return plan.test if base is None or base.seconds <= WHOLE_SECONDS else None


def prove(
    plan: Plan,
    changed: Sequence[Changed],
    head: Suite,
    base: Base | None,
    without: Suite | None,
    flaky: Collection[str] = (),
    plain: Suite | None = None,
) -> Proof:
    """Return what `without`, the run of the change's tests on the base, shows; None where it was not run.

    `plain` is the same run with the base's own set-up of tests (`conftest.py` and its like), where the change has
    another: what passes there failed for the set-up, not for want of the change.
    """
    fixed = _fixed(head, base)
    if said := nothing_to_prove(changed):
        return _proven(fixed) if fixed else said
    if without is None:
        why = "The new tests can't be run alone here, and the whole suite takes too long."
        return _proven(fixed) if fixed else Proof(state="unproven", why=why)
    if without.ended != "by itself" or without.absent:
        why = "The new tests could not be run without the change."
        return _proven(fixed) if fixed else Proof(state="unproven", why=why)
    if not head.cases and not _all_pass(head, base, flaky):
        return Proof(state="unproven", why="The tests do not all pass with the change.")
    chance = {recognised(name) for name in (*flaky, *(base.flaky if base else ()))}
    if plain is not None:
        chance |= plain.in_state("passed").keys()
    red = {key: name for key, name in _red(head, base, without, brought(changed)).items() if key not in chance}
    for_set_up = plain is not None and not _fails_at_all(plain, base)
    if for_set_up:
        red = {}
    if not red and not head.cases and not for_set_up and _fails_at_all(without, base):
        red = {path: path for path in test_files(plan, brought(changed)) or brought(changed)}
    found = tuple(dict.fromkeys((*red.values(), *fixed)))
    if found:
        return _proven(found)
    if for_set_up and _fails_at_all(without, base):
        why = "The new tests fail without the change only with the change's own set-up of tests."
        return Proof(state="unproven", why=why)
    if _fails_at_all(without, base):
        return Proof(state="unproven", why="The new tests fail without the change, but none of them passed with it.")
    return Proof(state="unproven", why="The new tests pass without the change too.")


def _red(head: Suite, base: Base | None, without: Suite, paths: Sequence[str]) -> dict[str, str]:
    """Return the tests that pass with the change and do not pass without it, of which each is new or was passing
    before.
    """
    old = base.failed_names() if base else {}
    failing, reported = without.failed_names(), without.in_state("passed", "skipped")
    passing = head.in_state("passed")
    red = {key: name for key, name in passing.items() if key in failing and key not in old}
    unloaded = not without.counted or any(key not in old and key not in passing for key in failing)
    if unloaded and not _could_not_load(without):
        unloaded = False
    if unloaded and base and base.suite.cases:
        # A file that does not even load on the base reports none of its tests by name.
        known = base.suite.in_state("passed", "failed", "skipped")
        silent = {key: name for key, name in passing.items() if key not in known and key not in reported}
        red = {**(_of(paths, silent) or silent), **red}
        if not red:  # tests that were there before, in a file that loads no more since it asks for what is new
            red = _of(paths, {key: name for key, name in passing.items() if key not in reported and key not in failing})
    return red


def _could_not_load(without: Suite) -> bool:
    """Return whether tests that did not report ended for an error, as what lacks the code it tests does; not by
    leaving.

    A module of tests that exits or raises by itself where the change is not there would else prove itself.
    """
    said = "\n".join((without.output[-_LOOKED_AT:], *(one.message for one in without.failing)))
    return _GAVE_UP.search(said) is None and (without.counted or _TROUBLE.search(said) is not None)


def _of(paths: Sequence[str], names: Mapping[str, str]) -> dict[str, str]:
    """Return those of the tests whose names hold the name of one of these files."""
    stems = {PurePosixPath(path).stem for path in paths}
    return {key: name for key, name in names.items() if any(stem in name for stem in stems)}


def _fixed(head: Suite, base: Base | None) -> tuple[str, ...]:
    """Return tests of the base that failed there each time and pass with the change."""
    if base is None:
        return ()
    passing = head.in_state("passed")
    return tuple(name for key, name in base.failed_names().items() if key in passing)


def _fails_at_all(without: Suite, base: Base | None = None) -> bool:
    """Return whether anything fails that does not fail on the base as it is."""
    old = base.failed_names() if base else {}
    failing = without.failed_names()
    before = base.suite.failed if base else 0
    fresh = any(key not in old for key in failing) if failing else without.failed > before
    return fresh or (not without.counted and without.code not in {0, 5, None})


def _all_pass(head: Suite, base: Base | None, flaky: Collection[str]) -> bool:
    """Return whether whatever fails failed before the change too, where passing tests are not reported by name."""
    if head.code == 0:
        return True
    return head.failed > 0 and head.names_failures and not new_failures(head, base, flaky)


def _proven(tests: Sequence[str]) -> Proof:
    return Proof(state="proven", tests=tuple(tests)[:MOST_NAMED])
