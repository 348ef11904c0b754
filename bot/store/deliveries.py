"""What Slack and GitHub delivered, kept before it is answered.

Law: persist, then acknowledge. Deliveries that arrive together share one commit, made by one thread. A Slack message is
kept once per kind of event, whatever event id it comes under: what is read from the history has none.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import queue
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, Engine, or_, select, text, update

from bot.store.engine import NOW, StoreDown, StoreFull, db_now, reading, writing
from bot.store.tables import deliveries

Source = Literal["slack", "github"]

_MESSAGE = re.compile(r"(app_mention|message):[A-Z0-9]{1,40}:[0-9.]{1,40}")
BATCH = 256
"""The most deliveries of one commit."""
COMPANY = 0.05
"""Seconds for which the news that something is done may wait for a delivery to share a commit with."""


@dataclass(frozen=True)
class Kept:
    """Where a delivery is kept. `new` is False for one that was here before; `done` whether it was dealt with."""

    id: int
    new: bool
    done: bool = False
    age: float = 0.0


@dataclass(frozen=True)
class Delivery:
    """A delivery to be dealt with again. `headers` has lower-case names."""

    id: int
    source: Source
    key: str
    body: bytes
    headers: dict[str, str]


@dataclass
class _Waiting:
    source: Source
    key: str
    body: bytes
    headers: str
    message: str | None
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[Kept]


class Deliveries:
    """Keeps deliveries for an asynchronous web process. `start` before, `stop` after."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: queue.SimpleQueue[_Waiting | int | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the one writing thread."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._write, name="deliveries", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Write what is waiting and end the thread."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(timeout=10)
            self._thread = None

    async def keep(self, source: Source, key: str, body: bytes, headers: Mapping[str, str]) -> Kept:
        """Returns once the delivery is committed. Raises `StoreDown` when it is not."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Kept] = loop.create_future()
        message = message_of(body) if source == "slack" else None
        self._queue.put(_Waiting(source, key[:200], body, json.dumps(dict(headers)), message, loop, answer))
        return await answer

    def done(self, delivery_id: int) -> None:
        """Dealt with; written with the next batch. A crash before that only deals with it once more."""
        self._queue.put(delivery_id)

    def undone(self, older_than_seconds: float, limit: int = 100) -> tuple[Delivery, ...]:
        """Return deliveries that nobody finished, taken by this call for the next `older_than_seconds`."""
        old = (
            select(deliveries.c.id)
            .where(deliveries.c.done_at.is_(None), deliveries.c.taken_at < db_now() - older_than_seconds)
            .order_by(deliveries.c.id)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            if connection.execute(old.limit(1)).first() is None:
                return ()
        with writing(self._engine) as connection:
            ids = list(connection.execute(old.with_for_update(skip_locked=True)).scalars())
            connection.execute(update(deliveries).where(deliveries.c.id.in_(ids)).values(taken_at=db_now()))
            rows = connection.execute(select(deliveries).where(deliveries.c.id.in_(ids)).order_by(deliveries.c.id))
            return tuple(Delivery(r.id, r.source, r.key, bytes(r.body), json.loads(r.headers)) for r in rows)

    def _write(self) -> None:
        running = True
        while running:
            batch = self._gathered()
            running = None not in batch
            waiting = [item for item in batch if isinstance(item, _Waiting)]
            finished = [item for item in batch if isinstance(item, int)]
            self._settle(waiting, finished)

    def _gathered(self) -> list[_Waiting | int | None]:
        """Return what one commit holds: all that waits. News of what is done, which nobody awaits, waits a little."""
        batch = [self._queue.get()]
        until = time.monotonic() + COMPANY
        lonely = isinstance(batch[0], int)
        while len(batch) < BATCH:
            left = until - time.monotonic() if lonely else 0.0
            try:
                batch.append(self._queue.get(timeout=left) if left > 0 else self._queue.get_nowait())
            except queue.Empty:
                break
            lonely = lonely and isinstance(batch[-1], int)
        return batch

    def _settle(self, waiting: list[_Waiting], finished: list[int]) -> None:
        """Commit a batch and tell everyone; where one delivery is at fault, the others are kept without it."""
        try:
            kept = self._commit_once_more(waiting, finished)
        except StoreDown as down:
            _tell([(item, down) for item in waiting])
        except Exception as error:  # the thread must live on
            if len(waiting) + len(finished) > 1:
                for item in waiting:
                    self._settle([item], [])
                for done in finished:
                    self._settle([], [done])
            elif waiting:
                _tell([(waiting[0], StoreDown(repr(error)))])
        else:
            _tell(list(zip(waiting, kept, strict=True)))

    def _commit_once_more(self, waiting: list[_Waiting], finished: list[int]) -> list[Kept]:
        """Try twice, since a tap is delivered only once: where the first try threw off the ballast, the second one has
        room.
        """
        try:
            return self._commit(waiting, finished)
        except StoreFull:
            return self._commit(waiting, finished)

    def _commit(self, waiting: list[_Waiting], finished: list[int]) -> list[Kept]:
        if not waiting and not finished:
            return []
        with writing(self._engine) as connection:
            if finished:
                connection.execute(_FINISHED[connection.dialect.name], {"ids": _ids(connection, finished)})
            return _keep(connection, waiting)


_COLUMNS = ("source", "key", "message", "body", "headers")
# Written out, because building and compiling a statement costs as much as running it. On SQLite a batch is few steps,
# each of which gives up and takes back the interpreter's lock, which the answering thread wants just as much.
_SQLITE_NOW = NOW["sqlite"]
_ROW = f"(?, ?, ?, ?, ?, {_SQLITE_NOW}, {_SQLITE_NOW})"
_LAST = "SELECT coalesce(max(id), 0) FROM deliveries"
_NEW = "SELECT json_group_array(json_array(id, source, key)) FROM deliveries WHERE id > ?"
_FINISHED = {
    "sqlite": text(f"UPDATE deliveries SET done_at = {_SQLITE_NOW} WHERE id IN (SELECT value FROM json_each(:ids))"),  # noqa: S608 - constants
    "postgresql": text(
        "UPDATE deliveries SET done_at = extract(epoch from clock_timestamp()) WHERE id = ANY(CAST(:ids AS bigint[]))"
    ),
}
_ALL_AT_ONCE = text(
    "INSERT INTO deliveries (source, key, message, body, headers, received_at, taken_at) "
    "SELECT source, key, message, body, headers, extract(epoch from clock_timestamp()), "
    "extract(epoch from clock_timestamp()) FROM unnest(CAST(:source AS text[]), CAST(:key AS text[]), "
    "CAST(:message AS text[]), CAST(:body AS bytea[]), CAST(:headers AS text[])) "
    "AS given(source, key, message, body, headers) ON CONFLICT DO NOTHING RETURNING id, source, key"
)


def _ids(connection: Connection, ids: list[int]) -> object:
    """Return many ids as one parameter."""
    return ids if connection.dialect.name == "postgresql" else json.dumps(ids)


@functools.cache
def _rows(count: int) -> str:
    """SQLite's statement for a batch of `count`."""
    return (
        f"INSERT INTO deliveries ({', '.join(_COLUMNS)}, received_at, taken_at) "  # noqa: S608 - constants
        f"VALUES {', '.join([_ROW] * count)} ON CONFLICT DO NOTHING"
    )


def _keep(connection: Connection, waiting: list[_Waiting]) -> list[Kept]:
    """Keep every delivery of a batch in one transaction, and tell which of them are new."""
    if not waiting:
        return []
    if connection.dialect.name == "postgresql":
        given = {name: [getattr(item, name) for item in waiting] for name in _COLUMNS}
        new = {(row.source, row.key): row.id for row in connection.execute(_ALL_AT_ONCE, given)}
    else:
        before = connection.exec_driver_sql(_LAST).scalar()
        values = tuple(getattr(item, name) for item in waiting for name in _COLUMNS)
        connection.exec_driver_sql(_rows(len(waiting)), values)
        made = connection.exec_driver_sql(_NEW, (before,)).scalar()
        new = {(source, key): number for number, source, key in json.loads(str(made))}
    ids = [new.pop((item.source, item.key), None) for item in waiting]
    return [
        Kept(number, True) if number is not None else _before(connection, item)
        for item, number in zip(waiting, ids, strict=True)
    ]


def _before(connection: Connection, item: _Waiting) -> Kept:
    """Return what became of a delivery that was kept before."""
    same = deliveries.c.key == item.key
    if item.message is not None:
        same = or_(same, deliveries.c.message == item.message)
    age = (db_now() - deliveries.c.received_at).label("age")
    before = select(deliveries.c.id, deliveries.c.done_at, age).where(deliveries.c.source == item.source, same)
    found = connection.execute(before.order_by(deliveries.c.id).limit(1)).one()
    return Kept(found.id, False, found.done_at is not None, found.age)


def message_of(body: bytes) -> str | None:
    """Return `kind:channel:ts` of the message that a Slack delivery carries, or None where it carries none."""
    try:
        event = json.loads(body)["event"]
        named = f"{event['type']}:{event['channel']}:{event['ts']}"
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return named if _MESSAGE.fullmatch(named) else None


def _tell(answers: list[tuple[_Waiting, Kept | StoreDown]]) -> None:
    """Wake the waiting requests, once for each event loop."""

    def give(told: list[tuple[_Waiting, Kept | StoreDown]]) -> None:
        for item, answer in told:
            if item.answer.done():
                continue
            if isinstance(answer, Kept):
                item.answer.set_result(answer)
            else:
                item.answer.set_exception(answer)

    for loop in {item.loop for item, _ in answers}:
        with contextlib.suppress(RuntimeError):  # the web process is leaving; the row will be found again
            loop.call_soon_threadsafe(give, [one for one in answers if one[0].loop is loop])
