"""A lock with a time limit in the database: the process that takes it does the round."""

from __future__ import annotations

from sqlalchemy import Engine, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.store.engine import db_now, writing
from bot.store.tables import locks


def take(engine: Engine, name: str, seconds: float) -> bool:
    """Return whether this caller holds `name` for the next `seconds`. Raises `StoreDown`."""
    with writing(engine) as connection:
        make = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
        connection.execute(make(locks).values(name=name, until=0.0).on_conflict_do_nothing(index_elements=["name"]))
        taken = update(locks).where(locks.c.name == name, locks.c.until <= db_now()).values(until=db_now() + seconds)
        return connection.execute(taken).rowcount == 1


def free(engine: Engine, name: str) -> None:
    """Release `name` before its time is over; only its holder may. Raises `StoreDown`."""
    with writing(engine) as connection:
        connection.execute(update(locks).where(locks.c.name == name).values(until=0.0))
