"""Reading changes. Writing them is the door's alone (`bot.record`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Engine, or_, select, text, tuple_

from bot.domain.change import Change, Phase
from bot.domain.transitions import ENDED
from bot.store.engine import reading
from bot.store.tables import changes

_AT_REST = tuple(sorted(phase.value for phase in ENDED | {Phase.MERGED}))


_BY_THREAD = text("SELECT state FROM changes WHERE team = :team AND channel = :channel AND thread_ts = :thread_ts")


class Changes:
    """Look-ups by the keys that Slack and the forge know. Every method may raise `StoreDown`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, change_id: str) -> Change | None:
        """Return the change with this id."""
        return self._one(changes.c.id == change_id)

    def by_thread(self, team: str, channel: str, thread_ts: str) -> Change | None:
        """Return the change of a Slack thread. Asked for every reply in every thread, so the statement is made once."""
        with reading(self._engine) as connection:
            found = connection.execute(_BY_THREAD, {"team": team, "channel": channel, "thread_ts": thread_ts}).scalar()
        return None if found is None else read(found)

    def threads_of_changes(self, team: str, threads: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
        """Return those of the given (channel, thread) pairs in which there is a change."""
        wanted = list(threads)
        if not wanted:
            return frozenset()
        pair = tuple_(changes.c.channel, changes.c.thread_ts)
        query = select(changes.c.channel, changes.c.thread_ts).where(changes.c.team == team, pair.in_(wanted))
        with reading(self._engine) as connection:
            return frozenset((row.channel, row.thread_ts) for row in connection.execute(query))

    def by_pull(self, repository: str, number: int) -> Change | None:
        """Return the change whose pull request, or whose reverting pull request, has this number."""
        return self._one(
            changes.c.repository == repository,
            or_(changes.c.pull_number == number, changes.c.undo_number == number),
        )

    def by_head(self, repository: str, sha: str) -> Change | None:
        """Return the open change whose known head is this commit."""
        with reading(self._engine) as connection:
            query = select(changes.c.state).where(
                changes.c.repository == repository,
                changes.c.phase.in_(("in_ci", "ready", "merging", "undoing")),
            )
            for (state,) in connection.execute(query):
                change = read(state)
                pulls = (change.pull, change.undo.pull if change.undo else None)
                if any(pull and pull.head_sha == sha for pull in pulls):
                    return change
        return None

    def recent(self, limit: int = 20, requester: str | None = None) -> tuple[Change, ...]:
        """Return the changes touched last, newest first, of everyone or of one requester."""
        query = select(changes.c.state).order_by(changes.c.updated_at.desc()).limit(limit)
        if requester is not None:
            query = query.where(changes.c.requester == requester)
        with reading(self._engine) as connection:
            return tuple(read(state) for (state,) in connection.execute(query))

    def threads(self, team: str, channel: str, since: float, limit: int = 500) -> tuple[str, ...]:
        """Return the threads of a channel in which a change is at work, or was touched after `since`; newest first."""
        query = (
            select(changes.c.thread_ts)
            .where(changes.c.team == team, changes.c.channel == channel)
            .where(or_(changes.c.phase.not_in(_AT_REST), changes.c.updated_at > since))
            .order_by(changes.c.updated_at.desc())
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return tuple(connection.execute(query).scalars())

    def _one(self, *where: Any) -> Change | None:
        with reading(self._engine) as connection:
            state = connection.execute(select(changes.c.state).where(*where)).scalar()
        return None if state is None else read(state)


def read(state: str) -> Change:
    """Return a change from its stored JSON."""
    return Change.model_validate_json(state)


def locked(connection: Connection, change_id: str) -> Change | None:
    """Return the change, with its row locked until the transaction ends (SQLite has locked everything already)."""
    query = select(changes.c.state).where(changes.c.id == change_id).with_for_update()
    state = connection.execute(query).scalar()
    return None if state is None else read(state)


def lock(connection: Connection, change_id: str) -> bool:
    """Lock a change's row until the transaction ends; whether there is one."""
    query = select(changes.c.id).where(changes.c.id == change_id).with_for_update()
    return connection.execute(query).first() is not None


def columns(change: Change) -> dict[str, object]:
    """Return the row of a change."""
    return {
        "id": change.id,
        "version": change.version,
        "phase": change.phase.value,
        "team": change.place.team,
        "channel": change.place.channel,
        "thread_ts": change.place.thread_ts,
        "requester": change.requester.id,
        "repository": change.repository,
        "branch": change.branch,
        "pull_number": change.pull.number if change.pull else None,
        "undo_number": change.undo.pull.number if change.undo and change.undo.pull else None,
        "state": change.model_dump_json(),
        "created_at": change.created_at,
        "updated_at": change.updated_at,
    }
