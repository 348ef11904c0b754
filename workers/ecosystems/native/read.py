"""Automake's tests (the summary of `make check`, with a line for each test), and CTest's summary.

Law: names are believed where they add up to the summary; without them the summary alone counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from bot.domain.verdict import Counts
from workers.reports import Reading, State, split_lines
from workers.reports.summary import Form, Told, number, reader
from workers.reports.tally import Tally

_CASE = re.compile(r"^(PASS|FAIL|SKIP|XFAIL|XPASS|ERROR): (\S.*)$")
_OUTCOMES: Mapping[str, State] = {
    "PASS": "passed", "FAIL": "failed", "ERROR": "failed", "XPASS": "failed", "SKIP": "skipped", "XFAIL": "skipped",
}  # fmt: skip


_SUMMARY = reader(
    Form(
        "Automake's summary",
        "# TOTAL:",
        r"^# (TOTAL|PASS|SKIP|XFAIL|FAIL|XPASS|ERROR): +(\d+)$",
        r"^(?:FAIL|ERROR|XPASS): (\S.*)$",
        lambda found: _column(_OUTCOMES.get(found[1]), number(found[2])),
    )
)


def _column(state: State | None, many: int) -> Told:
    return many * (state == "passed"), many * (state == "failed"), many * (state == "skipped")


def automake(output: str) -> Reading | None:
    """Read what the tests said, each by name where that can be."""
    summed = _SUMMARY(output)
    if summed is None:
        return None
    tally = Tally()
    for line in split_lines(output):
        if found := _CASE.match(line[:1000]):
            tally.add(found[2], _OUTCOMES[found[1]])
    return replace(summed, cases=tally.cases) if Counts(**tally.counted) == summed.counts else summed


OUTPUTS = {
    "automake": automake,
    "ctest": reader(
        Form(
            "CTest's summary",
            "% tests passed",
            r"^\d+% tests passed(?:,|;) (?P<failed>\d+) tests? failed out of (?P<total>\d+)$",
            r"^\s+\d+ - (\S+) \((?:Failed|Timeout|SEGFAULT|Not Run|Subprocess aborted)\)",
        )
    ),
}
