"""pytest's last line ("2 failed, 3 passed in 0.12s") and its short summary."""

from __future__ import annotations

import re

from bot.domain.verdict import Counts
from workers.reports import END, Failing, Reading, cut, split_lines

_LAST = re.compile(r"^=*\s*((?:\d+ [a-z]+(?:, )?)+|no tests ran)\s+in [\d.]+s.*$")
_PART = re.compile(r"(\d+) ([a-z]+)")
_SUMMARY = re.compile(r"^(?:FAILED|ERROR) (\S.*?)(?: - (.*))?$")


def read(output: str) -> Reading | None:
    """The counts of the last summary line, or None where pytest did not speak."""
    lines = split_lines(output[-END:])
    last = next((found for line in reversed(lines[-400:]) if (found := _LAST.match(line.strip()[:500]))), None)
    if last is None:
        return None
    counts = dict.fromkeys(("passed", "failed", "skipped"), 0)
    for number, word in _PART.findall(last[1]):
        kind = {
            "passed": "passed", "xpassed": "passed", "failed": "failed", "error": "failed", "errors": "failed",
            "skipped": "skipped", "xfailed": "skipped",
        }.get(word)  # fmt: skip
        if kind:
            counts[kind] += int(number)
    failing = [
        Failing(cut(found[1]), cut(found[2] or "")) for line in lines[-2000:] if (found := _SUMMARY.match(line[:1000]))
    ]
    return Reading("pytest's summary", Counts(**counts), tuple(failing[:200]))
