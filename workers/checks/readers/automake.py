"""Automake's tests: the summary of `make check`, with the line that it prints of each test.

Law: names are believed where they add up to the summary; without them the summary alone counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from bot.domain.verdict import Counts
from workers.checks.readers import summaries
from workers.reports import Reading, State, split_lines
from workers.reports.tally import Tally

_CASE = re.compile(r"^(PASS|FAIL|SKIP|XFAIL|XPASS|ERROR): (\S.*)$")
_OUTCOMES: Mapping[str, State] = {
    "PASS": "passed", "FAIL": "failed", "ERROR": "failed", "XPASS": "failed", "SKIP": "skipped", "XFAIL": "skipped",
}  # fmt: skip


def read(output: str) -> Reading | None:
    """What the tests said, each by name where that can be; None where there is no summary of Automake's."""
    summed = summaries.reader("automake")(output)
    if summed is None:
        return None
    tally = Tally()
    for line in split_lines(output):
        if found := _CASE.match(line[:1000]):
            tally.add(found[2], _OUTCOMES[found[1]])
    return replace(summed, cases=tally.cases) if Counts(**tally.counted) == summed.counts else summed
