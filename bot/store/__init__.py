"""The database: the only truth, and the only code that speaks SQL.

Law: everything here raises `StoreDown` when the database is the reason, so that callers can answer "later".
"""

from __future__ import annotations

from sqlalchemy import Engine

from bot.store import locks, schema
from bot.store.calls import Calls
from bot.store.changes import Changes
from bot.store.deliveries import Deliveries, Delivery, Kept
from bot.store.disk_space import Ballast, DiskSpace, database_file
from bot.store.engine import StoreDown, StoreFull, connect
from bot.store.journal import Journal
from bot.store.keys import Keys
from bot.store.marks import Marks
from bot.store.outbox import Claim, ClaimRefused, Due, Outbox
from bot.store.turns import StoredTurn, TurnDone, Turns

__all__ = [
    "Calls",
    "Changes",
    "Claim",
    "ClaimRefused",
    "Deliveries",
    "Delivery",
    "DiskSpace",
    "Due",
    "Journal",
    "Kept",
    "Keys",
    "Marks",
    "Outbox",
    "Store",
    "StoreDown",
    "StoreFull",
    "StoredTurn",
    "TurnDone",
    "Turns",
]


class Store:
    """Every room of the database behind one engine. `url` is `sqlite:///path` or `postgresql://...`."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = connect(url)
        self.changes = Changes(self.engine)
        self.journal = Journal(self.engine)
        self.outbox = Outbox(self.engine)
        # What Slack and GitHub delivered is found again at both of them, so it need not wait for the disk.
        self.intake = connect(url, survives_power_cut=False)
        self.deliveries = Deliveries(self.intake)
        self.turns = Turns(self.engine)
        self.calls = Calls(self.engine)
        self.marks = Marks(self.engine)
        self.keys = Keys(self.engine)
        self.ballast = Ballast(database_file(url))

    def migrate(self) -> bool:
        """Bring the tables up to date; whether anything had to be done."""
        return schema.migrate(self.engine)

    def ready(self) -> bool:
        """Return whether the database answers and is at the newest revision. Raises `StoreDown`."""
        return schema.current(self.engine) == schema.HEAD

    def take_lock(self, name: str, seconds: float) -> bool:
        """Return whether this process may do the round called `name` for the next `seconds`."""
        return locks.take(self.engine, name, seconds)

    def free_lock(self, name: str) -> None:
        """Release a lock that this process holds."""
        locks.free(self.engine, name)

    def nudge(self, change_id: str) -> bool:
        """Return a hint from outside: make what the change waits for due now; whether anything was waiting."""
        return self.outbox.nudge(change_id)

    def close(self) -> None:
        """Write what waits and give the connections back."""
        self.deliveries.stop()
        self.intake.dispose()
        self.engine.dispose()
