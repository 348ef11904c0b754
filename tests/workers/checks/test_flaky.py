"""What failed is run once more: by name, as a whole, or not at all."""

from __future__ import annotations

import pytest

from tests.workers.checks.test_evidence import suite
from workers.checks import Plan
from workers.checks.flaky import MOST, command
from workers.checks.suite import Suite

PYTEST = Plan("pytest", "pytest -q", ecosystem="python", tool="pytest", select="pytest -q {tests}")
OWN = Plan("own", "make prove")
FILES = ("tests/test_a.py",)
ONE = {"tests.test_a.test_b": "tests.test_a.test_b"}


def test_a_test_is_run_again_by_name_where_the_tool_can() -> None:
    assert command(PYTEST, Suite(1, seconds=900.0), ONE, FILES) == "pytest -q tests/test_a.py::test_b"


def test_a_short_suite_is_run_again_as_a_whole() -> None:
    assert command(OWN, suite(1), ONE, FILES) == "make prove"


@pytest.mark.parametrize(
    ("plan", "first", "failed"),
    [
        (OWN, Suite(1, seconds=61.0), ONE),
        (OWN, suite(1), {}),
        (PYTEST, suite(1), {f"t{n}": f"t{n}" for n in range(MOST + 1)}),
        (PYTEST, suite(None, ended="timed out"), ONE),
    ],
)
def test_what_is_no_chance_is_not_run_again(plan: Plan, first: Suite, failed: dict[str, str]) -> None:
    assert command(plan, first, failed, FILES) is None
