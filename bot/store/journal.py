"""The journal: every event of a change with its result, each line chained to the one before by its hash.

Law: a line is written once per key and never changed; `verify` finds any that was.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, insert, select

from bot.store.engine import reading
from bot.store.tables import journal

GENESIS = "0" * 64


@dataclass(frozen=True)
class JournalLine:
    """One line as it is stored. `outcome` is "moved", "stale" or "refused:" and the refusal as JSON."""

    seq: int
    change_id: str
    version: int
    key: str
    at: float
    event: str
    outcome: str
    previous: str
    hash: str


def known(connection: Connection, key: str) -> str | None:
    """Return the outcome that was recorded for this key, or None."""
    return connection.execute(select(journal.c.outcome).where(journal.c.key == key)).scalar()


def append(connection: Connection, change_id: str, version: int, key: str, at: float, event: str, outcome: str) -> None:
    """Write the next line of a change; the caller holds the change's row."""
    last = select(journal.c.hash).where(journal.c.change_id == change_id).order_by(journal.c.seq.desc()).limit(1)
    previous = connection.execute(last).scalar() or GENESIS
    connection.execute(
        insert(journal).values(
            change_id=change_id,
            version=version,
            key=key,
            at=at,
            event=event,
            outcome=outcome,
            previous=previous,
            hash=chain(previous, change_id, version, key, at, event, outcome),
        )
    )


def chain(previous: str, change_id: str, version: int, key: str, at: float, event: str, outcome: str) -> str:
    """SHA-256 over the line before and everything this line says."""
    said = "\x1f".join((previous, change_id, str(version), key, repr(at), event, outcome))
    return hashlib.sha256(said.encode()).hexdigest()


class Journal:
    """Reading the journal. May raise `StoreDown`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, change_id: str) -> tuple[JournalLine, ...]:
        """Return every line of a change, oldest first."""
        query = select(journal).where(journal.c.change_id == change_id).order_by(journal.c.seq)
        with reading(self._engine) as connection:
            return tuple(JournalLine(**row._mapping) for row in connection.execute(query))

    def verify(self, change_id: str) -> bool:
        """Return whether the chain of a change is whole."""
        previous = GENESIS
        for line in self.of(change_id):
            expected = chain(previous, line.change_id, line.version, line.key, line.at, line.event, line.outcome)
            if line.previous != previous or line.hash != expected:
                return False
            previous = line.hash
        return True
