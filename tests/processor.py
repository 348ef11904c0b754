"""Processor seconds by room of the tests, so that a change that makes the suite slow is seen on any machine.

Seconds on the clock depend on what else a machine does; processor seconds of the tests and of the processes that they
started and waited for hardly do. A town's processes count for the test that ended them.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent
DEEPER = ("workers", "playground", "shipmate")
"""Rooms whose own rooms are told apart."""


class Meter:
    """Adds up what each room takes."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._before = 0.0

    def so_far(self) -> float:
        """Return the processor seconds since the last call."""
        now = sum(os.times()[:4])
        since, self._before = now - self._before, now
        return since

    def charge(self, room: str) -> None:
        """Count what was spent since the last call for `room`."""
        self.seconds[room] += self.so_far()


def room(file: Path) -> str:
    """Return the room of a test file: its folder below `tests/`, at most two deep."""
    parts = file.relative_to(HERE).parts[:-1]
    return "/".join(parts[: 2 if parts and parts[0] in DEEPER else 1]) or "."


def table(seconds: Mapping[str, float]) -> list[str]:
    """Return the lines of the summary, dearest room first."""
    lines = [f"{spent:8.1f} s  {name}" for name, spent in sorted(seconds.items(), key=lambda one: -one[1])]
    return [*lines, f"{sum(seconds.values()):8.1f} s  in all"]
