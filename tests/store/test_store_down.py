"""When the database is the reason, everything says `StoreDown`, nothing is half done, and work goes on afterwards."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event as engine_events

from bot.domain.change import Phase
from bot.store import Store, StoreDown
from tests import postgres
from tests.conftest import migrated
from tests.stored_story import StoredStory
from tests.story import asked, note, place


def keep(store: Store, key: str) -> bool:
    async def one() -> bool:
        return (await store.deliveries.keep("slack", key, b"x" * 20_000, {})).new

    return asyncio.run(one())


def everything(store: Store, stored: StoredStory) -> list[Callable[[], Any]]:
    return [
        lambda: stored.door.open(asked(at=place("1700000000.000777")), "k"),
        lambda: stored.door.record(stored.id, note(), "n"),
        lambda: store.outbox.claim(stored.id, "build", "w1", 30),
        store.outbox.due,
        lambda: store.changes.get(stored.id),
        lambda: store.journal.of(stored.id),
        lambda: store.turns.of(stored.id),
        lambda: store.take_lock("sweep", 30),
        lambda: store.nudge(stored.id),
        lambda: store.deliveries.undone(0),
        lambda: keep(store, "Ev-while-down"),
        store.ready,
    ]


def test_a_postgres_that_is_killed_is_down_and_comes_back_with_everything() -> None:
    with postgres.cluster() as cluster:
        store = Store(migrated(cluster.create()))
        store.deliveries.start()
        stored = StoredStory(store).reaches(Phase.EDITING)
        assert keep(store, "Ev1")
        before = (stored.change, store.journal.of(stored.id))
        cluster.kill()
        for call in everything(store, stored):
            with pytest.raises(StoreDown):
                call()
        cluster.start()
        assert (stored.change, store.journal.of(stored.id)) == before
        assert keep(store, "Ev1") is False
        assert keep(store, "Ev-while-down")
        assert stored.hears(note()).refusal is None
        assert store.journal.verify(stored.id)
        store.close()


def filled(store: Store) -> Callable[[], None]:
    """Let the file of a SQLite store grow no further; calling the answer makes room again."""
    room = {"full": True}

    def limit(connection: sqlite3.Connection, _record: object, _proxy: object) -> None:
        [pages] = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages if room['full'] else 2**30}")

    for engine in (store.engine, store.intake):
        engine_events.listen(engine, "checkout", limit)
    return lambda: room.update(full=False)


def fill(stored: StoredStory) -> None:
    for n in range(200):
        stored.hears(note(f"{n} " * 2000))


def test_a_full_disk_is_down_and_room_mends_it(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    store.deliveries.start()
    stored = StoredStory(store).reaches(Phase.EDITING)
    make_room = filled(store)
    with pytest.raises(StoreDown, match="full"):
        keep(store, "Ev1")
    with pytest.raises(StoreDown, match="full"):
        fill(stored)
    before = (stored.change, store.journal.of(stored.id))
    assert stored.change.version == len(store.journal.of(stored.id))
    make_room()
    assert (stored.change, store.journal.of(stored.id)) == before
    assert keep(store, "Ev1")
    assert stored.hears(note()).refusal is None
    assert store.journal.verify(stored.id)
    store.close()


def test_a_file_that_cannot_be_opened_is_down(tmp_path: Path) -> None:
    (tmp_path / "shipmate.db").mkdir()
    store = Store(f"sqlite:///{tmp_path / 'shipmate.db'}")
    with pytest.raises(StoreDown, match="open"):
        store.ready()
    with pytest.raises(StoreDown):
        store.migrate()


def test_a_database_held_by_somebody_else_is_down(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    stored = StoredStory(store).reaches(Phase.EDITING)
    engine_events.listen(store.engine, "checkout", lambda link, *_: link.execute("PRAGMA busy_timeout=50"))
    holder = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreDown, match="locked"):
        stored.hears(note())
    assert stored.change.notes == (), "reading goes on"
    holder.execute("ROLLBACK")
    holder.close()
    assert stored.hears(note()).refusal is None
    store.close()


def test_an_address_where_nobody_answers_is_down() -> None:
    store = Store("postgresql://tester@127.0.0.1:1/none")
    with pytest.raises(StoreDown):
        store.ready()
    with pytest.raises(StoreDown):
        store.migrate()


def test_a_delivery_that_could_not_be_kept_is_told_and_the_next_one_is_kept(store: Store) -> None:
    store.deliveries.start()
    fails = {"now": True}

    def breaks(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if fails["now"] and statement.startswith("INSERT INTO deliveries"):
            raise RuntimeError("the disk is gone")

    engine_events.listen(store.intake, "before_cursor_execute", breaks)
    with pytest.raises(StoreDown, match="the disk is gone"):
        keep(store, "Ev1")
    fails["now"] = False
    assert keep(store, "Ev1")
