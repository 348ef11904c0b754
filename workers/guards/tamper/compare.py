"""The tests before and after a change: which are gone, skipped, alone, or easier to pass.

Law: a test that was moved or renamed is not gone, and an assertion that went to another test is not lost.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator

from workers.ecosystems.forms import FORMS
from workers.ecosystems.suite import Assertion, Test
from workers.guards.edits import Edit, Examined
from workers.guards.found import Found, spell
from workers.guards.rules import found, is_of
from workers.guards.tamper.pairing import paired, went_astray
from workers.guards.tamper.suite import looser_tolerance, skeleton, squeezed
from workers.syntax import asserts, holds_tests, last_wins, tests

_NAMED = 3
_SHORTEST_ROW = 6
_MOST_LOST = 3
"""Texts that take too long, until no more are read."""
_FALL = 2
"""Steps of strength between an assertion that went and one that came in its place."""


def guard(change: Examined) -> Iterator[Found]:
    """Yield what happened to the tests of the changed files."""
    sides = list(_sides(change))
    before = [test for _, old, _ in sides for test in old or ()]
    after = [test for _, _, new in sides for test in new or ()]
    for edit, *read in sides:
        if None in read:
            yield found("unexamined", edit.path, "its tests could not be read")
    pairs, gone, fresh = paired(before, after)
    yield from _deleted(change, gone, {test.path for test in before})
    yield from _twice(before, after)
    yield from _new(fresh)
    spare = Counter(one.words for _, new in pairs for one in new.assertions)
    spare -= Counter(one.words for old, _ in pairs for one in old.assertions)
    spare += Counter(one.words for test in fresh for one in test.assertions)
    source = any(_is_cause(edit) for edit in change.edits)
    said: set[tuple[str, str]] = set()
    for old, new in pairs:
        for rule, sentence in _compared(old, new, spare, source):
            if (rule, new.path) not in said:
                said.add((rule, new.path))
                yield found(rule, new.path, f"the test {spell(new.short)} {sentence}")


def _sides(change: Examined) -> Iterator[tuple[Edit, list[Test] | None, list[Test] | None]]:
    """Yield the tests of both sides of every file; None where they cannot be read, though another tool may run them."""
    lost = 0
    for edit in change.edits:
        sides = []
        for path, text in ((edit.moved_from or edit.path, edit.old), (edit.path, edit.new)):
            read = text and edit.moved_to is None and (is_of("test", path) or holds_tests(path, text))
            sides.append((tests(path, text) if lost < _MOST_LOST else None) if read else [])
            lost += sides[-1] is None
        yield edit, sides[0], sides[1]


def _is_cause(edit: Edit) -> bool:
    """Return whether a changed path can be why an expectation changed: source, or data that source reads."""
    return (
        is_of("source", edit.path)
        or (is_of("data", edit.path) and not is_of("test", edit.path))
        or edit.path.endswith((".toml", ".txt", ".cfg"))
    )


def _deleted(change: Examined, gone: list[Test], read: set[str]) -> Iterator[Found]:
    by_path: dict[str, list[str]] = defaultdict(list)
    for test in gone:
        if not test.group and not test.helper:
            by_path[test.path].append(test.short)
    for path, names in by_path.items():
        shown = ", ".join(spell(name) for name in names[:_NAMED])
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        yield found("test-deleted", path, f"{'a test is' if len(names) == 1 else 'tests are'} gone: {shown}{more}")
    for edit in change.edits:
        came_from = edit.moved_from or ""
        if came_from in by_path or not is_of("test", came_from) or not went_astray(came_from, edit.path):
            continue
        if asserts(came_from, edit.old):
            yield found("test-deleted", came_from, "was moved to where no tool looks for tests")
    for edit in change.edits:
        path, left = edit.path, edit.changed.status == "D" and edit.moved_to is None
        if left and path not in read and is_of("test", path) and is_of("code", path) and asserts(path, edit.old):
            yield found("test-deleted", path, "a file of tests was deleted")


def _twice(before: list[Test], after: list[Test]) -> Iterator[Found]:
    """Yield names that are defined twice, where the last definition is the only one that runs."""
    had = Counter((test.path, test.name) for test in before)
    for (path, name), number in Counter((test.path, test.name) for test in after).items():
        if number > 1 and number > had[path, name] > 0 and last_wins(path):
            yield found("test-loosened", path, f"the test {spell(name)} is defined again, and only the last one runs")


def _new(fresh: list[Test]) -> Iterator[Found]:
    said: set[tuple[str, str]] = set()
    for test in fresh:
        for rule, sentence in () if test.helper else _weak_from_birth(test):
            if (rule, test.path) not in said:
                said.add((rule, test.path))
                yield found(rule, test.path, f"the new test {spell(test.short)} {sentence}")


def _weak_from_birth(test: Test) -> Iterator[tuple[str, str]]:
    if test.focused:
        yield "test-focused", "runs alone, and the others do not"
    if test.skips:
        yield "test-new-skipped", "comes skipped, or skips itself"
    if test.blunted:
        yield "test-vacuous", test.blunted
    if test.assertions and all(one.strength == 0 for one in test.assertions):
        yield "test-vacuous", "asserts only what is always true"


def _compared(old: Test, new: Test, spare: Counter[str], source: bool) -> Iterator[tuple[str, str]]:
    if new.skips > old.skips:
        yield "test-skipped", "is skipped now, or expected to fail"
    elif new.fences > old.fences:
        yield "test-skipped", "is built or run under a condition now"
    elif old.skips == new.skips > 0 and Counter(new.conditions) - Counter(old.conditions):
        yield "test-skipped", "is skipped under another condition now"
    if new.focused and not old.focused:
        yield "test-focused", "runs alone now, and the others do not"
    if new.blunted and not old.blunted:
        yield "test-loosened", new.blunted
    yield from _cases(old, new, source)
    if kept := _newly_guarded(old, new):
        yield "test-loosened", f"asserts {'something' if kept == 1 else f'{kept} things'} only under a condition now"
    lost, came = _difference(old.assertions, new.assertions), _difference(new.assertions, old.assertions)
    if lost:
        yield from _assertions(lost, came, spare, source)


def _cases(old: Test, new: Test, source: bool) -> Iterator[tuple[str, str]]:
    """Yield what is said of cases that are gone; a row that stands elsewhere in the test is not."""
    whole = squeezed("".join(new.lines))
    gone = [row for row in (Counter(old.rows) - Counter(new.rows)).elements() if not _stands(row, whole)]
    if not gone or not new.rows:
        return
    if len(new.rows) < len(old.rows):
        yield "test-loosened", f"has {len(new.rows)} cases, where it had {len(old.rows)}"
    elif source:
        yield "expectation-changed", "has other cases than before"


def _stands(row: str, whole: str) -> bool:
    """Return whether a case is written elsewhere; what is as short as a number is found everywhere."""
    words = squeezed(row)
    return len(words) >= _SHORTEST_ROW and words in whole


def _newly_guarded(old: Test, new: Test) -> int:
    """Return how many assertions that both have were always reached, and no longer are."""
    every = Counter(one.words for one in old.assertions) & Counter(one.words for one in new.assertions)
    return ((Counter(old.free) - Counter(new.free)) & every).total()


def _difference(these: tuple[Assertion, ...], those: tuple[Assertion, ...]) -> list[Assertion]:
    had = Counter(one.words for one in those)
    left = []
    for one in these:
        if had[one.words] > 0:
            had[one.words] -= 1
        elif one.strength:
            left.append(one)
    return left


def _akin(one: Assertion, other: Assertion) -> bool:
    """Return whether two assertions speak of the same thing; a literal is nothing to speak of."""
    pairs = ((one.subject, other), (other.subject, one))
    return one.subject == other.subject or any(
        len(subject) > 3 and skeleton(subject) == subject and subject in each.words for subject, each in pairs
    )


def _wraps(one: Assertion, other: Assertion) -> bool:
    """Return whether the new assertion asks for less of the same thing: its length, its type, whether it is there."""
    if one.subject in {"raises", ""} or one.subject not in other.subject or one.subject == other.subject:
        return False
    asks_less = FORMS["asks-less"]
    return len(list(asks_less.every(other.subject))) > len(list(asks_less.every(one.subject)))


class _Open:
    """Assertions that came and have no other side yet; looked up by form and subject, since there may be thousands."""

    def __init__(self, came: list[Assertion]) -> None:
        self._left = dict(enumerate(came))
        self._forms: dict[str, deque[int]] = defaultdict(deque)
        self._subjects: dict[str, deque[int]] = defaultdict(deque)
        for at, one in self._left.items():
            self._forms[skeleton(one.words)].append(at)
            self._subjects[one.subject].append(at)

    def take(self, one: Assertion, near: bool) -> Assertion | None:
        """Return the assertion that took the place of `one`: of its form, else of its subject; `near` looks longer."""
        at = self._first(self._forms[skeleton(one.words)])
        at = self._first(self._subjects[one.subject]) if at is None else at
        if at is None and near:
            at = next((at for at, each in self._left.items() if _akin(one, each) or _wraps(one, each)), None)
        return None if at is None else self._left.pop(at)

    def rest(self) -> list[Assertion]:
        """Return those that took no place."""
        return list(self._left.values())

    def _first(self, waiting: deque[int]) -> int | None:
        while waiting:
            at = waiting.popleft()
            if at in self._left:
                return at
        return None


_MOST_COMPARED = 10_000
"""Pairs of assertions of one test that are compared word by word."""


def _assertions(
    lost: list[Assertion], came: list[Assertion], spare: Counter[str], source: bool
) -> Iterator[tuple[str, str]]:
    left, changed = _Open(came), False
    near = len(lost) * len(came) <= _MOST_COMPARED
    missing = []
    for one in lost:
        twin = left.take(one, near)
        if twin is None:
            missing.append(one)
            continue
        if looser_tolerance(one.words, twin.words):
            yield "test-loosened", "allows a larger difference"
        elif FORMS["strict-comparison"].matches(one.words) and FORMS["loose-comparison"].matches(twin.words):
            yield "test-loosened", "compares less strictly than it did"
        elif twin.strength < one.strength or _wraps(one, twin):
            yield "test-loosened", "asserts less than it did"
        elif skeleton(twin.words) == skeleton(one.words) or source:
            changed = True
    if changed:
        rule = "expectation-changed" if source else "expectation-changed-alone"
        yield (
            rule,
            "expects another value than before" + ("" if source else ", and nothing else in the change says why"),
        )
    open_ones = left.rest()
    ranks = zip(_strongest(missing), _strongest(open_ones), strict=False)
    if any(had - has >= _FALL for had, has in ranks):
        yield "test-loosened", "asserts less than it did"
    unmatched = [one for one in missing if not spare[one.words]]
    if len(unmatched) > len(open_ones):
        number = len(unmatched) - len(open_ones)
        yield "test-loosened", f"lost {number} assertion{'s' if number > 1 else ''}"


def _strongest(assertions: list[Assertion]) -> list[int]:
    return sorted((one.strength for one in assertions), reverse=True)
