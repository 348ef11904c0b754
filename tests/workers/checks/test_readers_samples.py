"""Readings and findings as wholes: several reports add up, a finding stays itself."""

from __future__ import annotations

from pathlib import Path

from bot.domain.verdict import Counts
from workers.checks import readers
from workers.reports import Finding, Reading

ECOSYSTEMS = Path(__file__).parents[3] / "workers" / "ecosystems"


def sample(name: str) -> Path:
    """Return the sample of this name, of whichever language."""
    (found,) = ECOSYSTEMS.glob(f"*/samples/{name}")
    return found


def report(*names: str) -> Reading:
    return readers.reports([sample(name).read_bytes() for name in names])


def test_reports_of_several_kinds_add_up() -> None:
    assert report("jest.json", "mocha.xml", "pytest.xml").counts == Counts(passed=3, failed=4, skipped=4)


def test_a_finding_stays_itself_when_lines_above_it_come_and_go() -> None:
    one, other = Finding("a.py", 3, "E1", "wrong"), Finding("a.py", 9, "E1", "wrong")
    assert one.identity == other.identity
