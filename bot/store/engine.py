"""Engines and transactions for SQLite and PostgreSQL.

Law: on SQLite every transaction that writes begins with `BEGIN IMMEDIATE`; under the default begin, concurrent
read-modify-write loses updates without any error.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ColumnElement
from sqlalchemy.types import Float

from bot.store.disk_space import Ballast


class StoreDown(Exception):
    """The database cannot be reached or written now. Nothing of the transaction happened; trying later may help."""


class StoreFull(StoreDown):
    """The disk of the database is full. On SQLite the ballast is gone by now, so that one more try may do."""


_SQLITE_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})
"""Primary result codes under which SQLite reports a disk without room."""
_POSTGRES_FULL = "53100"
_RESTED = 1.0
"""Seconds without use after which a connection is asked whether it lives."""
_PAUSES = (0.0002, 0.0003, *[0.0005] * 20)
"""Seconds between the first attempts to become SQLite's only writer."""


class db_now(ColumnElement[float]):
    """The database's clock in seconds of the epoch: leases must not depend on any host's clock."""

    type = Float()
    inherit_cache = True
    # Nothing differs between two of them; unless that is said, no statement with one is compiled only once.
    _traverse_internals: list[Any] = []  # noqa: RUF012 - as the library declares it


NOW = {
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
    "postgresql": "CAST(extract(epoch from clock_timestamp()) AS double precision)",
}
"""The same, for statements that are written out."""


@compiles(db_now, "sqlite")
@compiles(db_now, "postgresql")
def _now(_element: db_now, compiler: Any, **_options: Any) -> str:
    return NOW[compiler.dialect.name]


def connect(url: str, *, survives_power_cut: bool = True) -> Engine:
    """Return an engine for `sqlite:///path` or `postgresql://...` (psycopg 3), tuned for many short transactions.

    On SQLite, `survives_power_cut` waits for the disk at every commit; without it, the last milliseconds before a power
    cut may be missing, while a killed process still loses nothing.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url, "FULL" if survives_power_cut else "NORMAL")
    return _postgres(url)


def _postgres(url: str) -> Engine:
    engine = create_engine(url, pool_size=8, max_overflow=32, pool_timeout=5, connect_args={"connect_timeout": 5})

    @event.listens_for(engine, "checkin")
    def _rest(_connection: Any, record: Any) -> None:
        record.info["used"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _wake(connection: Any, record: Any, _proxy: Any) -> None:
        """Check a connection that has rested, which may be dead by now; one that was just used is not asked
        each time.
        """
        if time.monotonic() - record.info.get("used", time.monotonic()) < _RESTED:
            return
        try:
            engine.dialect.do_ping(connection)
        except Exception as dead:  # whatever the reason, another connection is made
            raise DisconnectionError from dead

    return engine


def _sqlite(url: str, synchronous: str) -> Engine:
    database = make_url(url).database
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(OSError):  # what is wrong there is reported when it is connected to
            # Its owner's alone from the first moment; its journals get the same mode from SQLite.
            os.close(os.open(database, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    engine = create_engine(url, pool_size=8, max_overflow=32, pool_timeout=5, connect_args={"timeout": 10.0})

    @event.listens_for(engine, "connect")
    def _tune(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", f"synchronous={synchronous}", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("reading"):
            connection.exec_driver_sql("BEGIN")
        elif not _began_soon(connection):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    ballast = Ballast(Path(database) if database and database != ":memory:" else None)

    @event.listens_for(engine, "handle_error")
    def _lighten(context: ExceptionContext) -> None:
        if getattr(context.original_exception, "sqlite_errorcode", 0) & 0xFF in _SQLITE_FULL:
            ballast.throw_off()

    return engine


def _began_soon(connection: Connection) -> bool:
    """Return whether a writing transaction began at once or soon; where not, SQLite itself waits.

    SQLite sleeps for 1, 2, 5, 10 ... milliseconds between its tries, and two lanes that are rung at once always meet.
    """
    raw: Any = connection.connection.driver_connection
    [[usual]] = raw.execute("PRAGMA busy_timeout").fetchall()
    raw.execute("PRAGMA busy_timeout=0").close()
    try:
        for pause in _PAUSES:
            try:
                raw.execute("BEGIN IMMEDIATE").close()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    return False
            else:
                return True
            time.sleep(pause)
    finally:
        raw.execute(f"PRAGMA busy_timeout={usual}").close()
    return False


def _down(error: OperationalError | PoolTimeout) -> StoreDown:
    cause = getattr(error, "orig", None)
    full = getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    full = full or getattr(cause, "sqlstate", None) == _POSTGRES_FULL
    return (StoreFull if full else StoreDown)(str(cause or error))


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Provide one transaction that may write. Raises `StoreDown` where the database is the reason."""
    try:
        with engine.begin() as connection:
            yield connection
    except (OperationalError, PoolTimeout) as error:
        raise _down(error) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StoreDown(str(error.orig)) from error
        raise


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Provide one transaction that only reads. Raises `StoreDown` where the database is the reason."""
    try:
        with engine.connect().execution_options(reading=True) as connection:
            yield connection
    except (OperationalError, PoolTimeout) as error:
        raise _down(error) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StoreDown(str(error.orig)) from error
        raise
