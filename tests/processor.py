"""Processor seconds by room of the tests, so that a change that makes the suite slow is seen on any machine.

Seconds on the clock depend on what else a machine does; processor seconds of the tests and of the processes that they
started and waited for hardly do. A town's processes count for the test that ended them.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent
DEEPER = ("workers", "playground", "shipmate")
"""Rooms whose own rooms are told apart."""
USUAL_SECONDS = 0.03
"""What the work of `slowness` takes on an ordinary machine."""


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


def slowness() -> float:
    """Return how many times longer than usual a piece of work takes on this machine at this moment, at least 1.

    Processor seconds grow too where a machine's processors are shared: a limit on them is one times this.
    """
    began = time.thread_time()
    words = {}
    for at in range(40_000):
        line = f"result = compute(value, other={at})"
        words[line.strip()] = len(line.split(","))
    return max(1.0, (time.thread_time() - began) / USUAL_SECONDS)
