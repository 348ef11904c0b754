"""Asking for changes that bring none leaves the pull request as it was, ready for a decision."""

from __future__ import annotations

from bot.domain.change import Phase
from bot.domain.verdict import Verdict
from tests.story import HEAD, at, checked, edits, nothing


def test_what_was_ready_is_ready_again_and_says_why_nothing_changed() -> None:
    story = at(Phase.READY)
    story.lives(story.asks_for_changes("make it blue"), nothing("It is blue already."))
    assert story.change.phase is Phase.READY
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
