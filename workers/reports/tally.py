"""Counting cases one by one, and adding readings up.

Law: counts go on when names no longer are kept, so that a flood of names hides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.verdict import Counts
from workers.reports import MOST_CASES, Failing, Reading, State, cut

MOST_FAILING = 200
_MESSAGE_LINES = 12
_WORSE: dict[State, int] = {"skipped": 0, "passed": 1, "failed": 2}


class Tally:
    """Cases as a report tells them. Of a name that occurs twice the worst outcome is kept."""

    def __init__(self) -> None:
        self.counted: dict[State, int] = {"passed": 0, "failed": 0, "skipped": 0}
        self.failing: list[Failing] = []
        self.cases: dict[str, State] = {}

    def add(self, name: str, state: State, message: str = "") -> None:
        """Count one case; `message` is shortened to its first lines."""
        name = cut(" ".join(name.split()) or "unnamed")
        self.counted[state] += 1
        if state == "failed" and len(self.failing) < MOST_FAILING:
            self.failing.append(Failing(name, shortened(message)))
        if name in self.cases:
            self.cases[name] = max(self.cases[name], state, key=_WORSE.__getitem__)
        elif len(self.cases) < MOST_CASES:
            self.cases[name] = state

    def reading(self, source: str) -> Reading:
        """Return what was counted so far."""
        return Reading(source, Counts(**self.counted), tuple(self.failing), self.cases)


def shortened(message: str) -> str:
    """Return the first lines of a message, each cut."""
    return "\n".join(cut(line) for line in message[:20_000].strip().splitlines()[:_MESSAGE_LINES])


def total(readings: Iterable[Reading]) -> Reading:
    """Return several readings as one, of at least one."""
    all_of_them = tuple(readings)
    if len(all_of_them) == 1:
        return all_of_them[0]
    cases: dict[str, State] = {}
    for reading in all_of_them:
        for name, state in reading.cases.items():
            if name in cases:
                cases[name] = max(cases[name], state, key=_WORSE.__getitem__)
            elif len(cases) < MOST_CASES:
                cases[name] = state
    counts = Counts(
        passed=sum(reading.counts.passed for reading in all_of_them),
        failed=sum(reading.counts.failed for reading in all_of_them),
        skipped=sum(reading.counts.skipped for reading in all_of_them),
    )
    failing = [failure for reading in all_of_them for failure in reading.failing]
    named = list(dict.fromkeys(reading.source for reading in all_of_them))
    return Reading(" and ".join(named), counts, tuple(failing[:MOST_FAILING]), cases)
