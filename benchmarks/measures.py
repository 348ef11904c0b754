"""Numbers out of samples: quantiles, medians over rounds, and how they are written.

Law: a number that stands for several rounds is their median, and says the smallest and the largest beside it.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence


def quantile(samples: Sequence[float], q: float) -> float:
    """Return the smallest sample that at least the share `q` of all samples does not exceed; NaN without samples."""
    if not samples:
        return math.nan
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(q * len(ordered)) - 1)]


def median(values: Sequence[float]) -> float:
    """NaN without values."""
    return statistics.median(values) if values else math.nan


def ms(seconds: float) -> str:
    """Return seconds as milliseconds with about three figures."""
    if math.isnan(seconds):
        return "-"
    value = seconds * 1000
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def spread(values: Sequence[float], write: str = "{:.0f}") -> str:
    """Return the median over rounds, with the smallest and the largest: `410 (398–433)`."""
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return "-"
    shown = [write.format(value) for value in (median(known), min(known), max(known))]
    return shown[0] if len(known) == 1 or shown[1] == shown[2] else f"{shown[0]} ({shown[1]}–{shown[2]})"


def spread_ms(seconds: Sequence[float]) -> str:
    """Return the same for seconds, written as milliseconds."""
    values = [value * 1000 for value in seconds]
    return spread(values, "{:.1f}" if median(values) < 100 else "{:,.0f}")
