"""The door: the only code that makes a new version of a change.

Law: state, journal line and effects are written in one transaction, or none of them is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection, insert, update
from sqlalchemy.exc import IntegrityError

from bot.domain import ids
from bot.domain.change import Change
from bot.domain.consequences.shape import Decision
from bot.domain.decide import decide
from bot.domain.effects import Lane
from bot.domain.events import Asked, Event, Press, StageResult
from bot.domain.rules import Refusal, Rules
from bot.store import Claim, Store
from bot.store import changes as changes_room
from bot.store import journal as journal_room
from bot.store import outbox as outbox_room
from bot.store.engine import writing
from bot.store.tables import changes


@dataclass(frozen=True)
class Recorded:
    """What became of an event. `lanes` has work now, each with the seconds until it is due.

    `repeated`: the same event was recorded before; nothing happened this time (a refusal is repeated).
    """

    change: Change | None
    refusal: Refusal | None = None
    repeated: bool = False
    lanes: dict[Lane, float] = field(default_factory=dict)


class Door:
    """Opens and moves changes. Every method may raise `StoreDown`; `record_result` also `ClaimRefused`."""

    def __init__(self, store: Store, rules: Rules, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._rules = rules
        self._clock = clock

    def open(self, asked: Asked, key: str) -> Recorded:
        """Open a change for the thread of `asked`, unless it has one already."""
        change_id = ids.change_id(asked.place)
        try:
            with writing(self._store.engine) as connection:
                return self._write(connection, change_id, asked, key)
        except IntegrityError:  # the same thread was asked in twice at the same instant: the other one won
            with writing(self._store.engine) as connection:
                return self._write(connection, change_id, asked, key)

    def record(self, change_id: str, event: Press, key: str) -> Recorded:
        """Record what a person did to a change."""
        with writing(self._store.engine) as connection:
            return self._write(connection, change_id, event, key)

    def record_result(self, claim: Claim, event: StageResult) -> Recorded:
        """Record what a stage found, with the claim that authorised it; its effect is done."""
        with writing(self._store.engine) as connection:
            nudged = outbox_room.finish(connection, claim)
            return self._write(connection, claim.change_id, event, f"effect:{claim.effect_id}:{claim.fence}", nudged)

    def record_meanwhile(self, claim: Claim, event: StageResult, n: int) -> Recorded:
        """Record what a stage has to say before it ends: the claim must be held, and stays."""
        with writing(self._store.engine) as connection:
            outbox_room.check(connection, claim)
            key = f"effect:{claim.effect_id}:{claim.fence}:{n}"
            return self._write(connection, claim.change_id, event, key)

    def _write(self, connection: Connection, change_id: str, event: Event, key: str, nudged: bool = False) -> Recorded:
        before = changes_room.locked(connection, change_id)
        known = journal_room.known(connection, key)
        if known is not None:
            return Recorded(before, refusal=_refused(known), repeated=True)
        if before is None and not isinstance(event, Asked):
            return Recorded(None, refusal=Refusal(code="ended"))
        decision = decide(before, event, self._clock(), self._rules)
        lanes: dict[Lane, float] = {}
        after = decision.change
        version = after.version if after else 0
        said = event.model_dump_json()
        journal_room.append(connection, change_id, version, key, self._clock(), said, _outcome(decision))
        if after is not None and decision.refusal is None and not decision.stale:
            _save(connection, before, after)
            if decision.withdraw:
                outbox_room.withdraw_builds(connection, change_id)
            lanes = outbox_room.add(connection, change_id, decision.effects, nudged)
        return Recorded(after, refusal=decision.refusal, lanes=lanes)


def _save(connection: Connection, before: Change | None, after: Change) -> None:
    row = changes_room.columns(after)
    if before is None:
        connection.execute(insert(changes).values(**row))
        return
    mine = update(changes).where(changes.c.id == after.id, changes.c.version == before.version)
    if connection.execute(mine.values(**row)).rowcount != 1:
        raise AssertionError(f"{after.id} moved on although its row was locked")


def _outcome(decision: Decision) -> str:
    if decision.refusal is not None:
        return f"refused:{decision.refusal.model_dump_json()}"
    return "stale" if decision.stale else "moved"


def _refused(outcome: str) -> Refusal | None:
    """Return the refusal that `_outcome` wrote down, or None for any other outcome."""
    said = outcome.removeprefix("refused:")
    return None if said == outcome else Refusal.model_validate_json(said)
