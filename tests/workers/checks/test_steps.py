"""Quick checks: only what a change brought counts."""

from __future__ import annotations

import pytest

from workers.checks.steps import Ruling, compare, dump, load
from workers.ecosystems.candidate import Check
from workers.reports import Finding

RUFF = Check("ruff", "ruff check .", "lint", "ruff")
OLD = Finding("a.py", 3, "F401", "`os` imported but unused")
MOVED = Finding("a.py", 9, "F401", "`os` imported but unused")
NEW = Finding("b.py", 1, "E501", "Line too long")


def failed(*findings: Finding) -> Ruling:
    return Ruling("failed", findings, "the end")


def test_a_finding_that_only_moved_is_old() -> None:
    step, told = compare(RUFF, failed(MOVED), failed(OLD))
    assert (step.state, told) == ("old", "")
    assert step.summary == "1 finding, all there before this change."


def test_a_finding_of_the_change_is_told_with_its_place() -> None:
    step, told = compare(RUFF, failed(MOVED, NEW), failed(OLD))
    assert step.state == "failed"
    assert step.summary == "1 finding of this change, the first in b.py:1."
    assert told == "The check ruff has 1 finding of this change (ruff check .):\nb.py:1 E501 Line too long"


def test_the_same_finding_a_second_time_is_of_the_change() -> None:
    step, told = compare(RUFF, failed(OLD, MOVED), failed(OLD))
    assert step.state == "failed"
    assert "a.py:9" in told


def test_where_the_base_is_fine_every_finding_counts() -> None:
    assert compare(RUFF, failed(OLD), Ruling("passed"))[0].state == "failed"
    assert compare(RUFF, failed(OLD), None)[0].state == "failed"


@pytest.mark.parametrize(("base", "state"), [(Ruling("failed"), "old"), (Ruling("passed"), "failed"), (None, "failed")])
def test_without_findings_the_exit_status_is_compared(base: Ruling | None, state: str) -> None:
    step, told = compare(RUFF, Ruling("failed", None, "the end"), base)
    assert step.state == state
    assert ("the end" in told) is (state == "failed")


def test_what_could_not_be_run_is_no_failure() -> None:
    assert compare(RUFF, Ruling("not_run", end="not found"), None)[0].state == "not_run"


def test_many_findings_are_told_in_part() -> None:
    many = [Finding("a.py", line, "E501", f"Line {line} too long") for line in range(1, 41)]
    step, told = compare(RUFF, failed(*many), Ruling("passed"))
    assert step.summary.startswith("40 findings of this change")
    assert told.count("\n") == 13
    assert told.endswith("... and 28 more.")


@pytest.mark.parametrize("ruling", [failed(OLD, NEW), Ruling("passed"), Ruling("failed", None, "ü")])
def test_a_kept_ruling_is_read_back_whole(ruling: Ruling) -> None:
    assert load(dump(ruling)) == ruling


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"state": "failed", "findings": [3], "end": ""}'])
def test_what_is_no_kept_ruling_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        load(content)
