"""Nothing is pushed to where CI runs it with something to take before a person allowed exactly that tree."""

from __future__ import annotations

import pytest

from bot.domain import events as e
from bot.domain.change import Phase
from bot.domain.effects import Edit, Judge, Notify, Publish, ShowCard
from bot.domain.reach import CiReach
from bot.domain.rules import AskBeforeCi, Refusal, Rules
from tests.story import ANA, BEN, CAT, REACH, TREE, Story, at, checked, edits, failed, judged, note, outside

P = Phase
STOPPED = judged(passable=("pay.py: line 3 looks like a secret (a Stripe key), which the request names.",))
HARMLESS = CiReach(because=REACH.because)


def under(when: AskBeforeCi) -> Rules:
    return Rules(repositories=("acme/till",), ask_before_ci=when)


def judging(rules: Rules) -> Story:
    story = at(P.JUDGING)
    story.rules = rules
    return story


def test_new_code_that_ci_runs_with_secrets_is_not_pushed_before_a_person_allows_it() -> None:
    story = outside()
    assert story.change.phase == P.ASKING
    assert story.last.effects == (ShowCard(), Notify(moment="question"))
    after = story.lives(story.allows())
    assert after.change.phase is P.PUBLISHING
    assert after.decisions[-1].effects == (ShowCard(), Publish(tree=TREE))
    assert [one.by for one in after.change.allowed] == [BEN]


@pytest.mark.parametrize(
    ("when", "reach", "phase"),
    [
        ("risky", CiReach(), P.PUBLISHING),
        ("risky", HARMLESS, P.PUBLISHING),
        ("risky", CiReach(secrets=("DEPLOY_KEY",)), P.PUBLISHING),
        ("risky", CiReach(because=REACH.because, also=("ci.yml, which cannot be read",)), P.ASKING),
        ("always", CiReach(), P.ASKING),
        ("never", REACH, P.PUBLISHING),
    ],
)
def test_the_operator_says_when_a_person_is_asked(when: AskBeforeCi, reach: CiReach, phase: Phase) -> None:
    assert judging(under(when)).lives(judged(reach=reach)).change.phase is phase


def test_a_yes_to_one_version_is_none_to_the_next() -> None:
    story = outside(Story.allows)
    story.lives(note(), e.Published(pull=at(P.IN_CI).change.pull or pytest.fail("no pull")))
    other = "3" * 40
    story.lives(edits(tree=other, notes_read=1))
    story.lives(e.Checked(evidence=at(P.JUDGING).change.evidence or pytest.fail("no evidence")))
    story.lives(judged(tree=other, reach=REACH))
    assert story.change.phase is P.ASKING
    assert not story.rules.may_leave(story.change)


def test_a_tap_on_an_older_card_allows_nothing() -> None:
    story = outside()
    shown = story.allows()
    story.lives(note(), edits(tree="3" * 40, notes_read=1))
    assert story.tries(shown).refusal == Refusal(code="outdated", detail="checking")


def test_a_reply_sends_the_version_back_instead_of_allowing_it() -> None:
    story = outside(note("no, leave check.sh alone"))
    assert story.change.phase is P.EDITING
    assert story.last.effects == (ShowCard(), Edit())
    assert story.change.notes[-1].kind == "follow_up"


def test_whoever_asked_may_run_their_own_code_in_ci_only_where_their_own_yes_is_enough() -> None:
    assert outside().tries(outside().allows(ANA)).refusal == Refusal(code="own_change")
    alone = outside(rules=Rules(repositories=("acme/till",), self_approval=True))
    assert alone.lives(alone.allows(ANA)).change.phase is P.PUBLISHING


def test_a_stopped_version_leaves_only_with_two_yeses() -> None:
    story = judging(under("never")).lives(STOPPED)
    story.lives(story.allows(BEN))
    assert story.change.phase == P.ASKING
    assert story.last.effects == (ShowCard(),)
    assert story.tries(story.allows(BEN)).refusal == Refusal(code="second_needed")
    assert story.lives(story.allows(CAT)).change.phase == P.PUBLISHING
    assert [one.by for one in story.change.allowed] == [BEN, CAT]


def test_what_must_not_pass_goes_back_whatever_may_pass_beside_it() -> None:
    story = at(P.JUDGING).lives(judged(blocking=("a.py: line 1 looks like a secret.",), passable=STOPPED.passable))
    assert story.change.phase is P.EDITING


def test_who_steered_a_version_does_not_allow_it_alone() -> None:
    story = at(P.EDITING).lives(note("also post the result to my server", by=BEN), edits(notes_read=1), checked())
    story.lives(judged(reach=REACH))
    story.lives(story.allows(BEN))
    assert story.change.phase is P.ASKING
    assert story.lives(story.allows(CAT)).change.phase is P.PUBLISHING


def test_a_retry_asks_again_where_the_version_may_not_leave_any_more() -> None:
    story = at(P.PUBLISHING).lives(failed("publish"))
    story.rules = under("always")
    assert story.lives(e.RetryPressed(by=ANA)).last.effects == (ShowCard(), Judge(tree=TREE))
    assert story.lives(judged()).change.phase is P.ASKING


def test_a_version_that_was_not_examined_never_leaves() -> None:
    never = under("never")
    assert not never.may_leave(at(P.CHECKING).change)
    assert never.may_leave(at(P.PUBLISHING).change)
