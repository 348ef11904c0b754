"""Every way of the table is walked once, and what follows is compared whole."""

from __future__ import annotations

import pytest

from bot.domain import events as e
from bot.domain.change import Phase as P
from bot.domain.consequences import OF
from bot.domain.transitions import ENDED, TABLE
from tests.domain.ways import WAYS, Way
from tests.story import Story


def _name(walked: Way) -> str:
    story = walked.story()
    event = walked.event(story) if callable(walked.event) else walked.event
    return f"{story.change.phase}-{event.kind}-{walked.after}"


@pytest.mark.parametrize("walked", WAYS, ids=_name)
def test_an_event_has_exactly_these_effects(walked: Way) -> None:
    story = walked.story()
    story = Story(story.rules, story.now, story.change)
    before = story.change
    decision = story.tries(walked.event(story) if callable(walked.event) else walked.event)
    assert decision.refusal is None
    assert not decision.stale
    assert (story.change.phase, decision.effects) == (walked.after, walked.effects)
    assert (story.change.version, story.change.updated_at) == (before.version + 1, story.now)
    builds = [effect for effect in decision.effects if effect.lane == "build"]
    assert len(builds) <= 1
    assert decision.withdraw == (walked.after != before.phase or bool(builds))


def test_every_way_of_the_table_is_walked_and_no_other() -> None:
    walked = set()
    for each in WAYS:
        story = each.story()
        event = each.event(story) if callable(each.event) else each.event
        walked.add((story.change.phase, event.kind, each.after))
    assert walked == {(phase, kind, after) for (phase, kind), following in TABLE.items() for after in following}


def test_every_event_of_the_table_has_a_consequence_and_every_consequence_a_place() -> None:
    assert {event.__name__ for event in OF} == {kind for _, kind in TABLE}


def test_every_event_but_the_first_has_a_consequence() -> None:
    assert set(OF) == set((e.Press | e.StageResult).__args__)


def test_only_the_forge_leads_out_of_an_end() -> None:
    out = {
        (phase, kind, after)
        for (phase, kind), following in TABLE.items()
        if phase in ENDED
        for after in following
        if after is not phase
    }
    assert out == {(P.DECLINED, "Merged", P.MERGED), (P.DECLINED, "Reopened", P.CHECKING)}
