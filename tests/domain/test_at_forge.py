"""What people do to the pull request at the forge: what was said of one version is never said of another."""

from __future__ import annotations

from bot.domain import events as e
from bot.domain.assurance import assurance
from bot.domain.change import Phase
from bot.domain.ci import CiRun
from bot.domain.rules import Refusal
from bot.domain.shown import OLDER, shown
from bot.domain.verdict import Verdict
from tests.story import (
    CAT,
    HEAD,
    MERGE,
    PUSHED,
    PUSHED_TREE,
    TREE,
    VETO,
    Story,
    at,
    checked,
    ci,
    edits,
    examined,
    held,
    judged,
    moved,
    note,
    published,
    reading,
)


def test_nothing_that_was_said_of_the_version_before_is_said_of_what_was_pushed() -> None:
    story = held().lives(moved())
    said = shown(story.change)
    assert (said.evidence, said.ci, said.opinion) == (None, None, None)
    assert (said.findings, said.holds, said.blocks, said.proven, said.risks) == ((), (), (), "", "")
    assert said.files == ("till.py", "ben.py")
    assert said.summary == f"{OLDER} The total now includes tax."
    assert (story.change.tree, story.change.base_sha) == (PUSHED_TREE, "0" * 40)


def test_what_was_pushed_is_ready_only_after_the_checks_the_review_and_ci() -> None:
    story = at(Phase.READY).lives(moved())
    for step, phase in (
        (checked(tree=PUSHED_TREE), Phase.JUDGING),
        (judged(PUSHED_TREE), Phase.IN_CI),
        (ci("green", PUSHED), Phase.READY),
    ):
        story.lives(step)
        assert story.change.phase is phase
    assert shown(story.change).evidence == checked(tree=PUSHED_TREE).evidence
    story.lives(story.approves(), story.approves(CAT))
    assert story.change.phase is Phase.MERGING


def test_what_must_not_pass_is_for_people_to_decide_and_the_agent_is_not_asked() -> None:
    story = at(Phase.READY).lives(moved(), *examined(blocking=("till.py: line 3 holds a key.",)), ci("green", PUSHED))
    assert (story.change.phase, story.change.blocks) == (Phase.READY, ("till.py: line 3 holds a key.",))
    assert story.tries(story.approves()).refusal == Refusal(code="blocked")
    story.lives(story.asks_for_changes("Take the key out again"))
    assert story.change.phase is Phase.EDITING


def test_a_push_that_breaks_tests_or_ci_cannot_be_approved_and_is_left_as_it_is() -> None:
    red = at(Phase.READY).lives(moved(), *examined(verdict=Verdict.RED), ci("green", PUSHED))
    assert red.tries(red.approves()).refusal == Refusal(code="blocked")
    in_ci = at(Phase.READY).lives(moved(), *examined(), ci("red", PUSHED))
    assert in_ci.tries(in_ci.approves()).refusal == Refusal(code="red")
    assert {red.change.phase, in_ci.change.phase} == {Phase.READY}


def test_an_objection_of_the_review_to_a_push_asks_for_a_second_person() -> None:
    story = at(Phase.READY).lives(moved(), checked(tree=PUSHED_TREE), judged(PUSHED_TREE, opinion=VETO))
    assert story.change.holds == ("The review objects: It also renames the till.",)
    assert (story.change.phase, story.change.vetoes) == (Phase.IN_CI, 0)


def test_a_push_that_leaves_nothing_of_the_change_cannot_be_approved() -> None:
    empty = moved().model_copy(update={"files": ()})
    story = at(Phase.READY).lives(empty, *examined(), ci("green", PUSHED))
    assert story.change.blocks == ("Nothing of this change is left on its branch.",)
    assert story.tries(story.approves()).refusal == Refusal(code="blocked")


def test_the_next_push_is_examined_again_from_the_start() -> None:
    third = moved("9" * 40).model_copy(update={"tree": "9" * 40})
    story = at(Phase.READY).lives(moved(), *examined(blocking=("a key",)), third)
    assert (story.change.phase, story.change.blocks) == (Phase.CHECKING, ())
    story.lives(checked(tree="9" * 40), judged("9" * 40), ci("green", "9" * 40))
    assert assurance(story.change).level == "proven"


def test_another_base_branch_takes_the_yes_back_and_is_examined_where_the_difference_is_another() -> None:
    same = held(Story.approves).lives(moved(HEAD, "release"))
    assert (same.change.approvals, same.change.base_branch) == ((), "release")
    assert same.change.void == "It now goes into release instead of main, so approvals start over."
    assert (same.change.phase, same.change.holds != ()) == (Phase.READY, True)
    other = held(Story.approves).lives(moved(HEAD, "release", base="9" * 40))
    assert (other.change.phase, other.change.base_sha, other.change.holds) == (Phase.CHECKING, "9" * 40, ())
    assert other.change.foreign is None


def test_a_base_branch_that_was_merged_in_is_no_part_of_the_change() -> None:
    story = at(Phase.READY).lives(moved(base="9" * 40))
    assert story.change.base_sha == "9" * 40


def follow_up() -> Story:
    """A follow-up is about to be published."""
    newer = "3" * 40
    wish = note("also in French")
    return at(Phase.READY).lives(wish, edits(newer, notes_read=1), checked(tree=newer), judged(newer))


def test_a_merge_during_a_follow_up_says_what_is_not_in_it() -> None:
    story = follow_up().lives(e.Merged(merge_sha=MERGE, by="ben", head_sha=HEAD))
    assert (story.change.phase, story.change.left_out) == (Phase.MERGED, ("also in French",))
    assert (story.change.tree, shown(story.change).evidence) == (TREE, None)


def test_a_merge_after_the_follow_up_was_published_leaves_nothing_out() -> None:
    story = follow_up().lives(published(PUSHED), e.Merged(merge_sha=MERGE, head_sha=PUSHED))
    assert story.change.left_out == ()


def test_a_merge_of_a_version_that_nobody_examined_claims_nothing_of_it() -> None:
    story = at(Phase.READY).lives(e.Merged(merge_sha=MERGE, by="ben", head_sha=PUSHED))
    assert story.change.pull is not None
    assert (story.change.pull.head_sha, story.change.tree) == (PUSHED, None)
    assert (shown(story.change).evidence, shown(story.change).ci) == (None, None)


def test_a_close_during_a_follow_up_keeps_the_wish_and_opening_again_goes_on() -> None:
    story = follow_up().lives(e.PullClosed())
    assert (story.change.phase, story.change.left_out) == (Phase.DECLINED, ("also in French",))
    story.lives(e.Reopened(now=moved(HEAD)))
    assert (story.change.phase, story.change.tree) == (Phase.CHECKING, TREE)
    story.lives(checked(), judged(), ci("green"), e.Merged(merge_sha=MERGE, head_sha=HEAD))
    assert story.change.left_out == ("also in French",)


def test_a_change_from_before_statements_had_a_tree_is_shown_as_it_was() -> None:
    change = at(Phase.READY).change.model_copy(update={"judged": None, "described": None})
    assert shown(change) == change


def test_a_tap_on_a_card_that_showed_another_base_branch_is_outdated() -> None:
    story = at(Phase.READY)
    shown = story.approves()
    story.lives(moved(HEAD, "release").model_copy(update={"fingerprint": story.change.fingerprint}))
    assert story.tries(shown).refusal == Refusal(code="outdated")


def test_a_tap_on_a_card_that_showed_a_check_green_is_outdated_once_it_failed() -> None:
    story = at(Phase.READY)
    shown = story.approves()
    failed_since = CiRun(name="lint", by="linter", state="failed")
    green = reading()
    story.lives(e.CiRead(reading=green.model_copy(update={"runs": (*green.runs, failed_since)})))
    assert story.tries(shown).refusal == Refusal(code="outdated")
    assert story.lives(story.approves()).change.phase is Phase.MERGING
