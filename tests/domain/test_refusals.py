"""Every "no" has its code, and leaves the change as it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import pytest

from bot.domain import events as e
from bot.domain.actor import Actor, Standing
from bot.domain.change import Phase
from bot.domain.rules import Refusal, RefusalCode, Rules
from bot.domain.transitions import ENDED, TABLE
from bot.domain.verdict import Verdict
from tests.story import (
    ANA,
    BEN,
    CAT,
    MALLORY,
    PUSHED,
    TILL,
    TWO,
    Step,
    Story,
    asked,
    at,
    ci,
    examined,
    held,
    moved,
    note,
    outside,
    told,
    undo_ci,
    undo_opened,
)

P = Phase


@dataclass(frozen=True)
class No:
    story: Story
    event: Step
    refusal: Refusal


def no(story: Story, event: Step, code: RefusalCode, detail: str = "") -> No:
    return No(story, event, Refusal(code=code, detail=detail))


def standing(kind: Standing) -> Actor:
    return Actor(id="U0X", name="x", standing=kind)


def under(rules: Rules, phase: Phase) -> Story:
    story = at(phase)
    story.rules = rules
    return story


ONLY_BEN_APPROVES = Rules(repositories=("acme/till",), may_approve=("U0BEN",))
MAPPED = Rules(repositories=("acme/till",), people={"U0ANA": "ana-gh", "U0BEN": "ben-gh"})
ONLY_ANA_ASKS = Rules(repositories=("acme/till",), may_ask=("U0ANA",))
OLD = "shownbefore"

NOES = [
    no(Story(), asked(by=standing("stranger")), "stranger"),
    no(Story(), asked(by=MALLORY), "guest"),
    no(Story(), asked(by=standing("bot")), "robot"),
    no(Story(), asked(by=standing("gone")), "robot"),
    no(Story(), asked(by=standing("unknown")), "unverified"),
    no(at(P.READY), lambda story: story.approves(standing("absent")), "absent"),
    no(Story(ONLY_ANA_ASKS), asked(by=CAT), "may_not_ask"),
    no(Story(), asked("  \n"), "empty_request"),
    no(Story(Rules()), asked(), "no_repository_served"),
    no(Story(), asked("fix it in acme/bank"), "unknown_repository", "acme/bank"),
    no(at(P.EDITING), asked(), "already"),
    no(at(P.RECEIVED), e.RepositoryChosen(by=MALLORY, repository="acme/till"), "guest"),
    no(at(P.RECEIVED), e.RepositoryChosen(by=ANA, repository="acme/bank"), "unknown_repository", "acme/bank"),
    no(at(P.EDITING), note(by=MALLORY), "guest"),
    no(at(P.ASKING), e.Answered(by=MALLORY, text="gross"), "guest"),
    no(at(P.EDITING), e.StopPressed(by=MALLORY), "guest"),
    no(at(P.STUCK), e.RetryPressed(by=MALLORY), "guest"),
    no(at(P.READY), lambda story: story.approves(MALLORY), "guest"),
    no(at(P.READY), lambda story: story.approves(ANA), "own_change"),
    no(under(MAPPED, P.READY), lambda story: story.approves(CAT), "unmapped", "U0CAT"),
    no(under(ONLY_BEN_APPROVES, P.READY), lambda story: story.approves(CAT), "may_not_approve"),
    no(at(P.READY), e.ApprovePressed(by=BEN, seen=OLD), "outdated"),
    no(at(P.READY).lives(ci("red")), Story.approves, "red"),
    no(at(P.READY).lives(moved(), *examined(blocking=("a key",)), ci(sha=PUSHED)), Story.approves, "blocked"),
    no(at(P.READY).lives(moved(), *examined(verdict=Verdict.RED), ci(sha=PUSHED)), Story.approves, "blocked"),
    no(held(Story.approves), Story.approves, "second_needed"),
    no(held(Story.approves), lambda story: story.approves(ANA), "own_change"),
    no(at(P.READY), lambda story: story.asks_for_changes(by=MALLORY), "guest"),
    no(at(P.READY), lambda story: story.asks_for_changes("  "), "empty_request"),
    no(at(P.READY), lambda story: story.closes(MALLORY), "guest"),
    no(at(P.READY), e.ClosePressed(by=ANA, seen=OLD), "outdated"),
    no(at(P.MERGED), lambda story: story.undoes(MALLORY), "guest"),
    no(at(P.MERGED), e.UndoPressed(by=ANA, seen=OLD), "outdated"),
    no(at(P.UNDOING), Story.approves_undo, "not_now", "undoing"),
    no(at(P.UNDOING).lives(undo_opened()), Story.approves_undo, "not_now", "undoing"),
    no(at(P.UNDOING).lives(undo_opened(), undo_ci("pending")), Story.approves_undo, "not_now", "undoing"),
    no(at(P.UNDOING).lives(undo_opened(), undo_ci()), lambda story: story.approves_undo(MALLORY), "guest"),
    no(at(P.UNDOING).lives(undo_opened(), undo_ci()), e.UndoApprovePressed(by=BEN, seen=OLD), "outdated"),
    no(told(*[asked()]), lambda story: story.approves(), "not_now", "preparing"),
    no(at(P.ASKING), Story.allows, "not_now", "asking"),
    no(outside(), lambda story: story.allows(ANA), "own_change"),
    no(outside(), lambda story: story.allows(MALLORY), "guest"),
    no(outside(), e.PublishAllowed(by=BEN, seen=OLD), "outdated"),
    no(outside(), e.Answered(by=BEN, text="Run the checks"), "not_now", "asking"),
    no(at(P.STOPPED), note(), "ended", "stopped"),
    no(at(P.UNDONE), Story.undoes, "ended", "undone"),
    no(at(P.DECLINED), Story.approves, "ended", "declined"),
]


@pytest.mark.parametrize("each", NOES, ids=lambda each: each.refusal.code)
def test_a_refusal_says_why_and_changes_nothing(each: No) -> None:
    story = Story(each.story.rules, each.story.now, each.story.known)
    before = story.known
    decision = story.tries(each.event(story) if callable(each.event) else each.event)
    assert decision.refusal == each.refusal
    assert decision.change == before
    assert decision.effects == ()
    assert not decision.withdraw


def test_every_refusal_code_is_said_somewhere() -> None:
    said = {each.refusal.code for each in NOES} | {"already"}
    assert said == set(get_args(RefusalCode))


def test_a_second_yes_to_an_undo_is_refused() -> None:
    story = at(P.UNDOING).lives(undo_opened(), undo_ci())
    story.lives(story.approves_undo())
    assert story.tries(story.approves_undo()).refusal == Refusal(code="already")


def test_a_tap_out_of_place_is_answered_and_a_finding_out_of_place_is_dropped() -> None:
    presses = {kind.__name__ for kind in e.Press.__args__}
    samples: dict[str, Step] = {
        "RepositoryChosen": e.RepositoryChosen(by=ANA, repository="acme/till"),
        "NoteAdded": note(),
        "Answered": e.Answered(by=ANA, text="gross"),
        "PublishAllowed": Story.allows,
        "StopPressed": e.StopPressed(by=ANA),
        "RetryPressed": e.RetryPressed(by=ANA),
        "ApprovePressed": Story.approves,
        "ChangesAsked": Story.asks_for_changes,
        "ClosePressed": Story.closes,
        "UndoPressed": Story.undoes,
        "UndoApprovePressed": Story.approves_undo,
        "HeadMoved": moved(),
        "CiRead": ci(),
    }
    assert presses <= set(samples)
    for phase in P:
        for kind, step in samples.items():
            if (phase, kind) in TABLE:
                continue
            story = at(phase)
            decision = story.tries(step(story) if callable(step) else step)
            if kind in presses:
                code: RefusalCode = "ended" if phase in ENDED else "not_now"
                assert decision.refusal == Refusal(code=code, detail=phase), (phase, kind)
            else:
                assert decision.stale, (phase, kind)
                assert decision.refusal is None
            assert decision.effects == ()


def test_an_approval_of_an_older_head_is_refused() -> None:
    story = at(P.READY)
    shown = story.approves()
    story.lives(moved(), *examined(), ci("green", sha=moved().head_sha))
    assert story.change.phase is P.READY
    assert story.tries(shown).refusal == Refusal(code="outdated")
    assert story.change.approvals == ()


def test_an_approval_of_an_older_head_is_refused_as_such_before_ci_has_spoken() -> None:
    story = at(P.READY)
    shown = story.approves()
    story.lives(moved())
    assert story.tries(shown).refusal == Refusal(code="outdated", detail="checking")


def test_whoever_may_approve_may_ask_too() -> None:
    rules = Rules(repositories=("acme/till",), may_ask=("U0ANA",), may_approve=("U0BEN",))
    assert rules.ask(BEN) is None
    assert rules.ask(CAT) == Refusal(code="may_not_ask")


def test_self_approval_is_a_rule_of_the_operator() -> None:
    story = under(TILL.model_copy(update={"self_approval": True}), P.READY)
    story.lives(story.approves(ANA))
    assert story.change.phase is P.MERGING
    assert TWO.self_approval is False
