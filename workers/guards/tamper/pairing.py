"""Which test of the new tree is which of the old one: by path and name, by name, by what it says.

Law: a test that was moved or renamed is not gone, unless it went to where no tool looks for tests.
"""

from __future__ import annotations

from collections import defaultdict

import re2

from workers.ecosystems.forms import FORMS
from workers.ecosystems.suite import Test

_ALIKE = 0.5
_MOST_PAIRS = 40_000
_VALUE = re2.compile(r"\"[^\"]*\"|'[^']*'|\b\d[\w.]*")
_WORD = re2.compile(r"\w+|\W")
Pairs = list[tuple[Test, Test]]


def collected(path: str) -> bool:
    """Return whether a tool takes a file of this name for tests, as tools are set up by themselves."""
    return FORMS["collected-test"].matches(path)


def went_astray(before: str, after: str) -> bool:
    """Return whether a file of tests got a name by which no tool finds it."""
    return FORMS["checked-test"].matches(before) and collected(before) and not collected(after)


def paired(before: list[Test], after: list[Test]) -> tuple[Pairs, list[Test], list[Test]]:
    """Return old and new of each test, those that are gone, and those that are new."""
    pairs: Pairs = []
    for key in (lambda test: (test.path, test.name), lambda test: ("", test.name), lambda test: ("", test.short)):
        waiting: dict[tuple[str, str], list[Test]] = defaultdict(list)
        for test in after:
            waiting[key(test)].append(test)
        left = []
        for test in before:
            at = next((at for at, one in enumerate(waiting[key(test)]) if _may_be(test, one)), None)
            if at is None:
                left.append(test)
            else:
                pairs.append((test, waiting[key(test)].pop(at)))
        before, after = left, [test for tests in waiting.values() for test in tests]
    gone = []
    look = len(before) * len(after) <= _MOST_PAIRS
    for test in before:
        fit = [one for one in after if _may_be(test, one)] if look else []
        twin = max(fit, key=test.alike, default=None)
        if twin is not None and test.alike(twin) >= _ALIKE:
            after.remove(twin)
            pairs.append((test, twin))
        else:
            gone.append(test)
    for test in tuple(gone) if look else ():
        twin = next((one for one in after if _may_be(test, one) and _is_renamed(test, one)), None)
        if twin is not None:
            gone.remove(test)
            after.remove(twin)
            pairs.append((test, twin))
    tables = [one for one in after if one.rows and not (one.skips or one.blunted)] if look else []
    gone = [test for test in gone if not any(_is_in_table(test, one) for one in tables)]
    return pairs, gone, after


def _is_renamed(old: Test, new: Test) -> bool:
    """Return whether two tests of a file are the same but for one name that the code under test lost to another."""
    sides = [[one.group() for one in _WORD.finditer("\n".join(test.lines))] for test in (old, new)]
    if old.path != new.path or len(sides[0]) != len(sides[1]) or not old.assertions:
        return False
    other = {pair for pair in zip(*sides, strict=True) if pair[0] != pair[1]}
    return len(other) == 1 and all(one.isidentifier() for pair in other for one in pair)


def _is_in_table(old: Test, new: Test) -> bool:
    """Return whether a new test with a table calls what an old one of its file called, with its values in a row."""
    rows = [_words(row) for row in new.rows]
    called = {one.words.partition("(")[0] for one in new.assertions}
    return bool(old.path == new.path and old.assertions) and all(
        one.words.partition("(")[0] in called
        and any(row >= _words(" ".join(hit.group() for hit in _VALUE.finditer(one.words))) > set() for row in rows)
        for one in old.assertions
    )


def _words(text: str) -> set[str]:
    return {one.group() for one in _WORD.finditer(text) if one.group().isalnum()}


def _may_be(old: Test, new: Test) -> bool:
    return old.helper == new.helper and (old.path == new.path or not went_astray(old.path, new.path))
