"""Changes, events and effects come back from their rows as they went in."""

from __future__ import annotations

import pytest

from bot.domain import effects, events
from bot.domain.change import Change, Phase
from bot.domain.effects import EFFECT, BuildEffect, TalkEffect
from bot.domain.events import EVENT
from tests.domain.ways import WAYS, Way
from tests.story import at


@pytest.mark.parametrize("phase", list(Phase))
def test_a_change_comes_back_from_its_row(phase: Phase) -> None:
    change = at(phase).change
    assert Change.model_validate_json(change.model_dump_json()) == change


@pytest.mark.parametrize("way", WAYS, ids=lambda way: str(way.after))
def test_an_event_and_its_effects_come_back_from_their_rows(way: Way) -> None:
    event = way.event(way.story()) if callable(way.event) else way.event
    assert EVENT.validate_json(event.model_dump_json()) == event
    for effect in way.effects:
        assert EFFECT.validate_json(effect.model_dump_json()) == effect


def test_every_effect_is_caused_by_something() -> None:
    every = {kind.__name__ for kind in (*BuildEffect.__args__, *TalkEffect.__args__)}
    assert {effect.kind for way in WAYS for effect in way.effects} == every


def test_a_kind_is_the_name_of_its_class() -> None:
    every = (*effects.BuildEffect.__args__, *effects.TalkEffect.__args__, events.Asked)
    for kind in (*every, *events.Press.__args__, *events.StageResult.__args__):
        assert kind.model_fields["kind"].default == kind.__name__
