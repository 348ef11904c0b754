"""Trees on trial in the real sandbox: against their base, once more, and their tests without them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.verdict import Counts, Verdict
from tests.workers.checks.town import Town
from workers.checks import Plan
from workers.checks.feedback import feedback
from workers.ecosystems.candidate import Check

CODE = "def add(a, b):\n    return a - b\n"
FIXED = "def add(a, b):\n    return a + b\n"
OLD_TEST = "def test_same():\n    assert 1 == 1\n"
NEW_TEST = "from calc import add\n\ndef test_add():\n    assert add(1, 2) == 3\n"
BASE = {"pytest.ini": "[pytest]\n", "calc.py": CODE, "tests/test_old.py": OLD_TEST}


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def test_a_fix_with_its_test_is_green_and_proven(town: Town) -> None:
    found = town.tried(BASE, {**BASE, "calc.py": FIXED, "tests/test_add.py": NEW_TEST}).evidence
    assert (found.verdict, found.reasons) == (Verdict.GREEN, ("2 tests passed.",))
    assert found.base == Counts(passed=1)
    assert found.proof is not None
    assert (found.proof.state, found.proof.tests) == ("proven", ("tests.test_add.test_add",))
    assert sorted(town.opened) == ["base", "head", "planted", "without"]


def test_a_test_that_passes_without_the_change_proves_nothing(town: Town) -> None:
    found = town.tried(BASE, {**BASE, "calc.py": FIXED, "tests/test_new.py": "def test_new():\n    assert True\n"})
    assert found.evidence.verdict is Verdict.GREEN
    assert found.evidence.proof is not None
    assert found.evidence.proof.state == "unproven"
    assert "pass without the change too" in found.evidence.proof.why


def test_a_test_that_cannot_load_without_the_change_fails_without_it(town: Town) -> None:
    head = {
        **BASE,
        "calc.py": CODE + "def double(a):\n    return 2 * a\n",
        "tests/test_double.py": "from calc import double\n\ndef test_double():\n    assert double(2) == 4\n",
    }
    found = town.tried(BASE, head).evidence
    assert found.proof is not None
    assert (found.proof.state, found.proof.tests) == ("proven", ("tests.test_double.test_double",))


def test_what_failed_before_is_not_held_against_the_change(town: Town) -> None:
    base = {**BASE, "tests/test_bad.py": "def test_bad():\n    assert False, 'always so'\n"}
    outcome = town.tried(base, {**base, "calc.py": FIXED, "tests/test_add.py": NEW_TEST})
    assert outcome.evidence.verdict is Verdict.GREEN
    assert outcome.evidence.old_failing == ("tests.test_bad.test_bad",)
    assert outcome.evidence.reasons == ("2 tests passed.", "1 test failed before this change too.")
    assert outcome.evidence.proof is not None
    assert outcome.evidence.proof.tests == ("tests.test_add.test_add",)


def test_a_new_failure_is_red_and_the_old_one_named_as_old(town: Town) -> None:
    base = {**BASE, "tests/test_bad.py": "def test_bad():\n    assert False\n", "tests/test_add.py": "x = 1\n"}
    outcome = town.tried(base, {**base, "tests/test_add.py": NEW_TEST})
    assert outcome.evidence.verdict is Verdict.RED
    assert outcome.evidence.failing == ("tests.test_add.test_add",)
    told = feedback(outcome)
    assert "FAILED tests.test_add.test_add" in told
    assert "leave them alone:\ntests.test_bad.test_bad" in told
    assert "FAILED tests.test_bad" not in told.split("End of the output")[0]


def test_a_failing_test_of_the_base_that_passes_now_is_a_proof(town: Town) -> None:
    base = {**BASE, "tests/test_add.py": NEW_TEST}
    found = town.tried(base, {**base, "calc.py": FIXED}).evidence
    assert found.verdict is Verdict.GREEN
    assert found.proof is not None
    assert (found.proof.state, found.proof.tests) == ("proven", ("tests.test_add.test_add",))


def test_what_passes_in_a_fresh_checkout_the_second_time_is_flaky(town: Town) -> None:
    # The only thing that differs between the two runs: the whole suite, or this test alone.
    moody = "import sys\n\ndef test_moody():\n    assert any('moody' in word for word in sys.argv)\n"
    found = town.tried(BASE, {**BASE, "tests/test_moody.py": moody}).evidence
    assert found.verdict is Verdict.GREEN
    assert found.flaky == ("tests.test_moody.test_moody",)
    assert found.counts == Counts(passed=2)


def test_what_a_failing_test_leaves_behind_does_not_make_it_pass(town: Town) -> None:
    trap = """
import pathlib

def test_trap():
    seen = pathlib.Path("seen")
    known = seen.exists()
    seen.touch()
    assert known
"""
    found = town.tried(BASE, {**BASE, "tests/test_trap.py": trap}).evidence
    assert found.verdict is Verdict.RED
    assert found.flaky == ()


def test_the_base_is_run_once_for_all_changes(town: Town) -> None:
    head = {**BASE, "calc.py": FIXED}
    first = town.tried(BASE, head).evidence
    town.opened.clear()
    second = town.tried(BASE, {**head, "more.py": ""}).evidence
    assert town.opened == ["head", "planted"]
    assert second.base == first.base == Counts(passed=1)


def test_a_test_that_no_longer_runs_is_lost(town: Town) -> None:
    head = {**BASE, "tests/test_old.py": "import pytest\n\n@pytest.mark.skip\n" + OLD_TEST, "tests/test_b.py": OLD_TEST}
    found = town.tried(BASE, head).evidence
    assert found.verdict is Verdict.GREEN
    assert found.lost == ("tests.test_old.test_same",)


def test_a_suite_that_never_started_is_no_fault_of_the_change(town: Town) -> None:
    base = {**BASE, "conftest.py": "import calc.nothing\n"}
    found = town.tried(base, {**base, "calc.py": FIXED}).evidence
    assert found.verdict is Verdict.UNPROVEN


def test_a_suite_that_the_change_breaks_is_red(town: Town) -> None:
    found = town.tried(BASE, {**BASE, "conftest.py": "import calc.nothing\n"}).evidence
    assert found.verdict is Verdict.RED


def test_a_program_missing_after_the_tests_passed_proves_nothing_either_way(town: Town) -> None:
    own = Plan("own", "python -m pytest -q tests && npm-of-old run lint")
    found = town.tried(BASE, {**BASE, "calc.py": FIXED}, own).evidence
    assert found.verdict is Verdict.UNPROVEN
    assert found.reasons == ("1 test passed, but the checks also need npm-of-old, which is not here.",)


def test_a_program_that_the_plan_needs_is_looked_for_first(town: Town) -> None:
    found = town.tried(BASE, BASE, Plan("own", "exit 1", needs=("cobol-of-old",))).evidence
    assert found.verdict is Verdict.UNPROVEN
    assert "cobol-of-old" in found.reasons[0]
    assert town.opened == ["head"]


LINT = Check("tabs", "grep -rn TAB --include=*.py . && exit 1 || exit 0", "lint")


def test_a_quick_check_that_fails_since_the_change_is_red_before_any_test_runs(town: Town) -> None:
    own = Plan("own", "python -m pytest -q tests", quick=(LINT,))
    outcome = town.tried(BASE, {**BASE, "calc.py": FIXED + "# TAB\n"}, own)
    assert outcome.evidence.verdict is Verdict.RED
    assert [(step.name, step.state) for step in outcome.evidence.steps] == [("tabs", "failed")]
    assert town.opened == ["head", "quick"]
    assert "./calc.py:3:# TAB" in feedback(outcome)


def test_a_quick_check_that_failed_before_is_old(town: Town) -> None:
    own = Plan("own", "python -m pytest -q tests", quick=(LINT, Check("gone", "style-of-old .", "format")))
    base = {**BASE, "old.py": "# TAB\n"}
    found = town.tried(base, {**base, "calc.py": FIXED}, own).evidence
    assert found.verdict is Verdict.GREEN
    assert [(step.name, step.state) for step in found.steps] == [("tabs", "old"), ("gone", "not_run")]


def test_what_a_check_of_everything_found_before_is_old_also_where_all_files_of_the_change_are_new(town: Town) -> None:
    whole = Check("tabs", LINT.command, "lint", "lines", endings=(".py",))
    base = {**BASE, "older.py": "x = 'TAB'\n"}
    found = town.tried(base, {**base, "newer.py": "y = 1\n"}, Plan("own", "python -m pytest -q tests", quick=(whole,)))
    assert [step.state for step in found.evidence.steps] == ["old"]
    assert found.evidence.verdict is Verdict.GREEN


def test_a_quick_check_and_a_short_suite_are_told_together(town: Town) -> None:
    own = Plan("own", "python -m pytest -q tests", quick=(LINT,))
    town.tried(BASE, {**BASE, "calc.py": FIXED}, own)
    outcome = town.tried(BASE, {**BASE, "calc.py": CODE + "# TAB\n", "tests/test_add.py": NEW_TEST}, own)
    assert outcome.evidence.counts.total == 2
    assert "The check tabs fails" in feedback(outcome)
    assert "test_add" in feedback(outcome)


def test_a_trial_that_is_stopped_proves_nothing_and_is_not_kept(town: Town) -> None:
    found = town.tried(BASE, {**BASE, "calc.py": FIXED}, Plan("own", "sleep 60"), cancelled=lambda: True).evidence
    assert found.verdict is Verdict.UNPROVEN
    assert town.shelf.kept == {}


def test_a_test_that_cannot_be_found_by_its_name_is_run_again_with_all(town: Town) -> None:
    # The second run as a whole fails in the same way, so that it counts; the log holds that run.
    odd = "import pytest\n\n@pytest.mark.parametrize('x', ['a/b::c[d'])\ndef test_odd(x):\n    assert False\n"
    outcome = town.tried(BASE, {**BASE, "tests/test_odd.py": odd})
    assert outcome.evidence.verdict is Verdict.RED
    assert "run again (exit code 1" in outcome.further
