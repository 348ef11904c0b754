"""Repositories whose checks lie, stall or are written to break whoever reads them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.verdict import Evidence, Verdict
from workers.agent.tools import bash
from workers.checks import Plan
from workers.checks.plan import PolicyError, plan
from workers.checks.run import run_checks
from workers.reports import junit
from workers.sandbox.bubblewrap import Bubblewrap
from workers.sandbox.session import BashSession

pytestmark = pytest.mark.attack("lying checks")

TOOLBOX = Path(__file__).resolve().parents[2] / ".toolbox"
SHA = "a" * 40
GREEN = '<testsuite><testcase name="a"/></testsuite>'


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


def evidence(
    session: BashSession, workspace: Path, test: str, reports: tuple[str, ...] = ("reports/*.xml",)
) -> Evidence:
    return run_checks(Plan("test", test, reports, wall_seconds=20), session, SHA).evidence


POLICIES = {
    "nested arrays": b"a = " + b"[" * 10_000,
    "nested tables": b"[checks]\ntest = " + b"{a=" * 4_000,
    "a number of six thousand digits": b"[checks]\nminutes = " + b"9" * 6_000,
    "a dotted name": b"a" + b".a" * 30_000 + b"=1",
    "NUL in the command": b'[checks]\ntest = "a\\u0000b"',
    "NUL in a pattern": b'[checks]\ntest = "a"\nreports = ["a\\u0000b"]',
    "not a number": b"[checks]\nminutes = nan",
    "for ever": b"[checks]\nminutes = inf",
    "half a character": b'[checks]\ntest = "a\\ud800b"',
}


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
def test_a_hostile_policy_is_a_mistake_in_words_and_soon(policy: bytes) -> None:
    began = time.thread_time()
    with pytest.raises(PolicyError) as caught:
        plan(lambda path: policy, [".shipmate.toml"])
    assert len(str(caught.value)) < 300
    assert time.thread_time() - began < 3


@pytest.mark.parametrize("script", ["a\0b", "a\ud800b"])
def test_a_script_that_no_command_line_can_hold_is_no_plan(script: str) -> None:
    package = json.dumps({"scripts": {"test": script}}).encode()
    assert plan(lambda path: package, ["package.json"]).test is None


@pytest.mark.parametrize(
    "report",
    [
        b'<?xml version="1.0" encoding="no-such-thing"?><testsuite><testcase name="a"/></testsuite>',
        b"<a>" * 200_000,
        b'<!DOCTYPE x [<!ENTITY a "'
        + b"x" * 1000
        + b'">]><testsuite><testcase name="'
        + b"&a;" * 500
        + b'"/></testsuite>',
        b"\xff\xfe\x00",
    ],
)
def test_a_report_that_cannot_be_read_is_refused_in_words(report: bytes) -> None:
    with pytest.raises(junit.BadReport):
        junit.read([report])


def test_three_hundred_thousand_cases_are_counted_in_seconds() -> None:
    began = time.thread_time()
    counted = junit.read([b"<testsuite>" + b"<testcase/>" * 300_000 + b"</testsuite>"]).counts
    assert counted.passed == 300_000
    assert time.thread_time() - began < 10


def test_printing_that_tests_passed_is_no_report_of_them(session: BashSession, workspace: Path) -> None:
    found = evidence(session, workspace, "echo '=== 5 passed in 0.10s ==='")
    assert found.verdict is Verdict.UNPROVEN
    assert "was not there" in found.reasons[0]


def test_printing_that_tests_passed_does_not_hide_the_exit_status(session: BashSession, workspace: Path) -> None:
    assert evidence(session, workspace, "echo '=== 5 passed in 0.10s ==='; exit 1", ()).verdict is Verdict.RED


def test_a_failing_report_is_red_although_the_command_ends_well(session: BashSession, workspace: Path) -> None:
    failing = '<testsuite><testcase name="&lt;!channel&gt;&#10;x"><failure message="no"/></testcase></testsuite>'
    (workspace / "failing").write_text(failing)
    found = evidence(session, workspace, "mkdir -p reports; cp failing reports/a.xml; echo '9 passed in 1s'")
    assert found.verdict is Verdict.RED


@pytest.mark.parametrize("kind", ["mkdir reports/a.xml", "mkfifo reports/a.xml", "ln -s /dev/zero reports/a.xml"])
def test_what_is_no_file_is_no_report(session: BashSession, workspace: Path, kind: str) -> None:
    found = evidence(session, workspace, f"mkdir -p reports; {kind}; echo '5 passed in 0.1s'")
    assert found.verdict is not Verdict.GREEN


def test_a_report_that_could_not_be_cleared_away_proves_nothing(
    session: BashSession, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace / "reports").mkdir()
    (workspace / "reports" / "old.xml").write_text(GREEN)
    # So many committed reports that removing them takes longer than it may.
    monkeypatch.setattr("workers.checks.run._clean", lambda plan: "exit 1")
    found = evidence(session, workspace, "true")
    assert found.verdict is Verdict.UNPROVEN
    assert "could not be removed" in " ".join(found.reasons)


@pytest.mark.parametrize("command", ["echo \ud800", "echo a\0b", None, 5, ["ls"], {"a": 1}, ""])
def test_a_command_that_is_none_is_told_and_never_raised(
    session: BashSession, workspace: Path, command: object
) -> None:
    assert bash.run({"command": command}, session, lambda: False).failed
    assert bash.run({"command": "echo alive"}, session, lambda: False).text == "alive"
