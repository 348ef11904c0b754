"""Tests that failed are run once more, in a fresh checkout: what passes then failed by chance.

Law: once, and never in the place where they failed, so that nothing a test left behind can make it pass.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from workers.checks import Plan
from workers.checks.plan import only_tests
from workers.checks.run import run_suite
from workers.checks.suite import Suite
from workers.sandbox import Session

MOST = 20
"""Failures beyond this are no chance, and are not run again."""
WHOLE_SECONDS = 60.0
"""A suite whose tests cannot be named on the command line is run again as a whole if it takes no longer than this."""


def command(plan: Plan, first: Suite, failed: Mapping[str, str], files: Collection[str]) -> str | None:
    """Return the command line that runs the failed tests ({how they are recognised: name}) again, or None not to."""
    if not failed or len(failed) > MOST or first.ended != "by itself" or plan.test is None:
        return None
    named = only_tests(plan, tuple(failed.values()), files)
    return named or (plan.test if first.seconds < WHOLE_SECONDS else None)


def passed_again(
    plan: Plan, line: str, session: Session, first: Suite, failed: Mapping[str, str], cancelled: Callable[[], bool]
) -> tuple[tuple[str, ...], Suite]:
    """Return the names of those that pass this time, and the run itself. A tool that finds no test of these names runs
    all.

    A test passes again where a report says so by name; where names of passing tests are not reported, where the run
    ended well, with as many passing tests at least, and the test is not among those that failed.
    """
    again = run_suite(plan, line, session, cancelled)
    if not again.counted and plan.test and line != plan.test and first.seconds < WHOLE_SECONDS:
        again = run_suite(plan, plan.test, session, cancelled)
    if again.ended != "by itself" or again.absent or again.faults:
        return (), again
    failing = again.failed_names()
    if again.cases:
        passing = again.in_state("passed")
        return tuple(name for key, name in failed.items() if key in passing and key not in failing), again
    fine = again.code == 0 and not again.failed and again.counts is not None and again.counts.passed >= len(failed)
    return (tuple(failed.values()) if fine else ()), again
