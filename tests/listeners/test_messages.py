from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from bot.domain.change import Change, Phase
from tests.listeners.world import CHANNEL, World


def test_a_mention_starts_one_change_although_two_events_come_for_it(here: World) -> None:
    change = here.ask("@Shipmate make the total include tax & more")
    here.settled()
    assert change.request == "make the total include tax & more"
    assert change.requester.name == "Ana Soto"
    assert change.phase is Phase.PREPARING
    assert here.journal(change) == ["moved"]
    assert {(change.id, "talk"), (change.id, "build")} <= set(here.bell.rung)


def test_a_direct_message_needs_no_mention(here: World) -> None:
    said = here.phone.say("ana", "dm", "make the total include tax")
    change = here.soon(lambda: here.change_at(said["ts"], said["channel"]))
    assert change.place.direct


def test_a_mention_deep_in_a_thread_starts_a_change_for_that_thread(here: World) -> None:
    root = here.phone.say("ben", CHANNEL, "the total looks wrong")
    here.phone.say("ana", CHANNEL, "@Shipmate please fix it", thread_ts=root["ts"])
    change = here.soon(lambda: here.change_at(root["ts"]))
    assert change.requester.name == "Ana Soto"
    assert change.place.message_ts != root["ts"]


def test_a_reply_while_it_works_is_a_note(here: World) -> None:
    change = here.ask()
    here.phone.say("ben", CHANNEL, "and the receipt too", thread_ts=change.place.thread_ts)
    noted = here.soon(lambda: here.fresh(change) if here.fresh(change).notes else None)
    assert [(note.kind, note.author, note.text) for note in noted.notes] == [
        ("person", "Ben Okafor", "and the receipt too")
    ]


def test_a_reply_with_a_mention_is_one_note_and_not_a_second_change(here: World) -> None:
    change = here.ask()
    here.phone.say("ana", CHANNEL, "@Shipmate and the receipt too", thread_ts=change.place.thread_ts)
    here.settled()
    assert [note.text for note in here.fresh(change).notes] == ["and the receipt too"]


def test_the_word_stop_stops(here: World) -> None:
    change = here.ask()
    here.phone.say("ben", CHANNEL, "Stop!", thread_ts=change.place.thread_ts)
    here.settled()
    assert here.fresh(change).phase is Phase.STOPPED
    assert here.fresh(change).stopped_by is not None


def test_a_stop_that_overtakes_its_request_still_stops(here: World) -> None:
    here.phone.misdeliver(hold=True)
    said = here.phone.say("ana", CHANNEL, "@Shipmate make the total include tax")
    here.phone.say("ana", CHANNEL, "stop", thread_ts=said["ts"])
    held = here.phone.deliveries("held")
    bodies = [one["body"] for one in held]
    here.phone.misdeliver(hold=False)
    here.phone.send_event(next(body for body in bodies if body["event"]["text"] == "stop"))
    here.settled()
    assert here.change_at(said["ts"]) is None
    here.phone.release()
    here.settled()
    change = here.change_at(said["ts"])
    assert change is not None
    assert change.phase is Phase.STOPPED


def test_every_delivery_three_times_changes_nothing_more(here: World) -> None:
    here.phone.misdeliver(repeat=3, jitter_ms=30, seed=7)
    change = here.ask("@Shipmate once only")
    here.phone.say("ben", CHANNEL, "and the receipt too", thread_ts=change.place.thread_ts)
    here.settled()
    assert here.journal(change) == ["moved", "moved"]
    assert len(here.fresh(change).notes) == 1


def test_a_crash_between_answer_and_listener_loses_nothing(here: World) -> None:
    """The row is there and nobody took it: the same as after a kill -9."""
    body = _mention(here, "1600000000.000100", "<@U0SHIPMATE> asked before the crash")
    raw = json.dumps(body).encode()
    asyncio.run(here.store.deliveries.keep("slack", "event:EvCRASH", raw, {"content-type": "application/json"}))
    assert here.change_at("1600000000.000100") is None
    here.store.engine.dispose()
    change = here.phone.wait_for(lambda: here.change_at("1600000000.000100"), 60)
    assert change.request == "asked before the crash"


@pytest.mark.parametrize(
    ("person", "text", "answer"),
    [
        ("ana", "@Shipmate", "Tell me what to change"),
        ("ana", "@Shipmate help", "Scripted stand-in for Claude"),
        ("ana", "@Shipmate stop", "nothing is going on in this thread"),
        ("ana", "@Shipmate fix it in repo acme/unknown", "I don't work on *acme/unknown*"),
        ("mallory", "@Shipmate make it mine", "Guests cannot ask"),
    ],
)
def test_each_gets_the_right_answer_once_and_no_change(here: World, person: str, text: str, answer: str) -> None:
    before, heard = len(here.store.changes.recent(200)), len(here.phone.ephemerals(person))
    here.phone.say(person, CHANNEL, text)
    here.soon(lambda: here.phone.ephemerals(person)[heard:])
    here.settled()
    assert [answer in one["text"] for one in here.phone.ephemerals(person)[heard:]] == [True]
    assert len(here.store.changes.recent(200)) == before


def test_status_says_where_it_stands(here: World) -> None:
    change = here.ask()
    with here.whispers("ben") as whispered:
        here.phone.say("ben", CHANNEL, "@Shipmate status", thread_ts=change.place.thread_ts)
        assert "Getting a fresh copy of the code" in whispered()


@pytest.mark.parametrize("text", ["good morning", "`@Shipmate do it` is how you ask", "see ```@Shipmate do it```"])
def test_talk_and_quoted_mentions_get_silence(here: World, text: str) -> None:
    before = len(here.store.changes.recent(200))
    here.silent("ana", lambda: here.phone.say("ana", CHANNEL, text))
    assert len(here.store.changes.recent(200)) == before


def test_edits_and_deletions_are_no_requests(here: World) -> None:
    said = here.phone.say("ana", CHANNEL, "good morning")
    here.silent("ana", lambda: here.phone.edit("ana", CHANNEL, said["ts"], "@Shipmate do it"))
    here.silent("ana", lambda: here.phone.delete("ana", CHANNEL, said["ts"]))
    assert here.change_at(said["ts"]) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"bot_id": "B0OTHER"},
        {"subtype": "bot_message", "bot_id": "B0OTHER"},
        {"user": "U0SHIPMATE", "bot_id": "B0SHIPMATE"},
    ],
)
def test_other_bots_and_our_own_echo_get_silence(here: World, fields: dict[str, Any]) -> None:
    body = _mention(here, "1600000001.000100", "<@U0SHIPMATE> do it", **fields)
    here.silent("ana", lambda: here.phone.send_event(body))
    assert here.change_at("1600000001.000100") is None


def test_a_stranger_is_told_no(here: World) -> None:
    here.phone.change_user("cleo", is_stranger=True, team_id="T0OTHER001")
    try:
        here.services.people._actors.clear()
        with here.whispers("cleo") as whispered:
            here.phone.say("cleo", CHANNEL, "@Shipmate do it")
            assert "only from members of this workspace" in whispered()
    finally:
        here.phone.change_user("cleo", is_stranger=False, team_id="T0PLAYGRND")
        here.services.people._actors.clear()


def test_somebody_whom_slack_cannot_describe_may_do_nothing(here: World) -> None:
    here.services.people._actors.clear()
    here.phone.fault("users.info", "error", times=5)
    with here.whispers("ben") as whispered:
        said = here.phone.say("ben", CHANNEL, "@Shipmate do it")
        assert "I couldn't check your Slack account" in whispered()
    assert here.change_at(said["ts"]) is None


def test_a_reply_after_the_end_is_silence_and_a_mention_is_told_the_way_on(here: World) -> None:
    change = here.ask()
    here.phone.say("ana", CHANNEL, "stop", thread_ts=change.place.thread_ts)
    here.settled()
    here.silent("ben", lambda: here.phone.say("ben", CHANNEL, "thanks", thread_ts=change.place.thread_ts))
    with here.whispers("ben") as whispered:
        here.phone.say("ben", CHANNEL, "@Shipmate go on", thread_ts=change.place.thread_ts)
        assert "Mention me in a new message" in whispered()


def test_an_answer_that_slack_could_not_take_is_given_later(here: World) -> None:
    here.phone.fault("chat.postEphemeral", "error", times=1)
    here.phone.fault("chat.postMessage", "error", times=1)
    with here.whispers("mallory") as whispered:
        here.phone.say("mallory", CHANNEL, "@Shipmate let me in")
        assert "Guests cannot ask" in whispered()


def test_a_bug_of_ours_is_told_with_a_reference(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object) -> Change:
        raise RuntimeError("boom")

    monkeypatch.setattr(type(here.services.door), "open", broken)
    with here.whispers("ana") as whispered:
        here.phone.say("ana", CHANNEL, "@Shipmate do it")
        told = whispered()
    assert "Something went wrong on our side" in told
    assert "boom" not in told


def _mention(here: World, ts: str, text: str, **fields: Any) -> dict[str, Any]:
    event = {"type": "app_mention", "user": "U0ANA00001", "text": text, "ts": ts, "channel": CHANNEL, "event_ts": ts}
    return {
        "type": "event_callback",
        "team_id": here.services.identity.team_id,
        "api_app_id": here.services.identity.app_id,
        "event_id": f"Ev{ts}{len(text)}{len(fields)}{fields.get('bot_id')}{fields.get('subtype')}",
        "event_time": 1,
        "event": event | fields,
        "authorizations": [{"team_id": here.services.identity.team_id, "user_id": "U0SHIPMATE", "is_bot": True}],
    }
