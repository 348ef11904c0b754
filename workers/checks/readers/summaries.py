"""The last lines of test runners that sum up in words, and name no test that passed.

Law: a summary is a whole line of the tool's own form. Where a tool sums up several times, each run counts once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from bot.domain.verdict import Counts
from workers.reports import Failing, Reading, cut, mentions, plain, split_lines

_MOST_LINES = 400_000
_MOST_FAILING = 200
_LAST = {"swift"}
"""Its summaries add up as suites end: the last one speaks for the run."""


@dataclass(frozen=True)
class _Form:
    """A tool's summary: `line` matches it, `counts` says what it counts; without `needle` there is none in a text."""

    source: str
    needle: str
    line: re.Pattern[str]
    counts: Callable[[re.Match[str]], tuple[int, int, int] | None]
    failing: re.Pattern[str] | None = None


def _number(text: str | None) -> int:
    return int(text) if text and len(text) < 9 else 0


def _groups(found: re.Match[str]) -> tuple[int, int, int] | None:
    """By named groups: `passed` or `total`, `failed`, `errors`, `skipped`, `more` (skipped too)."""
    parts = {name: _number(value) for name, value in found.groupdict().items()}
    failed = parts.get("failed", 0) + parts.get("errors", 0)
    skipped = parts.get("skipped", 0) + parts.get("more", 0)
    passed = parts["passed"] if "passed" in parts else max(0, parts.get("total", 0) - failed - skipped)
    return passed, failed, skipped


def _worded(kinds: Mapping[str, str]) -> Callable[[re.Match[str]], tuple[int, int, int] | None]:
    """By "3 failed"-like parts of the first group."""

    def counts(found: re.Match[str]) -> tuple[int, int, int] | None:
        told = {"passed": 0, "failed": 0, "skipped": 0}
        for number, word in re.findall(r"(\d{1,8}) ([a-z]+)", found[1]):
            if word in kinds:
                told[kinds[word]] += int(number)
        return (told["passed"], told["failed"], told["skipped"])

    return counts


def _minitest(found: re.Match[str]) -> tuple[int, int, int] | None:
    skips = re.search(r", (\d+) skips$", found[0])
    passed, failed, skipped = _groups(found) or (0, 0, 0)
    more = _number(skips[1]) if skips else 0
    return max(0, passed - more), failed, skipped + more


def _exunit(found: re.Match[str]) -> tuple[int, int, int] | None:
    if not (found["tests"] or found["doctests"] or found["properties"]):
        return None
    total = sum(_number(found[name]) for name in ("tests", "doctests", "properties"))
    skipped = sum(int(number) for number in re.findall(r"(\d{1,8}) (?:excluded|skipped)", found["rest"]))
    failed = _number(found["failed"]) + _number(found["invalid"])
    return max(0, total - failed - skipped), failed, skipped


def _phpunit(found: re.Match[str]) -> tuple[int, int, int] | None:
    if found["total"]:
        return _number(found["total"]), 0, 0
    parts = dict(re.findall(r"([A-Z][A-Za-z ]*): (\d{1,8})", found[2]))
    number = {name: int(value) for name, value in parts.items()}
    failed = number.get("Failures", 0) + number.get("Errors", 0)
    skipped = number.get("Skipped", 0) + number.get("Incomplete", 0)
    return max(0, number.get("Tests", 0) - failed - skipped), failed, skipped


def _automake(found: re.Match[str]) -> tuple[int, int, int] | None:
    number = _number(found[2])
    return {
        "PASS": (number, 0, 0), "SKIP": (0, 0, number), "XFAIL": (0, 0, number), "FAIL": (0, number, 0),
        "XPASS": (0, number, 0), "ERROR": (0, number, 0),
    }.get(found[1], (0, 0, 0))  # fmt: skip


_JEST_WORDS = {"passed": "passed", "failed": "failed", "skipped": "skipped", "todo": "skipped", "pending": "skipped"}
_FORMS: Mapping[str, _Form] = {
    "jest": _Form(
        "Jest's summary",
        "Tests:  ",
        re.compile(r"^Tests: {5,8}((?:\d+ [a-z]+, )*\d+ total)$"),
        _worded(_JEST_WORDS),
        re.compile(r"^  ● (.+)$"),
    ),
    "vitest": _Form(
        "Vitest's summary",
        "Tests  ",
        re.compile(r"^ {2,8}Tests  ((?:\d+ [a-z]+(?: \| )?)+)(?: \(\d+\))?$"),
        _worded({**_JEST_WORDS, "expected": "skipped"}),
        re.compile(r"^ FAIL  (.+)$"),
    ),
    "minitest": _Form(
        "Minitest's summary",
        " assertions, ",
        re.compile(
            r"^(?P<total>\d+) (?:runs|tests), \d+ assertions, (?P<failed>\d+) failures, (?P<errors>\d+) errors"
            r"(?:, (?P<more>\d+) pendings, (?P<skipped>\d+) omissions.*|, \d+ skips)?$"
        ),
        _minitest,
    ),
    "rspec": _Form(
        "RSpec's summary",
        " example",
        re.compile(
            r"^(?P<total>\d+) examples?, (?P<failed>\d+) failures?(?:, (?P<skipped>\d+) pending)?"
            r"(?:, (?P<errors>\d+) errors? occurred outside of examples)?$"
        ),
        _groups,
        re.compile(r"^rspec (\./\S+)"),
    ),
    "mix": _Form(
        "ExUnit's summary",
        " failure",
        re.compile(
            r"^(?:(?P<doctests>\d+) doctests?, )?(?:(?P<properties>\d+) propert(?:y|ies), )?"
            r"(?:(?P<tests>\d+) tests?, )?(?P<failed>\d+) failures?(?:, (?P<invalid>\d+) invalid)?"
            r"(?P<rest>(?:, \d+ (?:excluded|skipped))*)$"
        ),
        _exunit,
        re.compile(r"^  +\d+\) (test .+|doctest .+|property .+)$"),
    ),
    "phpunit": _Form(
        "PHPUnit's summary",
        "ssertion",
        re.compile(r"^(?:OK \((?P<total>\d+) tests?, \d+ assertions?\)|(Tests: \d+, Assertions: \d+.*?)\.?)$"),
        _phpunit,
        re.compile(r"^\d+\) ([\w\\]+::\S.*)$"),
    ),
    "automake": _Form(
        "Automake's summary",
        "# TOTAL:",
        re.compile(r"^# (TOTAL|PASS|SKIP|XFAIL|FAIL|XPASS|ERROR): +(\d+)$"),
        _automake,
        re.compile(r"^(?:FAIL|ERROR|XPASS): (\S.*)$"),
    ),
    "ctest": _Form(
        "CTest's summary",
        "% tests passed",
        re.compile(r"^\d+% tests passed(?:,|;) (?P<failed>\d+) tests? failed out of (?P<total>\d+)$"),
        _groups,
        re.compile(r"^\s+\d+ - (\S+) \((?:Failed|Timeout|SEGFAULT|Not Run|Subprocess aborted)\)"),
    ),
    "maven": _Form(
        "Maven's summary",
        "Tests run:",
        re.compile(
            r"^(?:\[[A-Z]+\] )?Tests run: (?P<total>\d+), Failures: (?P<failed>\d+), Errors: (?P<errors>\d+),"
            r" Skipped: (?P<skipped>\d+)$"
        ),
        _groups,
        re.compile(r"^\[ERROR\]   (\S+[:.]\S+.*)$"),
    ),
    "swift": _Form(
        "XCTest's summary",
        "Executed ",
        re.compile(
            r"^\s+Executed (?P<total>\d+) tests?, with (?:(?P<skipped>\d+) tests? skipped and )?"
            r"(?P<failed>\d+) failures? \(\d+ unexpected\) in [\d.]+ \([\d.]+\) seconds$"
        ),
        _groups,
        re.compile(r"^.*: error: (-?\[?[\w. ]+\]?) : .*$"),
    ),
    "dotnet": _Form(
        "dotnet's summary",
        "! ",
        re.compile(
            r"^(?:Passed|Failed|Skipped)! +- Failed: +(?P<failed>\d+), Passed: +(?P<passed>\d+), "
            r"Skipped: +(?P<skipped>\d+), Total: +\d+(?:,.*)?$"
        ),
        _groups,
        re.compile(r"^  Failed (\S.*?) \[[^\]]+\]$"),
    ),
    "jasmine": _Form(
        "Jasmine's summary",
        " spec",
        re.compile(r"^(?P<total>\d+) specs?, (?P<failed>\d+) failures?(?:, (?P<skipped>\d+) pending specs?)?$"),
        _groups,
        re.compile(r"^\d+\) (\S.*)$"),
    ),
    "bun": _Form(
        "bun's summary",
        "Ran ",
        re.compile(r"^Ran (?P<total>\d+) tests? across \d+ files?\..*$"),
        _groups,
        re.compile(r"^\(fail\) (.+?)(?: \[.*)?$"),
    ),
}


def reader(name: str) -> Callable[[str], Reading | None]:
    """The reader of one tool's summary."""
    return lambda output: _read(name, output)


NAMES = (*_FORMS, "mocha", "plain")


def _read(name: str, output: str) -> Reading | None:
    if name == "plain":
        return _plain(output)
    form = _FORMS.get(name)
    if not mentions(output, form.needle if form else " passing"):
        return None
    lines = split_lines(output)[-_MOST_LINES:]
    if form is None:
        return _mocha(lines)
    told = [
        counts for line in lines if (found := form.line.match(line[:400].rstrip())) and (counts := form.counts(found))
    ]
    if not told:
        return None
    if name == "bun":
        return _bun(lines, told)
    chosen = told[-1:] if name in _LAST else told
    passed, failed, skipped = (sum(column) for column in zip(*chosen, strict=True))
    return Reading(
        form.source, Counts(passed=passed, failed=failed, skipped=skipped), _failing(lines, form.failing, failed)
    )


def _failing(lines: Iterable[str], pattern: re.Pattern[str] | None, failed: int) -> tuple[Failing, ...]:
    """Names of what failed; none where nothing did, whatever else looks like one."""
    if pattern is None or not failed:
        return ()
    names = dict.fromkeys(
        cut(next(group for group in found.groups() if group)).strip()
        for line in lines
        if (found := pattern.match(line[:1000]))
    )
    return tuple(Failing(name) for name in list(names)[: min(failed, _MOST_FAILING)])


def _bun(lines: list[str], told: list[tuple[int, int, int]]) -> Reading:
    counted = {"pass": 0, "fail": 0, "skip": 0, "todo": 0}
    for line in lines:
        if found := re.match(r"^ *(\d{1,8}) (pass|fail|skip|todo)$", line[:60]):
            counted[found[2]] += int(found[1])
    del told
    counts = Counts(passed=counted["pass"], failed=counted["fail"], skipped=counted["skip"] + counted["todo"])
    return Reading("bun's summary", counts, _failing(lines, _FORMS["bun"].failing, counts.failed))


_MOCHA = re.compile(r"^  (\d{1,8}) (passing|failing|pending)(?: \(\d+\w+\))?$")


def _mocha(lines: list[str]) -> Reading | None:
    """ "  3 passing (10ms)", and below it what is pending and failing, each where there is any; runs add up."""
    counted = {"passing": 0, "failing": 0, "pending": 0}
    seen = False
    for line in lines:
        if found := _MOCHA.match(line[:80].rstrip()):
            seen = seen or found[2] == "passing"
            counted[found[2]] += int(found[1])
    if not seen:
        return None
    counts = Counts(passed=counted["passing"], failed=counted["failing"], skipped=counted["pending"])
    return Reading("Mocha's summary", counts, _failing(lines, re.compile(r"^  \d+\) (\S.*)$"), counts.failed))


_PAIR = re.compile(r"^(?:passed|PASSED|Passed): {1,4}(\d{1,8})\n(?:failed|FAILED|Failed): {1,4}(\d{1,8})$", re.M)


def _plain(output: str) -> Reading | None:
    """ "PASSED: 16" and "FAILED: 0" on lines of their own, one below the other, as hand-made suites sum up."""
    found = _PAIR.findall(plain(output)) if any(mentions(output, words) for words in ("assed: ", "PASSED: ")) else []
    if not found:
        return None
    counts = Counts(passed=sum(int(good) for good, _ in found), failed=sum(int(bad) for _, bad in found))
    return Reading("the suite's own summary", counts)
