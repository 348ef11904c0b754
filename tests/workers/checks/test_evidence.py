"""What is concluded from runs: what counts against a change, what was so before, and what no longer runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pytest

from bot.domain.verdict import Counts, Step, Verdict
from workers.checks import Plan
from workers.checks.evidence import Base, judge, lost, weigh
from workers.checks.suite import Ended, Suite, dump, load
from workers.reports import Failing, State

PLAN = Plan("own", "make prove")
SHA = "a" * 40


def suite(
    code: int | None = 0,
    passed: int = 0,
    failed: Iterable[str] = (),
    skipped: int = 0,
    cases: Mapping[str, State] | None = None,
    ended: Ended = "by itself",
    **more: object,
) -> Suite:
    """A run whose counts follow from what is given; nothing was counted where nothing is given but the code."""
    named = tuple(Failing(name, "oh") for name in failed)
    if cases is not None:
        states = list(cases.values())
        passed, skipped = states.count("passed"), states.count("skipped")
        named = tuple(Failing(name, "oh") for name, state in cases.items() if state == "failed")
    counts = Counts(passed=passed, failed=len(named), skipped=skipped)
    known = counts if counts.total else None
    return Suite(code, ended, 1.0, known, named, cases or {}, **more)  # type: ignore[arg-type]  # reason: a builder


def states(passed: str = "", failed: str = "", skipped: str = "") -> dict[str, State]:
    """Outcomes by name from words."""
    return {
        **dict.fromkeys(passed.split(), "passed"),
        **dict.fromkeys(failed.split(), "failed"),
        **dict.fromkeys(skipped.split(), "skipped"),
    }


@pytest.mark.parametrize(
    ("head", "verdict"),
    [
        (suite(0, 3), Verdict.GREEN),
        (suite(0, 3, skipped=2), Verdict.GREEN),
        (suite(0, skipped=2), Verdict.UNPROVEN),
        (suite(0, 3, ["a"]), Verdict.RED),
        (suite(1, 3), Verdict.RED),
        (suite(1, 3, ["a"]), Verdict.RED),
        (suite(0), Verdict.UNPROVEN),
        (suite(5), Verdict.RED),
        (suite(1), Verdict.RED),
        (suite(None, 3, ended="timed out"), Verdict.RED),
        (suite(None, 3, ended="flooded"), Verdict.RED),
        (suite(None, 3, ended="cancelled"), Verdict.UNPROVEN),
        (suite(0, 3, faults=("A report is bad.",)), Verdict.UNPROVEN),
        (suite(127, 3, absent="npm"), Verdict.UNPROVEN),
        (suite(1, absent="harbour"), Verdict.UNPROVEN),
        (Suite(0, counts=Counts()), Verdict.UNPROVEN),
        (Suite(5, counts=Counts()), Verdict.UNPROVEN),
    ],
)
def test_exit_status_and_counts_must_agree(head: Suite, verdict: Verdict) -> None:
    found, reasons = judge(PLAN, head)
    assert found is verdict
    assert reasons
    assert all(reason.endswith(".") for reason in reasons)


def test_only_what_fails_since_the_change_is_red() -> None:
    base = Base(suite(1, cases=states("a b", "old")))
    found = weigh(PLAN, SHA, suite(1, cases=states("a", "b old")), base)
    assert found.verdict is Verdict.RED
    assert found.reasons[0] == "2 of 3 tests failed, 1 of them before this change too."
    assert (found.failing, found.old_failing) == (("b",), ("old",))


def test_a_failure_of_the_base_is_named_and_not_red() -> None:
    base = Base(suite(1, cases=states("a b", "old")))
    found = weigh(PLAN, SHA, suite(1, cases=states("a b c", "old")), base)
    assert found.verdict is Verdict.GREEN
    assert found.reasons == ("3 tests passed.", "1 test failed before this change too.")
    assert (found.failing, found.old_failing, found.base) == ((), ("old",), Counts(passed=2, failed=1))


def test_a_failure_of_the_base_is_known_by_name_alone_where_nothing_else_is_reported() -> None:
    found = weigh(PLAN, SHA, suite(1, 5, ["old"]), Base(suite(1, 5, ["old"])))
    assert (found.verdict, found.old_failing) == (Verdict.GREEN, ("old",))


def test_the_address_in_a_name_is_no_part_of_it() -> None:
    base = Base(suite(1, 5, ["test[<object at 0x7f0011223344>]"]))
    assert judge(PLAN, suite(1, 5, ["test[<object at 0x7f9988776655>]"]), base)[0] is Verdict.GREEN


def test_what_fails_only_sometimes_on_the_base_does_not_excuse_a_failure() -> None:
    base = Base(suite(1, 5, ["moody"]), flaky=("moody",))
    assert judge(PLAN, suite(1, 5, ["moody"]), base)[0] is Verdict.RED


def test_what_passed_when_run_again_is_flagged_and_not_red() -> None:
    found = weigh(PLAN, SHA, suite(1, cases=states("a", "moody")), Base(suite(0, cases=states("a moody"))), ["moody"])
    assert found.verdict is Verdict.GREEN
    assert found.reasons == ("2 tests passed.", "1 test failed once and passed when run again.")
    assert (found.flaky, found.failing, found.counts) == (("moody",), (), Counts(passed=2))


@pytest.mark.parametrize(
    ("head", "base", "verdict", "words"),
    [
        (suite(2), suite(2), Verdict.UNPROVEN, "before this change either"),
        (suite(2), suite(0, 3), Verdict.RED, "exit code 2"),
        (suite(2, 0, ["load"]), suite(2, 0, ["load"]), Verdict.UNPROVEN, "none passed"),
        (suite(2, 3), suite(2, 3), Verdict.UNPROVEN, "before this change too"),
        (suite(2, 3), suite(0, 3), Verdict.RED, "exit code 2"),
        (suite(139, 3, ["old"]), suite(1, 3, ["old"]), Verdict.RED, "before this change with 1"),
        (suite(0, 3, ["old"]), suite(0, 3, ["old"]), Verdict.UNPROVEN, "reports success"),
        (suite(None, ended="timed out"), suite(None, ended="timed out"), Verdict.UNPROVEN, "before this change too"),
        (suite(None, ended="timed out"), suite(0, 3), Verdict.RED, "took longer than 15 minutes"),
        (Suite(5, counts=Counts()), suite(0, 3), Verdict.RED, "before this change 3 tests did"),
        (suite(0), suite(0, 3), Verdict.RED, "before this change 3 tests did"),
    ],
)
def test_what_was_so_before_is_no_fault_of_the_change(head: Suite, base: Suite, verdict: Verdict, words: str) -> None:
    found, reasons = judge(PLAN, head, Base(base))
    assert found is verdict
    assert words in " ".join(reasons)


def test_failures_that_cannot_be_told_apart_by_name_count() -> None:
    many = Suite(1, counts=Counts(passed=5, failed=9), failing=(Failing("a"),))
    assert judge(PLAN, many, Base(suite(1, 5, ["a"])))[0] is Verdict.RED
    assert judge(PLAN, many, Base(many))[0] is Verdict.UNPROVEN


def test_a_source_that_fell_silent_keeps_green_away() -> None:
    base = Base(suite(0, 3, sources=("pytest's summary", "reports")))
    assert judge(PLAN, suite(0, 3, sources=("reports",)), base)[0] is Verdict.UNPROVEN


def test_tests_that_no_longer_run_are_lost() -> None:
    base = suite(0, cases=states("a b c", skipped="d"))
    head = suite(0, cases=states("a e f", skipped="b"))
    assert lost(base, head) == ("b", "c")
    found = weigh(PLAN, SHA, head, Base(base))
    assert found.verdict is Verdict.GREEN
    assert found.reasons[-1] == "2 tests that ran before this change no longer run."


def test_a_test_that_fails_now_is_not_lost() -> None:
    assert lost(suite(0, cases=states("a b")), suite(1, cases=states("a", "b"))) == ()


def test_other_parameters_are_not_lost_while_as_many_run() -> None:
    base = suite(0, cases=states("t[1-2] t[3-4] u"))
    assert lost(base, suite(0, cases=states("t[1-2] t[3-5] u"))) == ()
    assert lost(base, suite(0, cases=states("t[1-2] u v w"))) == ("t[3-4]",)


@pytest.mark.parametrize(
    ("case", "other"),
    [
        ("example.com/calc.TestTable/a", "example.com/calc.TestTable/b"),
        ('ATest.testCases with data set "one"', "ATest.testCases with data set #0"),
    ],
)
def test_cases_of_a_test_in_go_and_php_are_its_parameters(case: str, other: str) -> None:
    base = suite(0, cases={case: "passed", "u": "passed"})
    assert lost(base, suite(0, cases={other: "passed", "u": "passed"})) == ()
    assert lost(base, suite(0, cases={"v": "passed", "u": "passed"})) == (case,)


def test_fewer_tests_without_names_are_lost_too() -> None:
    assert lost(suite(0, 9), suite(0, 7, skipped=2)) == ("2 tests without a name of their own",)
    assert lost(suite(0, 9), suite(0, 12)) == ()


def test_one_of_two_tests_of_the_same_name_is_missed_by_the_count() -> None:
    twice = replace(suite(0, cases=states("a b")), counts=Counts(passed=3))
    assert lost(twice, suite(0, cases=states("a b"))) == ("1 test without a name of its own",)


def test_a_failed_quick_check_is_red_and_said_first() -> None:
    wrong = Step(name="ruff", state="failed", summary="1 finding of this change, the first in a.py:3.")
    found = weigh(PLAN, SHA, suite(0, 3), steps=(wrong, Step(name="mypy", state="old")))
    assert found.verdict is Verdict.RED
    assert found.reasons == ("ruff: 1 finding of this change, the first in a.py:3.", "3 tests passed.")


def test_a_kept_suite_is_read_back_whole() -> None:
    whole = suite(1, cases=states("a ü", "b", "c"), faults=("x.",), absent="npm", sources=("s",), output="oh \ud800")
    assert load(dump(whole)) == whole


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"code": 1}', b"\xff", b"[" * 100_000])
def test_what_is_no_kept_suite_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        load(content)
