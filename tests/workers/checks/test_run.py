"""Running plans in the real sandbox: the verdict by law, and what the agent is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.verdict import Counts, Evidence, Verdict
from workers.checks import CheckResult, Plan
from workers.checks.plan import plan
from workers.checks.run import feedback, run_checks
from workers.sandbox.bubblewrap import Bubblewrap
from workers.sandbox.session import BashSession

TOOLBOX = Path(__file__).resolve().parents[3] / ".toolbox"
SHA = "a" * 40


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    place = tmp_path / "workspace"
    place.mkdir()
    return place


@pytest.fixture
def session(tmp_path: Path, workspace: Path) -> Iterator[BashSession]:
    made = Bubblewrap(tmp_path / "home", TOOLBOX).open(workspace)
    yield made
    made.close()


def checked(session: BashSession, workspace: Path, files: dict[str, str], own: Plan | None = None) -> CheckResult:
    for name, content in files.items():
        (workspace / name).parent.mkdir(parents=True, exist_ok=True)
        (workspace / name).write_text(content)
    made = own or plan(lambda name: files[name].encode() if name in files else None, tuple(files))
    return run_checks(made, session, SHA)


UNITTEST = "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): self.assertEqual(VALUE, 1)\n"
NODE = "const test = require('node:test');\ntest('adds', () => { if (VALUE !== 1) throw new Error('sum is off'); });\n"


@pytest.mark.parametrize(
    ("files", "source"),
    [
        ({"test_a.py": "def test_a(): assert VALUE == 1, 'sum is off'\n"}, "pytest"),
        ({"test_a.py": UNITTEST}, "unittest"),
        ({"package.json": '{"scripts": {"test": "node --test"}}', "a.test.js": NODE}, "node --test"),
        ({"Makefile": "test:\n\tpython -m unittest -v\n", "test_a.py": UNITTEST, "package.json": "{}"}, "make test"),
    ],
)
@pytest.mark.parametrize(("value", "verdict"), [("1", Verdict.GREEN), ("2", Verdict.RED)])
def test_real_suites_are_judged_by_their_reports(
    session: BashSession, workspace: Path, files: dict[str, str], source: str, value: str, verdict: Verdict
) -> None:
    given = {name: content.replace("VALUE", value) for name, content in files.items()}
    own = Plan("make test", "make test") if source == "make test" else None
    outcome = checked(session, workspace, given, own)
    evidence = outcome.evidence
    assert evidence.verdict is verdict, outcome.log
    assert evidence.subject == SHA
    assert evidence.counts.total == 1
    assert evidence.seconds > 0
    assert bool(evidence.failing) is (verdict is Verdict.RED)
    assert sorted(place.name for place in workspace.iterdir()) == sorted(files)


def test_nothing_to_run_is_unproven_with_the_plans_reason(session: BashSession, workspace: Path) -> None:
    outcome = checked(session, workspace, {"README": "x"})
    assert outcome.evidence.verdict is Verdict.UNPROVEN
    assert "recognises" in outcome.evidence.reasons[0]


def test_no_collected_test_is_unproven(session: BashSession, workspace: Path) -> None:
    outcome = checked(session, workspace, {"pytest.ini": "[pytest]\n", "test_a.py": "x = 1\n"})
    assert (outcome.evidence.verdict, outcome.evidence.reasons) == (Verdict.UNPROVEN, ("No test was found to run.",))


@pytest.mark.parametrize("line", ["from app import nothing_such", "import app.nothing_such", "import app.broken"])
def test_a_suite_that_cannot_import_its_own_code_is_red(session: BashSession, workspace: Path, line: str) -> None:
    files = {"pytest.ini": "[pytest]\n", "app/__init__.py": "", "app/broken.py": "1/0\n", "test_a.py": f"{line}\n"}
    outcome = checked(session, workspace, files)
    assert outcome.evidence.verdict is Verdict.RED
    assert "test_a.py" in feedback(outcome)


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"package.json": '{"scripts": {"test": "jest --ci"}}'}, "jest"),
        ({"pytest.ini": "[pytest]\n", "test_a.py": "import werkzeug.local\n"}, "werkzeug"),
        ({"pytest.ini": "[pytest]\n", "conftest.py": "import werkzeug\n", "test_a.py": "def test(): ..."}, "werkzeug"),
        ({"test_a.py": "import unittest\nimport werkzeug\n"}, "werkzeug"),
        (
            {"package.json": '{"scripts": {"test": "node --test"}}', "a.test.js": "require('@acme/kit/sub')"},
            "@acme/kit",
        ),
        ({"package.json": '{"type": "module"}', "a.test.js": "import express from 'express'"}, "express"),
        ({"Makefile": "test:\n\tgradlew-of-old test\n"}, "gradlew-of-old"),
    ],
)
def test_a_missing_dependency_is_unproven_and_named(
    session: BashSession, workspace: Path, files: dict[str, str], name: str
) -> None:
    outcome = checked(session, workspace, files)
    assert outcome.evidence.verdict is Verdict.UNPROVEN, outcome.log
    assert outcome.evidence.reasons == (f"The checks need {name}, which the sandbox does not have.",)


def test_a_dependency_missing_from_one_test_among_passing_ones_is_red(session: BashSession, workspace: Path) -> None:
    files = {"test_a.py": "def test_a(): ...\ndef test_b():\n    import werkzeug\n"}
    assert checked(session, workspace, files).evidence.verdict is Verdict.RED


def test_a_stale_report_proves_nothing(session: BashSession, workspace: Path) -> None:
    own = Plan(".shipmate.toml", "true", ("out dir/*.xml",))
    outcome = checked(session, workspace, {"out dir/old.xml": '<testsuite><testcase name="x"/></testsuite>'}, own)
    assert outcome.evidence.verdict is Verdict.UNPROVEN
    assert not (workspace / "out dir/old.xml").exists()


def test_reports_are_found_by_pattern_at_any_depth(session: BashSession, workspace: Path) -> None:
    own = Plan(
        "own", "mkdir -p a/b; echo '<testsuite><testcase name=\"x\"/></testsuite>' >'a/b/the report.xml'", ("**/*.xml",)
    )
    outcome = checked(session, workspace, {}, own)
    assert (outcome.evidence.verdict, outcome.evidence.counts) == (Verdict.GREEN, Counts(passed=1))


def test_a_report_that_is_a_link_or_a_pipe_shows_nothing_of_the_host(
    session: BashSession, workspace: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.xml").write_text('<testsuite><testcase name="canary"/></testsuite>')
    own = Plan("own", f"ln -s {tmp_path}/secret.xml a.xml; mkfifo b.xml; true", ("*.xml",))
    outcome = checked(session, workspace, {}, own)
    assert outcome.evidence.verdict is Verdict.UNPROVEN
    assert outcome.evidence.counts.total == 0


def test_a_report_with_entities_proves_nothing(session: BashSession, workspace: Path) -> None:
    report = '<!DOCTYPE x [<!ENTITY a "b">]><testsuite><testcase name="x"/></testsuite>'
    own = Plan("own", f"echo '{report}' >r.xml", ("r.xml",))
    outcome = checked(session, workspace, {}, own)
    assert outcome.evidence.verdict is Verdict.UNPROVEN
    assert "refused" in outcome.evidence.reasons[-1]


def test_a_pattern_is_no_command(session: BashSession, workspace: Path) -> None:
    own = Plan("own", "true", ("$(touch /workspace/ran).xml", "`touch /workspace/ran`", "; touch /workspace/ran;"))
    checked(session, workspace, {}, own)
    assert not (workspace / "ran").exists()


def test_checks_over_their_time_are_red_with_the_reason(session: BashSession, workspace: Path) -> None:
    outcome = checked(session, workspace, {}, Plan("own", "echo begun; sleep 60", wall_seconds=0.6))
    assert outcome.evidence.verdict is Verdict.RED
    assert outcome.evidence.reasons == ("The checks took longer than 0.6 seconds.",)
    assert outcome.log == "begun\n"


def test_stopped_checks_prove_nothing(session: BashSession, workspace: Path) -> None:
    outcome = run_checks(Plan("own", "sleep 60"), session, SHA, lambda: True)
    assert outcome.evidence.verdict is Verdict.UNPROVEN
    assert outcome.evidence.reasons == ("The checks were stopped.",)


def test_feedback_names_failures_with_messages_in_at_most_eight_kilobytes() -> None:
    counts = Counts(passed=1, failed=60)
    evidence = Evidence(
        verdict=Verdict.RED, subject=SHA, counts=counts, reasons=("60 of 61 tests failed.",), command="make"
    )
    failures = tuple((f"test_{n}", "ü" * 5000) for n in range(60))
    told = feedback(CheckResult(evidence, "begin " + "ö" * 500_000 + " end", failures))
    assert len(told.encode()) <= 8192
    assert told.startswith("The checks are red. 60 of 61 tests failed.")
    assert "FAILED test_0" in told
    assert told.endswith(" end")
    assert "left out" in told


def test_feedback_on_green_is_short() -> None:
    evidence = Evidence(verdict=Verdict.GREEN, subject=SHA, counts=Counts(passed=3), reasons=("3 tests passed.",))
    assert feedback(CheckResult(evidence, "x" * 10_000)) == (
        "The checks are green. 3 tests passed.\n\nTests: 3 passed, 0 failed, 0 skipped."
    )
