"""What Slack gave up on is found, once, and nothing else is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.change import Phase
from bot.listeners import backfill as backfill_module
from bot.listeners.events import understood
from tests.listeners.deaf import deaf_world, given_up, looks, restarted
from tests.listeners.world import CHANNEL, World


@pytest.fixture(scope="module")
def one_deaf(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with deaf_world(_sqlite_template, tmp_path_factory.mktemp("deaf")) as running:
        yield running


@pytest.fixture
def deaf(one_deaf: World) -> World:
    one_deaf.phone.clear_faults()
    return one_deaf


def test_a_request_that_slack_gave_up_on_becomes_one_change(deaf: World) -> None:
    said = deaf.phone.say("ana", CHANNEL, "@Shipmate make the total include tax")
    given_up(deaf)
    assert deaf.change_at(said["ts"]) is None
    assert looks(deaf)
    change = deaf.change_at(said["ts"])
    assert change is not None
    assert (change.request, change.requester.name) == ("make the total include tax", "Ana Soto")
    assert change.place.message_ts == said["ts"]
    assert looks(deaf)
    assert deaf.journal(change) == ["moved"]


def test_a_direct_message_and_a_mention_deep_in_a_thread_are_found(deaf: World) -> None:
    direct = deaf.phone.say("ana", "dm", "make the receipt shorter")
    root = deaf.phone.say("ben", CHANNEL, "the total looks wrong")
    deaf.phone.say("cleo", CHANNEL, "it does", thread_ts=root["ts"])
    deep = deaf.phone.say("ana", CHANNEL, "@Shipmate please fix it", thread_ts=root["ts"])
    deaf.phone.say("ben", CHANNEL, "and the receipt", thread_ts=root["ts"])
    given_up(deaf)
    looks(deaf)
    asked = deaf.change_at(direct["ts"], direct["channel"])
    assert asked is not None
    assert asked.place.direct
    change = deaf.change_at(root["ts"])
    assert change is not None
    assert change.place.message_ts == deep["ts"]
    assert [note.text for note in change.notes] == ["and the receipt"]


def test_replies_that_were_missed_become_notes_once_and_in_order(deaf: World) -> None:
    said = deaf.phone.say("ana", CHANNEL, "@Shipmate make the total include tax")
    looks(deaf)
    change = deaf.change_at(said["ts"])
    assert change is not None
    change = deaf.reaches(Phase.EDITING, change)
    for text in ("first this", "@Shipmate then that", "and at last the receipt"):
        deaf.phone.say("ben", CHANNEL, text, thread_ts=said["ts"])
    given_up(deaf)
    looks(deaf)
    looks(deaf)
    assert [note.text for note in deaf.fresh(change).notes] == ["first this", "then that", "and at last the receipt"]


def test_a_request_and_the_stop_after_it_are_found_in_one_look(deaf: World) -> None:
    said = deaf.phone.say("ana", CHANNEL, "@Shipmate make the total include tax")
    deaf.phone.say("ana", CHANNEL, "stop", thread_ts=said["ts"])
    given_up(deaf)
    looks(deaf)
    change = deaf.change_at(said["ts"])
    assert change is not None
    assert change.phase is Phase.STOPPED


def test_what_is_older_than_a_day_stays_unheard(deaf: World) -> None:
    said = deaf.phone.say("ana", CHANNEL, "@Shipmate make the total include tax")
    given_up(deaf)
    looks(deaf, clock=lambda: time.time() + 25 * 3600)
    assert deaf.change_at(said["ts"]) is None


def test_help_refusals_and_empty_mentions_are_answered_once(deaf: World) -> None:
    heard = {person: len(deaf.phone.ephemerals(person)) for person in ("cleo", "mallory")}
    deaf.phone.say("cleo", CHANNEL, "@Shipmate help")
    deaf.phone.say("cleo", CHANNEL, "@Shipmate")
    deaf.phone.say("mallory", CHANNEL, "@Shipmate make it mine")
    given_up(deaf)
    for _ in range(3):
        looks(deaf)
    assert len(deaf.phone.ephemerals("cleo")) == heard["cleo"] + 2
    told = deaf.phone.ephemerals("mallory")[heard["mallory"] :]
    assert ["Guests cannot ask" in one["text"] for one in told] == [True]


def test_talk_edited_messages_and_bots_stay_unheard(deaf: World) -> None:
    looks(deaf)  # what other tests have left to be found
    said = deaf.phone.say("ana", CHANNEL, "good morning")
    deaf.phone.edit("ana", CHANNEL, said["ts"], "@Shipmate do it")
    other = deaf.slack.web().chat_postMessage(channel=CHANNEL, text="<@U0SHIPMATE> do it")
    given_up(deaf)
    posted, changes = deaf.posted(), len(deaf.store.changes.recent(200))
    looks(deaf)
    assert (deaf.posted(), len(deaf.store.changes.recent(200))) == (posted, changes)
    assert deaf.change_at(said["ts"]) is None
    assert deaf.change_at(str(other["ts"])) is None


def test_a_message_that_cannot_be_read_does_not_stop_the_others(deaf: World, monkeypatch: pytest.MonkeyPatch) -> None:

    def fragile(event: dict[str, Any], me: str) -> Any:
        if "poison" in event["text"]:
            raise KeyError("poison")
        return understood(event, me)

    monkeypatch.setattr(backfill_module, "understood", fragile)
    deaf.phone.say("ana", CHANNEL, "@Shipmate poison")
    said = deaf.phone.say("ana", CHANNEL, "@Shipmate make the total include tax")
    given_up(deaf)
    assert looks(deaf)
    assert deaf.change_at(said["ts"]) is not None


@pytest.mark.parametrize(
    "fields",
    [
        {"bot_id": "B0OTHER"},
        {"subtype": "bot_message", "bot_id": "B0OTHER", "user": None},
        {"user": "U0SHIPMATE"},
        {"edited": {"user": "U0ANA00001", "ts": "1700000001.000100"}},
        {"subtype": "tombstone", "hidden": True},
        {"subtype": "channel_join"},
        {"text": None},
        {"text": "`<@U0SHIPMATE>` is how you ask"},
        {"ts": None},
    ],
)
def test_what_is_nobodys_wish_is_not_even_kept(deaf: World, fields: dict[str, Any]) -> None:
    message = {"type": "message", "user": "U0ANA00001", "text": "<@U0SHIPMATE> do it", "ts": "1700000000.000100"}

    async def heard() -> None:
        backfill = await restarted(deaf)
        await backfill._deal({"id": CHANNEL, "is_member": True}, message | fields)

    def kept() -> Any:
        with deaf.store.engine.begin() as connection:
            return connection.exec_driver_sql("SELECT count(*) FROM deliveries").scalar()

    before = kept()
    asyncio.run(heard())
    assert kept() == before


def test_a_new_database_leaves_what_was_said_before_it_alone(deaf: World) -> None:
    said = deaf.phone.say("ana", CHANNEL, "@Shipmate make the total include tax")
    given_up(deaf)
    with deaf.store.engine.begin() as connection:
        kept = connection.exec_driver_sql("SELECT name, value FROM marks").all()
        connection.exec_driver_sql("DELETE FROM marks")
    looks(deaf)
    looks(deaf)
    assert deaf.change_at(said["ts"]) is None
    with deaf.store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM marks")
        for name, value in kept:
            connection.exec_driver_sql("INSERT INTO marks VALUES (?, ?)", (name, value))
    looks(deaf)
    assert deaf.change_at(said["ts"]) is not None


def test_what_was_delivered_is_not_found_again(here: World) -> None:
    looks(here)
    change = here.ask("@Shipmate make the total include tax")
    here.phone.say("ben", CHANNEL, "and the receipt", thread_ts=change.place.thread_ts)
    with here.whispers("cleo") as whispered:
        here.phone.say("cleo", CHANNEL, "@Shipmate help")
        whispered()
    here.settled()
    heard, before = len(here.phone.ephemerals("cleo")), here.posted()
    looks(here)
    assert here.journal(change) == ["moved", "moved"]
    assert (len(here.phone.ephemerals("cleo")), here.posted()) == (heard, before)


def test_a_retry_that_comes_after_the_find_changes_nothing(here: World) -> None:
    looks(here)
    here.phone.misdeliver(hold=True)
    said = here.phone.say("ana", CHANNEL, "@Shipmate make the total include tax")
    heard = len(here.phone.ephemerals("cleo"))
    here.phone.say("cleo", CHANNEL, "@Shipmate help")
    looks(here)
    change = here.change_at(said["ts"])
    assert change is not None
    here.phone.misdeliver(repeat=2)
    here.phone.release()
    here.settled()
    assert here.journal(change) == ["moved"]
    assert len(here.phone.ephemerals("cleo")) == heard + 1


def test_a_retry_that_comes_at_the_same_moment_changes_nothing(here: World) -> None:
    looks(here)
    here.phone.misdeliver(hold=True)
    asked = [here.phone.say("ana", CHANNEL, f"@Shipmate fix number {number}") for number in range(8)]
    heard = len(here.phone.ephemerals("cleo"))
    for _ in range(4):
        here.phone.say("cleo", CHANNEL, "@Shipmate help")

    async def both() -> None:
        backfill = await restarted(here)
        await asyncio.gather(backfill.round(), asyncio.to_thread(here.phone.release))

    asyncio.run(both())
    here.settled()
    changes = [here.soon(lambda ts=said["ts"]: here.change_at(ts)) for said in asked]  # type: ignore[misc]  # a default
    assert [here.journal(change) for change in changes] == [["moved"]] * 8
    here.soon(lambda: len(here.phone.ephemerals("cleo")) >= heard + 4)
    assert len(here.phone.ephemerals("cleo")) == heard + 4
