"""The transcript: every model turn of a change, written before it is asked, once answered, and once its tools ran.

Law: a turn whose reply is stored is never asked again; a save without a living claim is refused.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, and_, func, insert, select, update

from bot.domain.change import Usage
from bot.store import outbox
from bot.store.engine import db_now, reading, writing
from bot.store.outbox import Claim
from bot.store.tables import turns


@dataclass(frozen=True)
class StoredTurn:
    """One turn. `begun` counts how often it was asked; `reply` and `results` are content blocks as the API has them.

    `since` are the seconds since the row was last written. The usage of a row without a reply is that of lost calls.
    `model` was asked; empty in rows older than that column.
    """

    n: int
    request_hash: str
    reply: list[dict[str, object]] | None
    stop_reason: str | None
    usage: Usage
    results: list[dict[str, object]] | None
    tree: str | None
    notes_read: int
    begun: int
    model: str = ""
    since: float = field(default=0.0, compare=False)


@dataclass(frozen=True)
class TurnDone:
    """What the tools of turn `n` answered, the tree they left, and the notes heard by then.

    `usage` is the turn's with the time of its tools, where that is known by now.
    """

    n: int
    results: list[dict[str, object]]
    tree: str | None
    notes_read: int
    usage: Usage | None = None


class Turns:
    """Turns under claims. Every method may raise `StoreDown`; every save `outbox.ClaimRefused`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, change_id: str) -> tuple[StoredTurn, ...]:
        """Return all turns of a change in order."""
        query = (
            select(turns, (db_now() - turns.c.at).label("since"))
            .where(turns.c.change_id == change_id)
            .order_by(turns.c.n)
        )
        with reading(self._engine) as connection:
            return tuple(_read(row._mapping) for row in connection.execute(query))

    def begin(self, claim: Claim, n: int, request_hash: str, done: TurnDone | None = None) -> int:
        """Written before the call; how many times this turn had been begun before without an answer (the waste).

        `done` is kept with it, in one transaction.
        """
        with writing(self._engine) as connection:
            outbox.check(connection, claim)
            if done is not None:
                self._keep(connection, claim, done)
            before = connection.execute(select(turns.c.begun, turns.c.reply).where(_is(claim, n))).first()
            if before is None:
                row = {"change_id": claim.change_id, "n": n, "request_hash": request_hash, "begun": 1}
                usage = Usage().model_dump_json()
                connection.execute(insert(turns).values(**row, usage=usage, notes_read=0, at=db_now()))
                return 0
            if before.reply is not None:
                raise LookupError(f"turn {n} of {claim.change_id} was answered and is never asked again")
            self._set(connection, claim, n, begun=before.begun + 1, request_hash=request_hash)
            return int(before.begun)

    def count_lost(self, claim: Claim, n: int, used: Usage) -> None:
        """Add up a call of a begun turn whose reply was lost: what it took is added to what such calls took before."""
        with writing(self._engine) as connection:
            outbox.check(connection, claim)
            before = connection.execute(select(turns.c.usage, turns.c.reply).where(_is(claim, n))).first()
            if before is None or before.reply is not None:
                raise LookupError(f"turn {n} of {claim.change_id} is not waiting for a reply")
            self._set(connection, claim, n, usage=Usage.model_validate_json(before.usage).plus(used).model_dump_json())

    def save_reply(
        self, claim: Claim, n: int, reply: list[dict[str, object]], stop_reason: str, usage: Usage, model: str = ""
    ) -> None:
        """Keep the model's answer, before any of its tools runs."""
        values = {"reply": json.dumps(reply), "stop_reason": stop_reason, "usage": usage.model_dump_json()}
        with writing(self._engine) as connection:
            outbox.check(connection, claim)
            self._set(connection, claim, n, **values, model=model[:80])

    def save_results(self, claim: Claim, done: TurnDone) -> None:
        """Keep what a turn came to. A finished turn makes crashes before it forgotten."""
        with writing(self._engine) as connection:
            outbox.check(connection, claim)
            self._keep(connection, claim, done)

    def wasted(self, change_id: str) -> int:
        """Return how many calls were made for turns that had been asked before."""
        query = select(func.sum(turns.c.begun - 1)).where(turns.c.change_id == change_id)
        with reading(self._engine) as connection:
            return int(connection.execute(query).scalar() or 0)

    def _keep(self, connection: Connection, claim: Claim, done: TurnDone) -> None:
        values: dict[str, object] = {"results": json.dumps(done.results), "tree": done.tree}
        if done.usage is not None:
            values["usage"] = done.usage.model_dump_json()
        outbox.progressed(connection, claim)
        self._set(connection, claim, done.n, notes_read=done.notes_read, **values)

    def _set(self, connection: Connection, claim: Claim, n: int, **values: object) -> None:
        statement = update(turns).where(_is(claim, n))
        if connection.execute(statement.values(**values, at=db_now())).rowcount != 1:
            raise LookupError(f"turn {n} of {claim.change_id} was never begun")


def _is(claim: Claim, n: int) -> ColumnElement[bool]:
    return and_(turns.c.change_id == claim.change_id, turns.c.n == n)


def _read(row: RowMapping) -> StoredTurn:
    return StoredTurn(
        n=row["n"],
        request_hash=row["request_hash"],
        reply=None if row["reply"] is None else json.loads(row["reply"]),
        stop_reason=row["stop_reason"],
        usage=Usage.model_validate_json(row["usage"]),
        results=None if row["results"] is None else json.loads(row["results"]),
        tree=row["tree"],
        notes_read=row["notes_read"],
        begun=row["begun"],
        model=row["model"],
        since=max(0.0, row["since"]),
    )
