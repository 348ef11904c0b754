"""Asking for changes that bring none leaves the pull request as it was, ready for a decision."""

from __future__ import annotations

import pytest

from bot.domain.change import Phase
from bot.domain.effects import Check, ShowCard
from bot.domain.rules import Refusal
from bot.domain.verdict import Verdict
from tests.story import (
    BEN,
    CAT,
    HEAD,
    PUSHED,
    PUSHED_TREE,
    TREE,
    at,
    checked,
    ci,
    edits,
    examined,
    failed,
    held,
    judged,
    moved,
    note,
    nothing,
)


def test_what_was_ready_is_ready_again_and_says_why_nothing_changed() -> None:
    story = at(Phase.READY)
    story.lives(story.asks_for_changes("make it blue"), nothing("It is blue already."))
    assert story.change.phase == Phase.READY
    assert "It is blue already." in story.change.void
    story.lives(story.approves())
    assert story.change.approvals[-1].head_sha == HEAD


def test_a_half_done_attempt_is_not_taken_for_what_the_pull_request_holds() -> None:
    story = at(Phase.READY)
    story.lives(
        story.asks_for_changes("make it blue"), edits(tree="2" * 40, notes_read=1), checked(Verdict.RED, tree="2" * 40)
    )
    story.lives(nothing("I cannot."))
    assert story.change.phase is Phase.STUCK


KEPT = ("package.json: adds the dependency left-pad.",)
BROKEN_OFF = {
    "a note while the checks run": (note("thanks", by=CAT), checked(), nothing()),
    "a note that sends it back": (note("thanks", by=CAT), nothing()),
    "a stage that fails": (failed("check"), note("go on", by=CAT)),
}


@pytest.mark.parametrize("how", BROKEN_OFF)
def test_findings_of_the_pull_request_are_not_lost_with_an_attempt_that_changed_nothing(how: str) -> None:
    story = held()
    story.lives(note("is that package needed?"))
    early = how == "a note that sends it back"
    story.lives(*(BROKEN_OFF[how][:1] if early else ()), edits(notes_read=1))
    story.lives(*BROKEN_OFF[how][early:], nothing("It is needed."))
    assert story.change.phase == Phase.CHECKING
    assert story.last.effects == (ShowCard(), Check(tree=TREE))
    assert story.lives(checked(), judged(holds=KEPT), ci()).change.phase is Phase.READY
    assert "It is needed." in story.change.void
    assert story.lives(story.approves(BEN)).change.phase is Phase.READY, "one yes does not let it in"


def test_a_pushed_version_that_must_not_pass_is_examined_again_after_an_attempt_that_changed_nothing() -> None:
    story = at(Phase.READY).lives(moved(), *examined(blocking=("a key in ben.py",)), ci("green", PUSHED))
    story.lives(note("remove it"), note("soon", by=CAT), edits(PUSHED_TREE, notes_read=2), nothing(), nothing())
    assert story.change.phase == Phase.CHECKING
    story.lives(*examined(blocking=("a key in ben.py",)), ci("green", PUSHED))
    assert story.tries(story.approves(CAT)).refusal == Refusal(code="blocked")
