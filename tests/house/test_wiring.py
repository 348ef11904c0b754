"""What one room promises another keeps: a stage per effect, a consequence per event, a meaning per button."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from bot.cards.card import card
from bot.cards.notices import notice
from bot.domain import effects, events
from bot.domain.change import Change, Phase, Question
from bot.domain.consequences import OF
from bot.domain.transitions import TABLE
from bot.listeners.actions import OPENS_A_PAGE, Pressed, meaning
from tests.story import BEN, Story, at, budget_reached, held, outside, undo_ci, undo_opened
from workers.stages.notify import STILL_TRUE
from workers.stages.registry import STAGES


def kinds(union: Any) -> set[type]:
    """The member types of a union of events or effects."""
    return set(get_args(union))


def buttons(blocks: Any) -> list[dict[str, Any]]:
    """Every button anywhere in a message."""
    if isinstance(blocks, dict):
        own = [blocks] if blocks.get("type") == "button" else []
        return own + [found for value in blocks.values() for found in buttons(value)]
    if isinstance(blocks, list | tuple):
        return [found for value in blocks for found in buttons(value)]
    return []


def changes() -> list[Change]:
    """A change in every phase, and with every kind of question."""
    live = [at(phase).change for phase in Phase]
    asking = at(Phase.ASKING).change
    question = Question(about="repository", text="Which one?", options=("acme/till", "acme/shop"))
    undo_ready = at(Phase.UNDOING).lives(undo_opened(), undo_ci()).change
    spent = at(Phase.EDITING).lives(budget_reached()).change
    live += [spent, held(Story.approves).change, outside().change]
    return [*live, undo_ready, asking.model_copy(update={"phase": Phase.RECEIVED, "question": question})]


def test_every_effect_has_a_stage() -> None:
    assert set(STAGES) == kinds(effects.BuildEffect) | kinds(effects.TalkEffect)


def test_every_event_has_a_consequence_and_a_place_in_the_table() -> None:
    everything = (kinds(events.Press) | kinds(events.StageResult)) - {events.Asked}
    assert set(OF) == everything
    assert {event for _phase, event in TABLE} == {kind.__name__ for kind in everything}


def test_every_moment_is_said_only_while_it_is_true() -> None:
    assert set(STILL_TRUE) == set(get_args(effects.Moment))
    for moment, phases in STILL_TRUE.items():
        for phase in phases:
            assert notice(at(phase).change, moment).text


def test_every_button_on_every_card_means_something() -> None:
    seen: set[str] = set()
    for change in changes():
        for button in buttons(card(change, 1_700_000_000.0).blocks):
            action = button["action_id"]
            seen.add(action.partition(":")[0])
            if OPENS_A_PAGE.fullmatch(action) or action == "ask_changes":
                continue
            pressed = Pressed(change, "x", action, button["text"]["text"], "key")
            assert meaning(pressed, BEN) is not None, (change.phase, action)
    expected = {
        "allow",
        "approve",
        "ask_changes",
        "close",
        "stop",
        "retry",
        "undo",
        "undo_approve",
        "choose_repository",
        "answer",
    }
    assert expected <= seen


@pytest.mark.parametrize("stage", [stage for _, stage in sorted(STAGES.items(), key=lambda one: one[0].__name__)])
def test_every_stage_says_what_a_second_run_does(stage: Any) -> None:
    assert "second run" in (stage.__doc__ or "").lower() or "always one" in (stage.__doc__ or "")
