"""Node's test runner: the totals of its spec ("ℹ pass 3") and TAP ("# pass 3") outputs."""

from __future__ import annotations

import re

from bot.domain.verdict import Counts
from workers.reports import END, Failing, Reading, cut, split_lines

_TOTAL = re.compile(r"^(?:ℹ|#) (tests|pass|fail|cancelled|skipped|todo) (\d+)$")
_FAILED = re.compile(r"^\s*(?:✖ (.+?)(?: \([\d.]+ms\))?|not ok \d+ - (.+))$")


def read(output: str) -> Reading | None:
    """The totals of the last run, or None where Node's runner did not speak."""
    lines = split_lines(output[-END:])
    totals: dict[str, int] = {}
    for line in lines[-4000:]:
        if found := _TOTAL.match(line.strip()[:100]):
            totals[found[1]] = int(found[2])
    if not {"tests", "pass", "fail"} <= totals.keys():
        return None
    failing: dict[str, None] = {}
    for line in lines:
        if (found := _FAILED.match(line[:1000])) and (name := (found[1] or found[2]).strip()) != "failing tests:":
            failing.setdefault(cut(name), None)
    counts = Counts(
        passed=totals["pass"],
        failed=totals["fail"] + totals.get("cancelled", 0),
        skipped=totals.get("skipped", 0) + totals.get("todo", 0),
    )
    return Reading("node's summary", counts, tuple(Failing(name) for name in list(failing)[:200]))
