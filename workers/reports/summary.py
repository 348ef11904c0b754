"""The last lines of test runners that sum up in words, and name no test that passed: an engine, and a form a tool.

Law: a summary is a whole line of the tool's own form. Where a tool sums up several times, each run counts once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from bot.domain.verdict import Counts
from workers.reports import Failing, Reading, State, cut, mentions, split_lines

_MOST_LINES = 400_000
_MOST_FAILING = 200
Told = tuple[int, int, int]
"""Passed, failed, skipped."""


def number(text: str | None) -> int:
    """Return a number as a tool printed it, 0 where there is none or it is absurd."""
    return int(text) if text and len(text) < 9 else 0


def by_groups(found: re.Match[str]) -> Told:
    """Count by named groups: `passed` or `total`, `failed`, `errors`, `skipped`, `more` and `skips` (skipped too)."""
    parts = {name: number(value) for name, value in found.groupdict().items()}
    failed = parts.get("failed", 0) + parts.get("errors", 0)
    skipped = parts.get("skipped", 0) + parts.get("more", 0) + parts.get("skips", 0)
    passed = parts["passed"] if "passed" in parts else max(0, parts.get("total", 0) - failed - skipped)
    return passed, failed, skipped


def by_words(states: Mapping[str, State]) -> Callable[[re.Match[str]], Told]:
    """Count by "3 failed"-like parts of the first group."""

    def counts(found: re.Match[str]) -> Told:
        told: dict[State, int] = {"passed": 0, "failed": 0, "skipped": 0}
        for many, word in re.findall(r"(\d{1,8}) ([a-z]+)", found[1]):
            if word in states:
                told[states[word]] += int(many)
        return told["passed"], told["failed"], told["skipped"]

    return counts


@dataclass(frozen=True)
class Form:
    """Describe a tool's summary: `line` matches it, `counts` says what it counts; lines add up.

    Without `needle` in it a text has no summary. `failing` finds the name of a failed test in a line. `needs` is a line
    without which the numbers mean nothing. `last` is for a tool whose summaries add up by themselves.
    """

    source: str
    needle: str
    line: str
    failing: str = ""
    counts: Callable[[re.Match[str]], Told | None] = by_groups
    needs: str = ""
    last: bool = False


def reader(form: Form) -> Callable[[str], Reading | None]:
    """Return the reader of one tool's summary."""
    line, failing, needs = re.compile(form.line), re.compile(form.failing), re.compile(form.needs)

    def read(output: str) -> Reading | None:
        if not mentions(output, form.needle):
            return None
        every = split_lines(output)[-_MOST_LINES:]
        told = [counts for one in every if (found := line.match(one[:400].rstrip())) and (counts := form.counts(found))]
        if not told or (form.needs and not any(needs.match(one[:400]) for one in every)):
            return None
        passed, failed, skipped = (sum(column) for column in zip(*told[-1 if form.last else 0 :], strict=True))
        names = _names(every, failing, failed) if form.failing and failed else ()
        return Reading(form.source, Counts(passed=passed, failed=failed, skipped=skipped), names)

    return read


def _names(lines: Iterable[str], failing: re.Pattern[str], failed: int) -> tuple[Failing, ...]:
    """Return the names of what failed, no more than failures were counted, whatever else looks like one."""
    found = (one for line in lines if (one := failing.match(line[:1000])))
    names = dict.fromkeys(cut(one[1]).strip() for one in found)
    return tuple(Failing(name) for name in list(names)[: min(failed, _MOST_FAILING)])
