"""What sends work back, what asks for a second person, and what a person grants again."""

from __future__ import annotations

import pytest

from bot.domain import events as e
from bot.domain.change import Image, Note, Opinion, Phase, Usage
from bot.domain.consequences.asking import GO_ON
from bot.domain.effects import Notify, React, ShowCard
from bot.domain.rules import Rules
from tests.story import (
    ANA,
    BEN,
    CAT,
    PUSHED,
    PUSHED_TREE,
    VETO,
    Story,
    at,
    budget_reached,
    checked,
    ci,
    edits,
    held,
    judged,
    moved,
    note,
    published,
    remade,
    told,
)
from tests.story import asked as ask

FINE = Opinion(verdict="fine", sentence="It does what was asked.", model="judge")


def test_a_finding_that_holds_takes_two_different_people_and_both_are_named() -> None:
    story = held(Story.approves)
    assert story.change.phase is Phase.READY
    story.lives(story.approves(CAT))
    assert [one.by for one in story.change.approvals] == [BEN, CAT]
    assert {one.head_sha for one in story.change.approvals} == {story.change.pull.head_sha if story.change.pull else ""}


def test_a_push_between_the_two_takes_the_first_yes_back() -> None:
    found = judged(PUSHED_TREE, holds=("package.json: adds the dependency left-pad.",))
    story = held(Story.approves).lives(moved())
    assert (story.change.approvals, story.change.holds) == ((), ())
    story.lives(checked(tree=PUSHED_TREE), found, ci("green", sha=PUSHED))
    assert story.change.holds, "what is there now was judged anew"
    story.lives(story.approves(CAT))
    assert story.change.phase is Phase.READY


def test_a_request_for_changes_between_the_two_takes_the_first_yes_back() -> None:
    story = held(Story.approves)
    story.lives(story.asks_for_changes())
    story.lives(*remade(story), ci("green"))
    assert (story.change.holds, story.change.approvals) == ((), ())
    story.lives(story.approves(CAT))
    assert story.change.phase is Phase.MERGING


def test_one_yes_is_enough_where_nothing_holds() -> None:
    assert at(Phase.READY).rules.approvers(at(Phase.READY).change) == 1
    assert Rules().approvers(held().change) == 2


def test_a_veto_tells_the_agent_what_is_too_much_and_what_is_missing() -> None:
    opinion = VETO.model_copy(update={"missing": ("The receipt.",)})
    story = at(Phase.JUDGING).lives(judged(opinion=opinion))
    told_agent = story.change.notes[-1]
    assert told_agent.kind == "judge"
    assert told_agent.text.split("\n") == [
        "It also renames the till.",
        "Nobody asked for: The till is renamed.",
        "Asked for, and missing: The receipt.",
    ]
    assert (story.change.vetoes, story.change.opinion) == (1, opinion)


def test_after_two_vetoes_a_person_decides_and_a_second_one_too() -> None:
    story = at(Phase.JUDGING)
    for read in (1, 2):
        story.lives(judged(opinion=VETO), edits(notes_read=read), checked())
    story.lives(judged(opinion=VETO), published(), ci("green"))
    assert story.change.holds == ("The review still objects: It also renames the till.",)
    assert story.rules.approvers(story.change) == 2


def test_a_person_who_speaks_starts_the_count_of_vetoes_anew() -> None:
    story = at(Phase.JUDGING).lives(judged(opinion=VETO), edits(notes_read=1), checked(), judged(opinion=FINE))
    story.lives(published(), ci("green"))
    assert story.change.vetoes == 1
    story.lives(note("leave the name alone"))
    assert story.change.vetoes == 0


def test_code_that_must_not_pass_wins_over_any_opinion() -> None:
    story = at(Phase.JUDGING).lives(judged(blocking=("a key in till.py",), opinion=FINE))
    assert story.change.phase is Phase.EDITING
    assert story.change.notes[-1].text == "a key in till.py"


def test_what_is_used_up_is_granted_once_more_and_no_answer_is_made_up_for_the_agent() -> None:
    story = at(Phase.EDITING).lives(budget_reached(), e.Answered(by=ANA, text=GO_ON))
    assert (story.change.grants, story.change.notes, story.change.question) == (2, (), None)


@pytest.mark.parametrize(
    "typed", ["yes", "Yes, go on!", "ok", "sure, keep going please", "the first one", "1", "Go on"]
)
def test_a_typed_yes_is_a_tap_on_go_on(typed: str) -> None:
    story = at(Phase.EDITING).lives(budget_reached(), note(typed))
    assert (story.change.phase, story.change.grants, story.change.notes) == (Phase.EDITING, 2, ())


@pytest.mark.parametrize("typed", ["Stop here", "no, that is enough", "No.", "that's enough, thanks", "the second one"])
def test_a_typed_no_is_a_tap_on_stop_here(typed: str) -> None:
    story = at(Phase.EDITING).lives(budget_reached(), note(typed))
    assert (story.change.phase, story.change.grants, story.change.stopped_by) == (Phase.STOPPED, 1, ANA)


@pytest.mark.parametrize(
    "typed",
    ["go on, but leave the tests", "yes and no", "don't go on", "on it", "not enough", "how much was it?", "10", "👍"],
)
def test_in_doubt_nothing_is_granted_and_the_question_comes_again_with_its_buttons(typed: str) -> None:
    story = at(Phase.EDITING).lives(budget_reached(), note(typed, by=BEN))
    assert (story.change.phase, story.change.grants) == (Phase.ASKING, 1)
    assert story.last.effects == (React(name="memo"), ShowCard(), Notify(moment="question"))
    assert story.change.notes == (Note(kind="person", author="ben", text=typed, by="U0BEN"),), "the words are kept"
    story.lives(e.Answered(by=ANA, text=GO_ON))
    assert (story.change.phase, story.change.grants) == (Phase.EDITING, 2)
    assert story.change.notes_read == 0, "the agent hears them when it goes on"


@pytest.mark.parametrize(
    ("typed", "heard"),
    [("net please", "net"), ("the second one", "net"), ("Gross.", "gross"), ("net, with a line for it", None)],
)
def test_a_typed_answer_names_an_option_or_goes_to_the_agent_as_it_is(typed: str, heard: str | None) -> None:
    story = at(Phase.ASKING).lives(note(typed))
    assert [(one.kind, one.text) for one in story.change.notes] == [("answer", heard or typed)]


def test_pictures_stay_with_what_was_said_with_them() -> None:
    shot = Image(id="F1", name="till.png", mimetype="image/png", size=2_000, url="https://files.slack.com/F1")
    story = told(ask().model_copy(update={"images": (shot,)}), note().model_copy(update={"images": (shot,)}))
    assert story.change.images == (shot,)
    assert story.change.notes[0].images == (shot,)


def test_every_review_is_counted_whatever_it_said() -> None:
    spent = Usage(turns=1, input_tokens=900, output_tokens=80, micros=5_200)
    story = at(Phase.JUDGING).lives(judged(opinion=VETO.model_copy(update={"usage": spent})))
    story.lives(edits(notes_read=1), checked(), judged(opinion=FINE.model_copy(update={"usage": spent})))
    assert story.change.review_usage == Usage(turns=2, input_tokens=1_800, output_tokens=160, micros=10_400)
    assert story.change.usage.turns == 3
