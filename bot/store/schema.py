"""Migrate the database to the newest version, once, in the first process that starts.

Law: processes start together; all of them call `migrate`, one of them does it.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from bot.store.engine import reading, writing

HERE = Path(__file__).parent / "migrations"
HEAD = "0004"
"""The newest revision; a test compares it with the migration files."""

_ADVISORY_LOCK = 7_236_102


def current(engine: Engine) -> str | None:
    """Return the revision a database is at, or None for an empty one. Raises `StoreDown`."""
    with reading(engine) as connection:
        return _current(connection)


def migrate(engine: Engine) -> bool:
    """Bring the database to `HEAD`; whether anything had to be done. Raises `StoreDown`."""
    if current(engine) == HEAD:
        return False
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
        if _current(connection) == HEAD:
            return False
        _upgrade(connection)
    return True


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
