"""Whose yes is missing, as the card, its notices and its refusals say it."""

from __future__ import annotations

import pytest

from bot.cards.approvers import yes_from
from bot.cards.card import card
from bot.cards.notices import notice
from bot.cards.refusals import refusal
from bot.domain import events as e
from bot.domain.actor import Actor
from bot.domain.change import Change, Phase
from bot.domain.frozen import revised
from bot.domain.rules import Refusal, Rules
from tests.domain.test_people import LISTED, MAPPED, pushed, ready
from tests.story import ANA, BEN, CAT, MERGE, Story, at, note, undo_ci, undo_opened

NOBODY = revised(LISTED, may_approve=("U0ANA",))


def one_yes(story: Story, by: Actor) -> Story:
    return story.lives(story.approves(by))


@pytest.mark.parametrize(
    ("story", "said"),
    [
        (ready(), "a yes from anyone but ana"),
        (ready(note(by=BEN)), "a yes from anyone but ana and ben (or from each of them)"),
        (one_yes(ready(note(by=BEN)), BEN), "one more yes from anyone but ben"),
        (ready(holds=("a new package",)), "two yeses from anyone but ana"),
        (ready(rules=LISTED), "a yes from <@U0BEN> or <@U0CAT>"),
        (one_yes(ready(note(by=BEN), rules=LISTED), BEN), "one more yes from <@U0ANA> or <@U0CAT>"),
        (ready(rules=LISTED, holds=("a new package",)), "two yeses from <@U0BEN> and <@U0CAT>"),
        (pushed("ben-gh", rules=MAPPED), "a yes from anyone but ana"),
        (
            pushed("octo_cat"),
            "two yeses from anyone, because octo_cat pushed to it on GitHub and I can't tell who that is here",
        ),
        (
            ready(rules=NOBODY),
            "a yes that no one on the list of approvers can give: Shipmate's operator has to add someone",
        ),
    ],
)
def test_the_card_says_whose_yes_is_missing(story: Story, said: str) -> None:
    assert yes_from(story.change) == said
    shown = "\n".join(block["text"]["text"] for block in card(story.change, 0.0).blocks if "text" in block)
    assert f"Waiting for {said}." in shown


def test_the_button_merges_only_where_one_yes_is_missing() -> None:
    def label(change: Change) -> str:
        [found] = [
            one["text"]["text"]
            for block in card(change, 0.0).blocks
            for one in block.get("elements", ())
            if one.get("action_id") == "approve"
        ]
        return str(found)

    assert label(ready().change) == "Approve & merge"
    assert label(ready(holds=("a new package",)).change) == "Approve (1 of 2)"
    assert label(pushed("octocat").change) == "Approve (1 of 2)"


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        (Refusal(code="own_change"), "You asked for this change, so a colleague has to approve it."),
        (Refusal(code="second_needed"), "You already approved this."),
        (Refusal(code="may_not_approve"), "Only some people may merge here"),
        (Refusal(code="unmapped", detail="U0DAN"), "Shipmate's operator can add `U0DAN = { github = "),
    ],
)
def test_a_refusal_says_why_and_who_can(refused: Refusal, why: str) -> None:
    said = refusal(refused, ready(rules=LISTED).change).text
    assert why in said
    assert said.endswith("It needs a yes from <@U0BEN> or <@U0CAT>.")


def test_a_yes_that_was_taken_back_is_told_to_its_giver_and_to_who_asked() -> None:
    story = one_yes(ready(rules=MAPPED), BEN).lives(e.RightsMissing(people=("U0BEN",)))
    assert notice(story.change, "no_right").text == (
        "<@U0ANA> :no_entry: <@U0BEN> can't push to acme/till on GitHub, so that yes to “Include tax in the total” is "
        "void. Needs a yes from anyone but ana and ben."
    )


def test_who_is_barred_is_not_named_any_more() -> None:
    rules = revised(MAPPED, may_approve=("U0BEN", "U0CAT"))
    story = one_yes(ready(rules=rules), BEN).lives(e.RightsMissing(people=("U0BEN",)))
    assert yes_from(story.change) == "a yes from <@U0CAT>"


def test_those_who_let_it_in_are_told_who_took_it_out_again() -> None:
    story = ready(holds=("a new package",))
    story.lives(story.approves(BEN), story.approves(CAT), e.Merged(merge_sha=MERGE))
    story.lives(story.undoes(ANA), undo_opened(), undo_ci())
    story.lives(story.approves_undo(CAT))
    assert notice(story.change, "undone").text == (
        "<@U0ANA> <@U0BEN> :leftwards_arrow_with_hook: “Include tax in the total” is out again: cat undid it."
    )


def test_a_change_from_before_this_was_written_down_names_its_requester() -> None:
    old = revised(at(Phase.READY).change, wanted=None)
    assert yes_from(old) == "a yes from anyone but ana"
    assert yes_from(revised(old, self_approval=True)) == "a yes from anyone"
    assert Rules().self_approval is False
