"""Named numbers that outlive a process: how far something was read.

Law: a mark is moved after what lies before it is kept, never sooner.
"""

from __future__ import annotations

from sqlalchemy import Engine, delete, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.store.engine import reading, writing
from bot.store.tables import marks


class Marks:
    """Every method may raise `StoreDown`. Names have at most 100 characters."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def under(self, prefix: str) -> dict[str, float]:
        """Return the marks whose names begin with `prefix`, by what follows it."""
        query = select(marks.c.name, marks.c.value).where(marks.c.name.startswith(prefix, autoescape=True))
        with reading(self._engine) as connection:
            return {name.removeprefix(prefix): value for name, value in connection.execute(query)}

    def move(self, name: str, value: float) -> None:
        """Set a mark."""
        with writing(self._engine) as connection:
            make = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
            row = make(marks).values(name=name, value=value)
            connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={"value": value}))

    def forget(self, prefix: str, below: float) -> None:
        """Remove the marks under `prefix` that lie below a value."""
        with writing(self._engine) as connection:
            old = delete(marks).where(marks.c.name.startswith(prefix, autoescape=True), marks.c.value < below)
            connection.execute(old)
