"""A delivery is kept before it is answered, once per key, whatever it looks like."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import event as engine_events
from sqlalchemy import func, select

from bot.store import Deliveries, Delivery, Kept, Store
from bot.store.engine import reading
from bot.store.tables import deliveries

HEADERS = {"x-slack-request-timestamp": "1700000000", "content-type": "application/json"}


@pytest.fixture
def inbox(store: Store) -> Iterator[Deliveries]:
    store.deliveries.start()
    yield store.deliveries
    store.deliveries.stop()


def kept(inbox: Deliveries, *keys: str, body: bytes = b"{}") -> list[Kept]:
    async def at_once() -> list[Kept]:
        return list(await asyncio.gather(*(inbox.keep("slack", key, body, HEADERS) for key in keys)))

    return asyncio.run(at_once())


def rows(store: Store) -> int:
    with reading(store.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(deliveries)).scalar() or 0)


def commits(store: Store) -> list[str]:
    seen: list[str] = []
    engine_events.listen(store.engine, "commit", lambda _connection: seen.append("commit"))
    return seen


def test_a_delivery_is_in_the_database_when_keep_returns(store: Store, inbox: Deliveries) -> None:
    [answer] = kept(inbox, "Ev1")
    assert answer.new
    assert not answer.done
    assert rows(store) == 1


def test_the_same_delivery_is_kept_once(store: Store, inbox: Deliveries) -> None:
    [first] = kept(inbox, "Ev1")
    again = kept(inbox, "Ev1", "Ev1", "Ev1")
    assert {answer.id for answer in again} == {first.id}
    assert not any(answer.new for answer in again)
    assert rows(store) == 1


def test_of_copies_that_arrive_together_one_is_new(store: Store, inbox: Deliveries) -> None:
    answers = kept(inbox, *["Ev1"] * 20)
    assert sum(answer.new for answer in answers) == 1
    assert len({answer.id for answer in answers}) == 1


def test_slack_and_github_have_keys_of_their_own(store: Store, inbox: Deliveries) -> None:
    async def both() -> tuple[Kept, Kept]:
        return await inbox.keep("slack", "k", b"", {}), await inbox.keep("github", "k", b"", {})

    slack, github = asyncio.run(both())
    assert slack.new
    assert github.new


def test_deliveries_that_arrive_together_share_a_commit(store: Store, inbox: Deliveries) -> None:
    made = commits(store)
    answers = kept(inbox, *[f"Ev{n}" for n in range(200)])
    assert all(answer.new for answer in answers)
    assert rows(store) == 200
    assert len(made) < 100


def test_a_delivery_comes_back_byte_for_byte(store: Store, inbox: Deliveries) -> None:
    body = bytes(range(256)) * 3
    kept(inbox, "Ev1", body=body)
    found = until_undone(inbox)
    assert found == (Delivery(found[0].id, "slack", "Ev1", body, HEADERS),)


def until_undone(inbox: Deliveries, count: int = 1) -> tuple[Delivery, ...]:
    """That many deliveries, each taken once it is a moment old."""
    found: dict[int, Delivery] = {}
    deadline = time.monotonic() + 60
    while len(found) < count:
        assert time.monotonic() < deadline
        found |= {one.id: one for one in inbox.undone(0.01)}
    return tuple(found.values())


def test_what_is_done_is_not_dealt_with_again(store: Store, inbox: Deliveries) -> None:
    first, second = kept(inbox, "Ev1", "Ev2")
    inbox.done(first.id)
    inbox.stop()
    assert [found.key for found in until_undone(inbox)] == ["Ev2"]
    inbox.start()
    answers = kept(inbox, "Ev1", "Ev2")
    assert [(answer.id, answer.done) for answer in answers] == [(first.id, True), (second.id, False)]


def test_what_one_process_takes_the_next_one_leaves(store: Store, inbox: Deliveries) -> None:
    kept(inbox, "Ev1", "Ev2")
    assert inbox.undone(3600) == ()
    until_undone(inbox, 2)
    assert inbox.undone(3600) == ()


def test_stopping_writes_what_waits(store: Store) -> None:
    async def leaving() -> Kept:
        store.deliveries.start()
        waiting = asyncio.ensure_future(store.deliveries.keep("slack", "Ev1", b"{}", HEADERS))
        await asyncio.sleep(0)
        await asyncio.to_thread(store.deliveries.stop)
        return await waiting

    assert asyncio.run(leaving()).new
    assert rows(store) == 1


def test_an_overlong_key_is_cut_and_still_one(store: Store, inbox: Deliveries) -> None:
    first, second = kept(inbox, "k" * 500, "k" * 500)
    assert first.id == second.id
