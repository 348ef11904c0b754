"""Keys that this installation made for itself, with its first migration.

They lie in the database, so that a restored backup recognises what was made after it was taken.
"""

from __future__ import annotations

from sqlalchemy import Engine, select

from bot.store.engine import reading
from bot.store.tables import keys


class Keys:
    """Every method may raise `StoreDown`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def commits(self) -> bytes:
        """Return the key that signs commits: 32 bytes."""
        with reading(self._engine) as connection:
            return bytes.fromhex(connection.execute(select(keys.c.value).where(keys.c.name == "commits")).scalar_one())
