"""Single calls to a model, such as a review: written before they are made, and kept by what was asked.

Law: what was answered once is never asked again; a save without a living claim is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import Engine, func, insert, select, update

from bot.store import outbox
from bot.store.engine import db_now, reading, writing
from bot.store.outbox import Claim
from bot.store.tables import calls


class Calls:
    """Calls under claims, by the hash of the request. Every method may raise `StoreDown`; writes `ClaimRefused`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def answer(self, change_id: str, request_hash: str) -> dict[str, object] | None:
        """Return what was answered to this request before, as it was saved."""
        query = select(calls.c.reply).where(calls.c.change_id == change_id, calls.c.request_hash == request_hash)
        with reading(self._engine) as connection:
            reply = connection.execute(query).scalar()
        return None if reply is None else json.loads(reply)

    def begin(self, claim: Claim, request_hash: str) -> int:
        """Written before the call; how many times it had been begun before without an answer (the waste)."""
        one = (calls.c.change_id == claim.change_id, calls.c.request_hash == request_hash)
        with writing(self._engine) as connection:
            outbox.check(connection, claim)
            before = connection.execute(select(calls.c.begun).where(*one)).scalar()
            if before is None:
                row = {"change_id": claim.change_id, "request_hash": request_hash, "begun": 1, "at": db_now()}
                connection.execute(insert(calls).values(**row))
                return 0
            connection.execute(update(calls).where(*one).values(begun=before + 1, at=db_now()))
            return int(before)

    def save(self, claim: Claim, request_hash: str, reply: Mapping[str, object]) -> None:
        """Keep the answer to a call that was begun."""
        one = (calls.c.change_id == claim.change_id, calls.c.request_hash == request_hash)
        with writing(self._engine) as connection:
            outbox.check(connection, claim)
            saved = connection.execute(update(calls).where(*one).values(reply=json.dumps(reply), at=db_now()))
            if saved.rowcount != 1:
                raise LookupError(f"a call of {claim.change_id} was never begun")

    def wasted(self, change_id: str) -> int:
        """Return how many calls were begun again because their answer had not been kept."""
        query = select(func.sum(calls.c.begun - 1)).where(calls.c.change_id == change_id)
        with reading(self._engine) as connection:
            return int(connection.execute(query).scalar() or 0)
