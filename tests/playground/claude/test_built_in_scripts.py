"""The scripted requests, played for real on the seeded app: in any order, again after an undo, and side by side."""

from __future__ import annotations

import shutil
import subprocess
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from playground.seed import TILL_SOURCE
from tests.playground.claude.conversation import StandIn, Workbench

TAX, TIP, ROUND = "make the total include tax", "add a 10% tip button", "round prices to the nearest 5 cents"
GOODBYE = "end the receipt with See you on Saturday!"
CHECKS = (
    """node --input-type=module --eval 'for (const file of process.argv.slice(1)) await import(file)' $PWD/test/*.js"""
)
"""All tests in one process: `node --test` starts one for every file."""
ROWS_ADD_UP = "! grep -q roundToFiveCents src/checkout.js || grep -q rounding src/checkout.js"
"""Red where the real checks are red: when amounts are rounded without a row that says so."""
IDENTITY = ("-c", "user.name=ana", "-c", "user.email=ana@example.com", "-c", "commit.gpgsign=false")

pytestmark = pytest.mark.usefixtures("node_on_path")


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *IDENTITY, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def commit(folder: Path, words: str) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", words)


@pytest.fixture
def till(tmp_path: Path) -> Path:
    folder = tmp_path / "till"
    shutil.copytree(TILL_SOURCE, folder)
    git(folder, "init", "-q", "-b", "main")
    commit(folder, "Till")
    return folder


def change(stand_in: StandIn, folder: Path, words: str) -> dict[str, Any]:
    """A new change: a new conversation on the folder as it stands, then a commit. Test runs are left out."""
    finished = Workbench(stand_in, folder, ROWS_ADD_UP, quick=True).work(words)
    assert isinstance(finished, dict), finished
    commit(folder, words)
    return finished


def checks_pass(folder: Path) -> bool:
    return subprocess.run(["bash", "-c", CHECKS], cwd=folder, capture_output=True, check=False).returncode == 0


def test_the_bug_fix_brings_a_test_that_fails_without_it(stand_in: StandIn, till: Path) -> None:
    finished = change(stand_in, till, TAX)
    assert finished["title"] == "Include the tax in the total"
    assert checks_pass(till)
    git(till, "checkout", "-q", "HEAD~1", "--", "src")
    assert not checks_pass(till)


def test_the_rounding_is_red_once_and_then_mended(stand_in: StandIn, till: Path) -> None:
    bench = Workbench(stand_in, till, CHECKS)
    finished = bench.work(ROUND)
    assert isinstance(finished, dict)
    assert bench.reds == 1
    assert "row" in finished["summary"]
    assert checks_pass(till)
    assert git(till, "diff", "--stat", "--", "test/checkout.test.js") == ""


def test_the_goodbye_takes_back_what_nobody_asked_for(stand_in: StandIn, till: Path) -> None:
    bench = Workbench(stand_in, till, f"{CHECKS} && ! grep -q 'WIDTH = 40' src/receipt.js")
    finished = bench.work(GOODBYE)
    assert isinstance(finished, dict)
    assert bench.reds == 1
    assert "Its width is as it was" in finished["summary"]
    assert git(till, "diff", "--stat", "--", "src").split()[:3] == ["src/receipt.js", "|", "2"]


@pytest.mark.parametrize(
    "order", list(permutations((TAX, TIP, ROUND))), ids=lambda order: "-".join(w[:5] for w in order)
)
def test_the_three_apply_one_after_the_other_in_any_order(
    stand_in: StandIn, till: Path, order: tuple[str, ...]
) -> None:
    for words in order:
        change(stand_in, till, words)
    assert checks_pass(till)


def test_each_applies_again_after_it_was_undone(stand_in: StandIn, till: Path) -> None:
    for words in (TAX, TIP, ROUND):
        change(stand_in, till, words)
        done = git(till, "rev-parse", "HEAD^{tree}")
        git(till, "revert", "--no-edit", "HEAD")
        change(stand_in, till, words)
        assert git(till, "rev-parse", "HEAD^{tree}") == done


def test_three_changes_made_side_by_side_merge_without_conflict(stand_in: StandIn, till: Path) -> None:
    for number, words in enumerate((TAX, TIP, ROUND)):
        git(till, "checkout", "-q", "-b", f"change-{number}", "main")
        change(stand_in, till, words)
    git(till, "checkout", "-q", "main")
    for number in range(3):
        git(till, "merge", "-q", "--no-ff", "--no-edit", f"change-{number}")
    assert checks_pass(till)


@pytest.mark.parametrize("words", [TAX, TIP, ROUND])
def test_what_is_done_already_is_said_and_nothing_changes(stand_in: StandIn, till: Path, words: str) -> None:
    change(stand_in, till, words)
    said = Workbench(stand_in, till, "true", quick=True).work(words)
    assert isinstance(said, str)
    assert "nothing to change" in said
    assert git(till, "status", "--porcelain") == ""


def test_a_follow_up_changes_the_tip_in_the_same_conversation(stand_in: StandIn, till: Path) -> None:
    bench = Workbench(stand_in, till, "true", quick=True)
    bench.work(TIP)
    finished = bench.work("make it 15% instead")
    assert isinstance(finished, dict)
    assert finished["title"] == "Make the tip 15%"
    assert 'label: "Tip (15%)", button: "Add 15% tip", cents: (sums) => percentOf(sums.net, 15)' in (
        till / "src/extras.js"
    ).read_text(encoding="utf-8")
    assert checks_pass(till)


@pytest.mark.parametrize(("answer", "code"), [("Euro (EUR)", "EUR"), ("the pound please", "GBP"), ("CHF", "CHF")])
def test_the_currency_is_asked_for_and_the_answer_is_used(
    stand_in: StandIn, till: Path, answer: str, code: str
) -> None:
    bench = Workbench(stand_in, till, "true", quick=True, answers={"Which": answer})
    finished = bench.work("change the currency")
    assert isinstance(finished, dict)
    assert bench.asked[0]["options"] == ["Euro (EUR)", "British pound (GBP)", "Swiss franc (CHF)"]
    assert f'currency: "{code}"' in (till / "src/settings.js").read_text(encoding="utf-8")
    assert checks_pass(till)


def test_an_answer_that_is_none_of_the_options_is_asked_about_once_more(stand_in: StandIn, till: Path) -> None:
    bench = Workbench(stand_in, till, "true", quick=True, answers={"Which": "seashells", "This": "euro, then"})
    assert isinstance(bench.work("change the currency"), dict)
    assert len(bench.asked) == 2


def test_a_currency_that_is_named_is_not_asked_for(stand_in: StandIn, till: Path) -> None:
    bench = Workbench(stand_in, till, "true", quick=True)
    finished = bench.work("please change the currency to Swiss francs")
    assert isinstance(finished, dict)
    assert finished["title"] == "Use the Swiss franc"
    assert bench.asked == []


@pytest.mark.parametrize("words", [TAX, TIP, ROUND, "change the currency", GOODBYE])
def test_a_repository_that_is_not_till_gets_a_plain_statement(stand_in: StandIn, tmp_path: Path, words: str) -> None:
    other = tmp_path / "other"
    other.mkdir()
    said = Workbench(stand_in, other, "true").work(words)
    assert isinstance(said, str)
    assert "scripted stand-in" in said
    assert "ANTHROPIC_API_KEY" in said
    assert list(other.iterdir()) == []
