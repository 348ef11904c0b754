"""A round is bounded, stops where Slack is busy, and is done by one bot."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from playground.slack import SlackStandInConfig
from tests.listeners.deaf import deaf_world, given_up, looks, restarted
from tests.listeners.world import CHANNEL, World, world
from tests.story import TILL


@pytest.fixture(scope="module")
def one_deaf(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with deaf_world(_sqlite_template, tmp_path_factory.mktemp("deaf")) as running:
        yield running


@pytest.fixture
def deaf(one_deaf: World) -> World:
    one_deaf.phone.clear_faults()
    return one_deaf


def test_replies_in_a_thread_older_than_a_page_are_found(deaf: World) -> None:
    said = deaf.phone.say("ana", CHANNEL, "@Shipmate make the total include tax")
    looks(deaf)
    for number in range(5):
        deaf.phone.say("ben", CHANNEL, f"talk {number}")
    for number in range(5):
        deaf.phone.say("ben", CHANNEL, f"note {number}", thread_ts=said["ts"])
    given_up(deaf)
    assert looks(deaf, page=2)
    change = deaf.change_at(said["ts"])
    assert change is not None
    assert [note.text for note in change.notes] == [f"note {number}" for number in range(5)]


def test_page_after_page_is_read(deaf: World) -> None:
    asked = [deaf.phone.say("ana", CHANNEL, f"@Shipmate fix number {number}") for number in range(5)]
    given_up(deaf)
    assert looks(deaf, page=2)
    assert [change.request for said in asked if (change := deaf.change_at(said["ts"]))] == [
        f"fix number {number}" for number in range(5)
    ]


def test_a_scope_that_is_missing_is_named_once_and_the_rest_is_read(
    sqlite_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scopes = SlackStandInConfig.scopes - {"groups:read", "im:history"}
    with world(sqlite_url, tmp_path, TILL, scopes=scopes) as here:
        looks(here)
        here.phone.misdeliver(hold=True)
        said = here.phone.say("ana", CHANNEL, "@Shipmate make the total include tax")
        here.phone.say("ana", "dm", "help")

        async def twice() -> list[bool]:
            backfill = await restarted(here)
            return [await backfill.round(), await backfill.round()]

        assert asyncio.run(twice()) == [True, True]
        assert here.change_at(said["ts"]) is not None
    out = capsys.readouterr().out
    assert out.count("backfill_cannot_read") == 2


@pytest.mark.parametrize("method", ["conversations.list", "conversations.history", "conversations.replies"])
def test_a_busy_slack_ends_the_round_and_the_next_goes_on(deaf: World, method: str) -> None:
    said = deaf.phone.say("ana", CHANNEL, "@Shipmate make the total include tax")
    looks(deaf)
    deaf.phone.say("ben", CHANNEL, "and the receipt", thread_ts=said["ts"])
    given_up(deaf)
    deaf.phone.fault(method, "ratelimited", times=1, retry_after=30)
    calls = deaf.phone.calls().count(method)
    assert looks(deaf) is False
    assert deaf.phone.calls().count(method) == calls
    assert looks(deaf) is True
    change = deaf.change_at(said["ts"])
    assert change is not None
    assert [note.text for note in change.notes] == ["and the receipt"]


def test_a_round_that_had_to_stop_goes_on_where_it_was(deaf: World) -> None:
    async def story() -> list[int]:
        backfill = await restarted(deaf)
        counts = [history()]
        deaf.phone.fault("conversations.history", "slow", times=1, ms=1)
        deaf.phone.fault("conversations.history", "ratelimited", times=1)
        for done in (False, True, True):
            assert await backfill.round() is done
            counts.append(history())
        return counts

    def history() -> int:
        return deaf.phone.calls().count("conversations.history")

    deaf.phone.say("ana", "dm", "help")
    given_up(deaf)
    before, stopped, went_on, all_again = asyncio.run(story())
    places = all_again - went_on
    assert places >= 2
    assert [stopped - before, went_on - stopped] == [1, places - 1]  # the refused call is not counted


def test_a_clock_that_was_wrong_hides_nothing(deaf: World) -> None:
    looks(deaf, clock=lambda: time.time() + 7 * 86_400)
    said = deaf.phone.say("ana", CHANNEL, "@Shipmate make the total include tax")
    given_up(deaf)

    async def due() -> bool:
        return await (await restarted(deaf)).due()

    assert asyncio.run(due())
    looks(deaf)
    assert deaf.change_at(said["ts"]) is not None


def test_a_slack_that_does_not_answer_is_asked_again_later(deaf: World) -> None:
    said = deaf.phone.say("ana", CHANNEL, "@Shipmate make the total include tax")
    given_up(deaf)
    deaf.phone.fault("conversations.history", "drop_before", times=20)
    assert looks(deaf) is False
    assert deaf.change_at(said["ts"]) is None
    deaf.phone.clear_faults()
    assert looks(deaf) is True
    assert deaf.change_at(said["ts"]) is not None


def test_two_bots_that_start_together_find_it_once(deaf: World) -> None:
    said = deaf.phone.say("ana", CHANNEL, "@Shipmate make the total include tax")
    deaf.phone.say("ben", CHANNEL, "and the receipt", thread_ts=said["ts"])
    heard = len(deaf.phone.ephemerals("cleo"))
    deaf.phone.say("cleo", CHANNEL, "@Shipmate help")
    given_up(deaf)

    async def together(locked: bool) -> None:
        bots = [await restarted(deaf), await restarted(deaf)]
        for bot in bots:
            bot._deadline = time.monotonic() + 60
        await asyncio.gather(*(bot.round() if locked else bot._look() for bot in bots))

    asyncio.run(together(locked=False))
    asyncio.run(together(locked=True))
    change = deaf.change_at(said["ts"])
    assert change is not None
    assert [note.text for note in change.notes] == ["and the receipt"]
    assert len(deaf.phone.ephemerals("cleo")) == heard + 1


def test_while_one_bot_looks_the_other_does_not(deaf: World) -> None:
    assert deaf.store.take_lock("backfill", 60)
    before = deaf.phone.calls().count("conversations.list")
    looks(deaf)
    assert deaf.phone.calls().count("conversations.list") == before
    deaf.store.free_lock("backfill")
    looks(deaf)
    assert deaf.phone.calls().count("conversations.list") > before


def test_a_bot_looks_at_its_start_and_then_from_time_to_time(deaf: World) -> None:
    now = [time.time()]

    async def story() -> list[bool]:
        backfill = await restarted(deaf, clock=lambda: now[0], every=300.0)
        seen = [await backfill.due()]
        running = asyncio.create_task(backfill.for_ever(tick=0.02))
        while await backfill.due():
            await asyncio.sleep(0.02)
        seen.append(await backfill.due())
        now[0] += 301
        deaf.phone.say("ana", CHANNEL, "@Shipmate something later")
        while await backfill.due():
            await asyncio.sleep(0.02)
        running.cancel()
        return seen

    async def bounded() -> list[bool]:
        async with asyncio.timeout(30):
            return await story()

    assert asyncio.run(bounded()) == [True, False]
    assert deaf.store.changes.recent(1)[0].request == "something later"
