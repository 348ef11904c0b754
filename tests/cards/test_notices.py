"""New messages and whispers: what makes a phone buzz, and what only one person reads."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from bot.cards import proven
from bot.cards.notices import notice
from bot.cards.refusals import refusal
from bot.domain.change import Opinion, Phase
from bot.domain.effects import Moment
from bot.domain.rules import Refusal, RefusalCode
from bot.domain.transitions import ENDED
from tests import story
from tests.story import ANA, BEN, at, told


def test_a_stuck_notice_says_the_first_sentence_only_since_the_card_has_them_all() -> None:
    stuck = at(Phase.STUCK).change
    assert stuck.failure is not None
    long = stuck.failure.model_copy(update={"reason": "I cannot do that. What I can:\n- this\n- that"})
    said = notice(stuck.model_copy(update={"failure": long}), "stuck").text
    assert "I cannot do that.\nReply with a hint, or tap *Try again*." in said


def test_a_question_reads_as_a_sentence_on_a_locked_phone() -> None:
    said = notice(at(Phase.ASKING).change, "question")
    assert "\n> " in said.blocks[0]["text"]["text"]
    assert "\n>" not in said.text


def test_a_change_that_came_to_nothing_new_is_not_announced_as_if_it_had() -> None:
    same = at(Phase.READY).change.model_copy(update={"void": "Nothing was changed this time. The model said why."})
    said = notice(same, "ready").text
    assert "Nothing was changed this time. Ready to merge. Needs a yes" in said
    assert "is ready" not in said


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("Fine.", "Review (scripted): Fine."),
        ("Scripted stand-in: not judged.", "Review: Scripted stand-in: not judged."),
    ],
)
def test_a_scripted_review_is_named_as_such_once(sentence: str, said: str) -> None:
    opinion = Opinion(verdict="fine", sentence=sentence, model="m", scripted=True)
    assert proven.review(opinion) == f":eyes: {said}"


@pytest.mark.parametrize("moment", get_args(Moment))
def test_every_notice_mentions_the_requester(moment: Moment) -> None:
    said = notice(at(Phase.UNDOING if moment.startswith("undo") else Phase.READY).change, moment)
    assert f"<@{ANA.id}>" in said.text


def test_the_undo_notice_goes_to_whoever_asked_for_the_undo() -> None:
    change = told(*story.WAYS[Phase.MERGED], lambda s: s.undoes(by=BEN), story.undo_opened(), story.undo_ci()).change
    assert "<@U0BEN>" in notice(change, "undo_ready").text


def test_the_ready_notice_says_that_another_person_approves() -> None:
    assert "Needs a yes from anyone but ana" in notice(at(Phase.READY).change, "ready").text


@pytest.mark.parametrize(
    ("phase", "moment", "offered"),
    [
        (Phase.ASKING, "question", ["answer:0", "answer:1"]),
        (Phase.STUCK, "stuck", ["retry"]),
        (Phase.MERGED, "merged", ["undo"]),
        (Phase.READY, "ready", []),
    ],
)
def test_a_notice_brings_the_buttons_that_it_speaks_of(phase: Phase, moment: Moment, offered: list[str]) -> None:
    said = notice(at(phase).change, moment)
    assert [one["action_id"] for block in said.blocks for one in block.get("elements", [])] == offered


@pytest.mark.parametrize("code", get_args(RefusalCode))
def test_every_refusal_says_what_it_means_and_what_to_do(code: RefusalCode) -> None:
    said = refusal(
        Refusal(code=code, detail="merged" if code in {"ended", "not_now"} else "acme/x"), at(Phase.MERGED).change
    )
    assert len(re.findall(r"[.!?](?:\s|$|”)", said.text)) >= 2 or code == "robot"
    assert "_" not in said.text, "codes are not words"


@pytest.mark.parametrize("phase", sorted(ENDED))
def test_a_refusal_after_the_end_shows_the_way_on(phase: Phase) -> None:
    said = refusal(Refusal(code="ended", detail=phase), at(phase).change)
    assert "Mention me in a new message" in said.text
