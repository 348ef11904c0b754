"""What GitHub's checks and reviewers say, in words: who said green, what is waited for, what decides nothing."""

from __future__ import annotations

import pytest

from bot.cards import buttons, checks
from bot.domain.change import Build, Phase
from bot.domain.ci import CiReading, CiRun, Objection, weighed
from bot.domain.frozen import revised
from bot.domain.verdict import Counts
from tests.story import HEAD, at


def run(name: str, state: str, **more: object) -> CiRun:
    return CiRun.model_validate({"name": name, "state": state, "by": "github-actions", "before": "passed", **more})


def said(*runs: CiRun, **more: object) -> list[str]:
    reading = CiReading.model_validate({"sha": HEAD, "state": "none", "runs": runs, **more})
    return checks.ci(weighed(reading)).replace("Checks on GitHub: ", "").split("\n")


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        ((), ":warning: this repository has none"),
        ((run("test", "passed"),), ":white_check_mark: 1 of 1 passed (github-actions)"),
        (
            (run("test", "passed"), run("lint", "running"), run("e2e", "expected")),
            ":hourglass_flowing_sand: 1 of 3 done, waiting for lint, e2e",
        ),
        ((run("test", "failed"), run("lint", "passed")), ":x: 1 of 2 failed: test"),
        ((run("test", "absent"), run("lint", "absent")), ":warning: test, lint never began"),
        ((run("test", "skipped"),), ":warning: the only one did not run"),
        (
            (run("test", "person", required=True),),
            ":warning: test was cancelled or waits for a person",
        ),
        ((run("test", "passed", before="", own=True, kind="status"),), ":warning: none that counts here passed"),
    ],
)
def test_the_first_line_says_what_counts(runs: tuple[CiRun, ...], words: str) -> None:
    assert said(*runs)[0] == words


def test_a_list_that_was_cut_is_said_to_be_longer_than_was_read() -> None:
    assert said(run("test", "passed"), complete=False) == [":warning: there are more than I could read"]


def test_failures_in_reports_are_counted_where_no_check_failed() -> None:
    told = said(run("test", "passed"), counts=Counts(passed=3, failed=2))
    assert told == [":x: 2 of 5 tests failed"]


def test_what_decides_nothing_is_on_a_line_of_its_own() -> None:
    told = said(
        run("test", "passed"),
        run("coverage", "failed", before="failed"),
        run("license/cla", "running", before="", kind="status", by="cla"),
        run("by hand", "passed", before="", kind="status", by="ana", own=True),
    )
    assert told == [
        ":white_check_mark: 2 of 4 passed (github-actions)",
        ":information_source: Doesn't count: coverage failed (before this change too), license/cla is running, "
        "by hand was set by ana, who works on this change",
    ]


def test_who_asks_for_changes_is_named_in_the_card_and_in_the_dialog() -> None:
    change = revised(at(Phase.READY).change, objections=(Objection(id="r1", by="cleo<!channel>"),))
    assert checks.objections(change).startswith(":speech_balloon: cleo&lt;!channel&gt; asked for changes")
    assert buttons.approve(change)["confirm"]["text"]["text"].startswith("cleo‹!channel> asked for changes on GitHub.")


def test_a_link_that_nobody_vouches_for_shows_where_it_leads() -> None:
    ours = Build(kind="preview", name="preview", url="https://preview.example/1")
    theirs = Build(kind="preview", name="preview", url="https://evil.example/preview.example", vouched=False)
    change = revised(at(Phase.READY).change, builds=(ours, theirs))
    assert [it["text"]["text"] for it in buttons.open_builds(change)] == ["Try it: preview", "Try it: evil.example"]
    alone = revised(change, builds=(theirs,))
    assert [it["text"]["text"] for it in buttons.open_builds(alone)] == ["Try it: evil.example"]
