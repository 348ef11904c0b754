"""Red to green: what may be called proven, and what is said where it may not."""

from __future__ import annotations

import pytest

from tests.workers.checks.test_evidence import states, suite
from workers.checks import Plan
from workers.checks.evidence import Base
from workers.checks.proof import brought, command, nothing_to_prove, of_tests, prove, side_of_tests
from workers.checks.suite import Suite
from workers.workspace import Changed

PLAN = Plan("own", "make prove")


def changed(*paths: str, status: str = "M", mode: str = "100644") -> tuple[Changed, ...]:
    return tuple(Changed(path, status, "100644", mode, "1" * 40, "2" * 40) for path in paths)


FIX = changed("src/a.py", "tests/test_a.py")


@pytest.mark.parametrize(
    ("path", "tests"),
    [
        ("tests/test_a.py", True),
        ("test/data/cart.json", True),
        ("src/cart.test.ts", True),
        ("src/__snapshots__/cart.snap", True),
        ("pkg/testdata/in.txt", True),
        ("t/basic.t", True),
        ("features/pay.feature", True),
        ("test.js", True),
        ("tests.mjs", True),
        ("index.test-d.ts", True),
        ("tests/tests.c", True),
        ("src/test.js", False),
        ("src/features/cart.js", False),
        ("lib/testing/tools.py", False),
        ("src/latest/a.py", False),
        ("src/contest.py", False),
    ],
)
def test_tests_and_their_data_are_known_by_their_place(path: str, tests: bool) -> None:
    assert of_tests(path) is tests


def test_only_the_tests_of_a_change_are_put_on_the_base() -> None:
    both = (*FIX, *changed("tests/gone.py", status="D", mode="000000"), *changed("tests/x", mode="160000"))
    assert [one.path for one in side_of_tests(both)] == ["tests/test_a.py", "tests/gone.py"]
    assert brought(both) == ("tests/test_a.py",)


def test_a_change_without_tests_has_nothing_to_prove() -> None:
    said = nothing_to_prove(changed("src/a.py"))
    assert said is not None
    assert (said.state, said.why) == ("none", "The change adds no test.")
    only = nothing_to_prove(changed("tests/test_a.py"))
    assert only is not None
    assert only.why == "The change only touches tests."


def test_what_cannot_be_selected_is_run_whole_unless_that_takes_too_long() -> None:
    assert command(PLAN, FIX, suite(0, 3)) == "make prove"
    assert command(PLAN, FIX, Suite(0, seconds=900.0)) is None
    python = Plan("pytest", "pytest", ecosystem="python", tool="pytest", test_changed="pytest {files}")
    assert command(python, FIX, Suite(0, seconds=900.0)) == "pytest tests/test_a.py"


HEAD = suite(0, cases=states("old new"))
BASE = Base(suite(0, cases=states("old")))


@pytest.mark.parametrize(
    ("without", "state", "tests", "why"),
    [
        (suite(1, cases=states("old", "new")), "proven", ("new",), ""),
        (suite(0, cases=states("old new")), "unproven", (), "pass without the change too"),
        (suite(1, cases=states(failed="test_a")), "proven", ("new",), ""),
        (suite(1, cases=states("new", "other")), "unproven", (), "none of them passed with it"),
        (Suite(None, "timed out"), "unproven", (), "could not be run"),
        (suite(1, absent="harbour"), "unproven", (), "could not be run"),
        (None, "unproven", (), "takes too long"),
    ],
)
def test_only_a_test_seen_failing_and_passing_is_a_proof(
    without: Suite | None, state: str, tests: tuple[str, ...], why: str
) -> None:
    found = prove(PLAN, FIX, HEAD, BASE, without)
    assert (found.state, found.tests) == (state, tests)
    assert why in found.why


def test_known_tests_of_a_file_that_loads_no_more_without_the_change_are_a_proof() -> None:
    cases = states("test_a.adds test_a.sums elsewhere")
    unbuilt = Suite(101, output="error[E0425]: cannot find function `sums` in this scope")
    found = prove(PLAN, FIX, suite(0, cases=cases), Base(suite(0, cases=cases)), unbuilt)
    assert (found.state, found.tests) == ("proven", ("test_a.adds", "test_a.sums"))
    other = states("elsewhere")
    assert prove(PLAN, FIX, suite(0, cases=other), Base(suite(0, cases=other)), unbuilt).state == "unproven"


def test_what_failed_before_or_fails_by_chance_is_no_proof() -> None:
    head = suite(1, cases=states("old moody", "bad"))
    base = Base(suite(1, cases=states("old", "bad moody")), flaky=("moody",))
    without = suite(1, cases=states("old", "bad moody"))
    assert prove(PLAN, FIX, head, base, without).state == "unproven"


def test_a_test_that_merely_is_not_there_without_the_change_is_no_proof() -> None:
    # An old failure is no file that does not load: what is not reported then proves nothing.
    head = suite(1, cases=states("old elsewhere", "bad"))
    base = Base(suite(1, cases=states("old", "bad")))
    assert prove(PLAN, FIX, head, base, suite(1, cases=states("old", "bad"))).state == "unproven"


def test_what_fails_on_the_base_as_it_is_says_nothing_of_the_new_tests() -> None:
    head, base = suite(1, cases=states("old new", "bad")), Base(suite(1, cases=states("old", "bad")))
    found = prove(PLAN, FIX, head, base, suite(1, cases=states("old new", "bad")))
    assert (found.state, found.why) == ("unproven", "The new tests pass without the change too.")


def test_a_test_of_the_base_that_is_mended_is_a_proof_without_new_tests() -> None:
    base = Base(suite(1, cases=states("old", "bad")))
    found = prove(PLAN, changed("src/a.py"), suite(0, cases=states("old bad")), base, None)
    assert (found.state, found.tests) == ("proven", ("bad",))


def test_without_names_the_files_are_named() -> None:
    found = prove(PLAN, FIX, suite(0, 4), Base(suite(0, 3)), suite(1, 3, ["x"]))
    assert (found.state, found.tests) == ("proven", ("tests/test_a.py",))
    assert prove(PLAN, FIX, suite(1, 4), Base(suite(0, 3)), suite(1, 3, ["x"])).state == "unproven"


def test_without_names_of_what_passes_an_old_failure_that_is_named_hides_no_proof() -> None:
    head, base = suite(2, 4, ["bad"]), Base(suite(2, 3, ["bad"]))
    found = prove(PLAN, FIX, head, base, suite(2, 0, ["new"]))
    assert (found.state, found.tests) == ("proven", ("tests/test_a.py",))
    again = prove(PLAN, FIX, head, base, suite(2, 0, ["bad"]))
    assert (again.state, again.why) == ("unproven", "The new tests pass without the change too.")
    worse = prove(PLAN, FIX, suite(2, 4, ["bad", "worse"]), base, suite(2, 0, ["new"]))
    assert (worse.state, worse.why) == ("unproven", "The tests do not all pass with the change.")
