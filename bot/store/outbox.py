"""The outbox: effects that must still happen, claimed one at a time per change and lane, under a lease.

Law: without a claim, nothing is written. A claim is (effect id, fence); taking it over raises the fence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, and_, func, or_, select, text, update

from bot.domain.effects import EFFECT, Effect, Lane, ShowCard
from bot.store import changes as changes_room
from bot.store.engine import NOW, db_now, reading, writing
from bot.store.tables import outbox

CARD_SPACING = 1.0
"""Seconds between two edits of one card; Slack allows about one message per second and channel."""


_CLAIM_ONE = """
UPDATE outbox SET state = 'sent', fence = fence + 1, tries = tries + 1, attempts = attempts + 1,
  lease_until = {now} + :lease, owner = :owner, started_at = coalesce(started_at, {now})
WHERE id = (
  SELECT id FROM outbox
  WHERE change_id = :change_id AND lane = :lane AND state IN ('new', 'sent') AND run_after <= {now}
    AND NOT EXISTS (
      SELECT 1 FROM outbox WHERE change_id = :change_id AND lane = :lane AND state = 'sent' AND lease_until > {now}
    )
  ORDER BY id LIMIT 1
) RETURNING id, fence, payload, tries, attempts, {now} - created_at AS age
"""
_ADD_ONE = """
INSERT INTO outbox (
  change_id, lane, kind, payload, state, run_after, tries, attempts, fence, nudged, hintable, created_at
) VALUES (:change_id, :lane, :kind, :payload, 'new', {now} + :delay, 0, 0, 0, :nudged, 0, {now})
"""
_CARD_BEFORE = """
SELECT count(CASE WHEN state = 'new' THEN 1 END), max(CASE WHEN state = 'done' THEN done_at END) - {now}
FROM outbox WHERE change_id = :change_id AND kind = 'ShowCard'
"""
# Written out: each is a part of every step of every change, and building it would cost as much as running it.
_CLAIM, _ADD, _CARD = (
    {dialect: text(statement.format(now=now)) for dialect, now in NOW.items()}
    for statement in (_CLAIM_ONE, _ADD_ONE, _CARD_BEFORE)
)


@dataclass(frozen=True)
class Claim:
    """The right to perform one effect. `again` says that it may have been performed before: look first.

    `attempts` counts the claims that ended without a result, this one included; `age` is seconds since it was ordered.
    """

    effect_id: int
    fence: int
    change_id: str
    effect: Effect
    again: bool
    attempts: int
    age: float = 0.0


@dataclass(frozen=True)
class Due:
    """Work that waits without a living claim."""

    change_id: str
    lane: Lane


class ClaimRefused(Exception):
    """The claim was withdrawn, taken over, or ran out."""


class Outbox:
    """Claims and leases. Every method may raise `StoreDown`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(self, change_id: str, lane: Lane, owner: str, lease_seconds: float) -> Claim | None:
        """Return the oldest due effect of a change on a lane, unless one of them is being performed right now."""
        given = {"change_id": change_id, "lane": lane, "owner": owner, "lease": lease_seconds}
        with writing(self._engine) as connection:
            dialect = connection.dialect.name
            # SQLite has locked everything already. Elsewhere the lock comes in a statement of its own: the claim has to
            # see what the last holder has written.
            if dialect != "sqlite" and not changes_room.lock(connection, change_id):
                return None
            row = connection.execute(_CLAIM[dialect], given).mappings().first()
        if row is None:
            return None
        effect = EFFECT.validate_json(row["payload"])
        return Claim(row["id"], row["fence"], change_id, effect, row["tries"] > 1, row["attempts"], row["age"])

    def renew(self, claims: Iterable[Claim], lease_seconds: float) -> frozenset[int]:
        """Extend the leases; the effect ids that are still held."""
        held = list(claims)
        if not held:
            return frozenset()
        alive = and_(outbox.c.state == "sent", outbox.c.lease_until > db_now())
        ours = or_(*(and_(outbox.c.id == claim.effect_id, outbox.c.fence == claim.fence) for claim in held))
        with writing(self._engine) as connection:
            extended = (
                update(outbox).where(ours, alive).values(lease_until=db_now() + lease_seconds).returning(outbox.c.id)
            )
            return frozenset(connection.execute(extended).scalars())

    def held(self, claims: Iterable[Claim]) -> frozenset[int]:
        """Return the effect ids that are still held, without writing anything."""
        ours = [and_(outbox.c.id == claim.effect_id, outbox.c.fence == claim.fence) for claim in claims]
        if not ours:
            return frozenset()
        with reading(self._engine) as connection:
            alive = and_(outbox.c.state == "sent", outbox.c.lease_until > db_now())
            return frozenset(connection.execute(select(outbox.c.id).where(or_(*ours), alive)).scalars())

    def finish(self, claim: Claim) -> None:
        """Finish an effect from which nothing follows. Raises `ClaimRefused`."""
        with writing(self._engine) as connection:
            finish(connection, claim)

    def snooze(self, claim: Claim, after_seconds: float, *, counts: bool, hintable: bool = True) -> float:
        """Try again later; the seconds until then. Waiting is not an attempt unless `counts`. Raises `ClaimRefused`.

        Where a hint may cut the wait short (`hintable`), one that came while the claim was held ends it at once.
        """
        with writing(self._engine) as connection:
            check(connection, claim)
            row = outbox.c.id == claim.effect_id
            hinted = connection.execute(select(outbox.c.nudged).where(row)).scalar()
            after = 0.0 if hintable and hinted else after_seconds
            connection.execute(
                update(outbox)
                .where(row)
                .values(
                    state="new",
                    run_after=db_now() + after,
                    lease_until=None,
                    nudged=0,
                    hintable=int(hintable),
                    attempts=outbox.c.attempts - (0 if counts else 1),
                )
            )
        return after

    def release(self, claim: Claim) -> None:
        """Give a claim back at once, because this process is ending; another worker goes on."""
        with writing(self._engine) as connection:
            connection.execute(
                update(outbox)
                .where(outbox.c.id == claim.effect_id, outbox.c.fence == claim.fence, outbox.c.state == "sent")
                .values(state="new", lease_until=None, attempts=outbox.c.attempts - 1)
            )

    def nudge(self, change_id: str) -> bool:
        """Make what the change waits for due now; whether anything was waiting.

        What is being looked at right now is looked at once more, since it may have been asked before the hint's cause.
        """
        mine = and_(outbox.c.change_id == change_id, outbox.c.lane == "build")
        waiting = and_(mine, outbox.c.state == "new", outbox.c.run_after > db_now(), outbox.c.hintable == 1)
        with writing(self._engine) as connection:
            changes_room.lock(connection, change_id)
            connection.execute(update(outbox).where(mine, outbox.c.state == "sent").values(nudged=1))
            return bool(connection.execute(update(outbox).where(waiting).values(run_after=db_now())).rowcount)

    def due(self, limit: int = 500) -> tuple[Due, ...]:
        """Return everything that is due and that nobody performs."""
        waiting = and_(outbox.c.state == "new", outbox.c.run_after <= db_now())
        orphaned = and_(outbox.c.state == "sent", outbox.c.lease_until <= db_now())
        query = select(outbox.c.change_id, outbox.c.lane).where(or_(waiting, orphaned)).distinct().limit(limit)
        with reading(self._engine) as connection:
            return tuple(Due(row.change_id, row.lane) for row in connection.execute(query))

    def due_in(self, change_id: str, lane: Lane) -> float | None:
        """Return seconds until the next effect of a change on a lane is due, or None where none waits."""
        waiting = and_(outbox.c.change_id == change_id, outbox.c.lane == lane, outbox.c.state == "new")
        with reading(self._engine) as connection:
            seconds = connection.execute(select(func.min(outbox.c.run_after) - db_now()).where(waiting)).scalar()
        return None if seconds is None else max(0.0, float(seconds))

    def open_kinds(self, change_id: str) -> tuple[str, ...]:
        """Return the kinds of effects that are not done yet, oldest first."""
        query = (
            select(outbox.c.kind)
            .where(outbox.c.change_id == change_id, outbox.c.state.in_(("new", "sent")))
            .order_by(outbox.c.id)
        )
        with reading(self._engine) as connection:
            return tuple(connection.execute(query).scalars())


def check(connection: Connection, claim: Claim) -> None:
    """Lock the change, then the claim must still be held. The order of locks is the same everywhere."""
    changes_room.lock(connection, claim.change_id)
    held = select(outbox.c.id).where(
        outbox.c.id == claim.effect_id,
        outbox.c.fence == claim.fence,
        outbox.c.state == "sent",
        outbox.c.lease_until > db_now(),
    )
    if connection.execute(held).first() is None:
        raise ClaimRefused(f"effect {claim.effect_id} at fence {claim.fence}")


def progressed(connection: Connection, claim: Claim) -> None:
    """Inside the caller's transaction: claims that ended without a result no longer count against the effect."""
    connection.execute(update(outbox).where(outbox.c.id == claim.effect_id).values(attempts=1))


def finish(connection: Connection, claim: Claim) -> bool:
    """Inside the caller's transaction: the claim must still be held, and its effect is done; whether a hint came."""
    check(connection, claim)
    nudged = connection.execute(select(outbox.c.nudged).where(outbox.c.id == claim.effect_id)).scalar()
    connection.execute(
        update(outbox).where(outbox.c.id == claim.effect_id).values(state="done", done_at=db_now(), lease_until=None)
    )
    return bool(nudged)


def withdraw_builds(connection: Connection, change_id: str) -> None:
    """End the open build effect of a change. The next write of its holder is refused."""
    connection.execute(
        update(outbox)
        .where(outbox.c.change_id == change_id, outbox.c.lane == "build", outbox.c.state.in_(("new", "sent")))
        .values(state="withdrawn", lease_until=None, done_at=db_now())
    )


def add(connection: Connection, change_id: str, effects: Iterable[Effect], nudged: bool = False) -> dict[Lane, float]:
    """Write effects; the lanes that have work now, with the seconds until it is due.

    `nudged` hands on a hint that came while their cause was performed. One open card update is enough: it shows the
    newest state whenever it runs.
    """
    lanes: dict[Lane, float] = {}
    rows: list[dict[str, object]] = []
    for effect in effects:
        delay = 0.0
        if isinstance(effect, ShowCard):
            waiting, ago = connection.execute(_CARD[connection.dialect.name], {"change_id": change_id}).one()
            if waiting:
                continue
            delay = max(0.0, min(CARD_SPACING, CARD_SPACING + ago)) if ago is not None else 0.0
        payload = effect.model_dump_json()
        one = {"lane": effect.lane, "kind": effect.kind, "payload": payload, "nudged": int(nudged), "delay": delay}
        rows.append({"change_id": change_id, **one})
        lanes[effect.lane] = min(delay, lanes.get(effect.lane, delay))
    if rows:
        connection.execute(_ADD[connection.dialect.name], rows)
    return lanes
