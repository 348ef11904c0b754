"""How far something was read, and that a message is kept once whatever it is called."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.store import Kept, Store
from bot.store.deliveries import message_of

JSON = {"content-type": "application/json"}


def said(kind: str = "message", ts: object = "1700000000.000100", channel: object = "C0TILL0001") -> bytes:
    return json.dumps({"type": "event_callback", "event": {"type": kind, "channel": channel, "ts": ts}}).encode()


def kept(store: Store, *deliveries: tuple[str, bytes]) -> list[Kept]:
    async def at_once() -> list[Kept]:
        waiting = (store.deliveries.keep("slack", key, body, JSON) for key, body in deliveries)
        return list(await asyncio.gather(*waiting))

    store.deliveries.start()
    try:
        return asyncio.run(at_once())
    finally:
        store.deliveries.stop()


def test_marks_are_moved_listed_by_prefix_and_forgotten(store: Store) -> None:
    for name, value in (("slack:T1:at:C1", 1.0), ("slack:T1:at:C2", 2.0), ("slack:T1:began", 1.0), ("slack_T1", 9.0)):
        store.marks.move(name, value)
    store.marks.move("slack:T1:at:C1", 3.5)
    assert store.marks.under("slack:T1:") == {"at:C1": 3.5, "at:C2": 2.0, "began": 1.0}
    store.marks.forget("slack:T1:at:", 3.0)
    assert store.marks.under("slack:T1:") == {"at:C1": 3.5, "began": 1.0}


def test_a_lock_that_is_given_back_can_be_taken(store: Store) -> None:
    assert store.take_lock("backfill", 60)
    store.free_lock("backfill")
    assert store.take_lock("backfill", 60)


def test_one_message_under_two_keys_is_kept_once(store: Store) -> None:
    first, second, again = kept(store, ("event:Ev1", said()), ("history:C:1", said()), ("event:Ev1", said()))
    assert (first.new, second.new, again.new) == (True, False, False)
    assert first.id == second.id == again.id


def test_the_two_events_of_a_mention_are_kept_each(store: Store) -> None:
    answers = kept(store, ("event:Ev1", said("app_mention")), ("event:Ev2", said("message")))
    assert [one.new for one in answers] == [True, True]


def test_of_many_processes_with_one_message_one_has_the_new_row(database: str) -> None:
    stores = [Store(database) for _ in range(4)]
    try:
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda n: kept(stores[n], (f"event:Ev{n}", said()))[0], range(4)))
    finally:
        for one in stores:
            one.close()
    assert sorted(one.new for one in answers) == [False, False, False, True]
    assert len({one.id for one in answers}) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"payload=%7B%7D",
        b"[]",
        b"{}",
        b'{"event": 3}',
        b'{"event": "text"}',
        b"[" * 100_000,
        said("app_home_opened"),
        said(ts=None),
        said(channel="C\x00"),
        said(channel=["C0TILL0001"]),
        said(channel="C" * 200),
    ],
)
def test_what_is_no_message_has_no_identity_but_its_key(body: bytes) -> None:
    assert message_of(body) is None
