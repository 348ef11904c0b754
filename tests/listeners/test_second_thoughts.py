"""A person thinks again after they asked: a stop in more words, a request that is edited or deleted."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.change import Change, Phase
from tests import story
from tests.listeners.world import CHANNEL, World


def asked_privately(here: World, person: str, before: int) -> dict[str, Any]:
    """The question that this person alone sees, with its two taps."""
    asked: dict[str, Any] = here.soon(lambda: here.phone.ephemerals(person)[before:])[0]
    taps = [one["action_id"] for block in asked["blocks"] for one in block.get("elements", [])]
    assert taps == ["stop", "keep_going"]
    return asked


def replied(here: World, change: Change, text: str) -> dict[str, Any]:
    before = len(here.phone.ephemerals("ben"))
    here.phone.say("ben", CHANNEL, text, thread_ts=change.place.thread_ts)
    return asked_privately(here, "ben", before)


def test_what_may_be_meant_as_a_stop_is_asked_and_the_words_are_not_lost(here: World) -> None:
    change = here.reaches(Phase.EDITING)
    asked = replied(here, change, "stop, that was wrong")
    assert "Should I stop?" in asked["text"]
    assert here.fresh(change).phase is Phase.EDITING
    assert [one.text for one in here.fresh(change).notes] == ["stop, that was wrong"]
    here.phone.press("ben", CHANNEL, asked["ts"], "stop")
    here.settled()
    assert here.fresh(change).phase is Phase.STOPPED
    assert asked["ts"] not in [one["ts"] for one in here.phone.ephemerals("ben")], "what was answered is gone"


def test_keep_going_keeps_going(here: World) -> None:
    change = here.reaches(Phase.EDITING)
    asked = replied(here, change, "cancel the whole thing")
    before = here.journal(change)
    here.phone.press("ben", CHANNEL, asked["ts"], "keep_going")
    here.settled()
    assert here.journal(change) == before
    assert here.fresh(change).phase is Phase.EDITING
    assert asked["ts"] not in [one["ts"] for one in here.phone.ephemerals("ben")]


def test_a_first_request_that_begins_with_stop_is_a_request(here: World) -> None:
    assert here.ask("@Shipmate stop rounding the total").request == "stop rounding the total"


def test_at_a_question_about_the_budget_its_own_buttons_come_again(here: World) -> None:
    change = here.lives(here.reaches(Phase.EDITING), story.budget_reached())
    here.silent("ben", lambda: here.phone.say("ben", CHANNEL, "stop, too dear?", thread_ts=change.place.thread_ts))
    assert here.fresh(change).phase is Phase.ASKING


@pytest.mark.parametrize("phase", [Phase.PREPARING, Phase.EDITING, Phase.CHECKING])
def test_an_edited_request_is_heard_while_the_change_is_being_made(here: World, phase: Phase) -> None:
    change = here.reaches(phase)
    here.phone.edit("ana", CHANNEL, change.place.message_ts, "@Shipmate make the total include tax, per item")
    noted = here.soon(lambda: here.fresh(change) if here.fresh(change).notes else None)
    assert [(one.kind, one.by, one.text) for one in noted.notes] == [
        ("person", change.requester.id, "I edited my request. It now says:\nmake the total include tax, per item")
    ]
    assert noted.phase is phase


def test_an_edit_after_that_is_answered(here: World) -> None:
    change = here.reaches(Phase.READY)
    with here.whispers("ana") as whispered:
        here.phone.edit("ana", CHANNEL, change.place.message_ts, "@Shipmate make the total include nothing")
        assert "Reply here with what should be different" in whispered()
    assert here.fresh(change) == change


def test_a_request_that_is_edited_into_a_stop_stops(here: World) -> None:
    change = here.reaches(Phase.EDITING)
    here.phone.edit("ana", CHANNEL, change.place.message_ts, "@Shipmate stop")
    here.soon(lambda: here.fresh(change).phase is Phase.STOPPED or None)


def test_edits_of_other_messages_mean_nothing(here: World) -> None:
    change = here.reaches(Phase.EDITING)
    said = here.phone.say("ben", CHANNEL, "and the receipt", thread_ts=change.place.thread_ts)
    here.settled()
    before = here.journal(change)
    here.silent("ben", lambda: here.phone.edit("ben", CHANNEL, said["ts"], "and the till"))
    assert here.journal(change) == before


def test_a_deleted_request_asks_its_author(here: World) -> None:
    change = here.reaches(Phase.EDITING)
    here.shows(change)  # so that there is a thread
    before = len(here.phone.ephemerals("ana"))
    here.phone.delete("ana", CHANNEL, change.place.message_ts)
    asked = asked_privately(here, "ana", before)
    assert "You deleted your request" in asked["text"]
    assert here.fresh(change).phase is Phase.EDITING
    here.phone.press("ana", CHANNEL, asked["ts"], "stop")
    here.settled()
    assert here.fresh(change).phase is Phase.STOPPED
