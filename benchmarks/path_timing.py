"""Where the time of one change went, from the workers' logs and the database's own timestamps.

Law: every second between the message's arrival and the merge belongs to one part: the pieces are summed and compared
with the whole, and what cannot be placed is shown. CI's running time and people's time are named, never hidden in a
stage.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from bot.store.engine import reading
from bot.store.tables import deliveries, outbox

PORTS = ("model", "sandbox", "github", "git", "slack")
TO_MERGED = ("Prepare", "Edit", "Check", "Judge", "Publish", "ReadCi", "Merge")
TO_UNDONE = ("OpenUndo", "ReadUndoCi", "MergeUndo")
TAPPED = {"Merge": "Approve & merge", "OpenUndo": "Undo", "MergeUndo": "Merge the undo"}
"""Stages that a tap orders; the time before it is people's."""


@dataclass
class Piece:
    """A stage of one run, all its effects and attempts together. Seconds; `ci` is what CI took meanwhile."""

    waited: float = 0.0
    ports: dict[str, float] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    own: float = 0.0
    ci: float = 0.0

    @property
    def total(self) -> float:
        """Without CI."""
        return self.waited + sum(self.ports.values()) + self.own


@dataclass
class Timing:
    """One run. `whole` is from arrival to the end, and holds `people` and all of `pieces` with their CI."""

    pieces: dict[str, Piece]
    whole: float
    people: float
    talk: dict[str, list[tuple[float, float]]]
    """(waited, took) of every effect of the talk lane, by kind."""
    reaction: float = 0.0
    card: float = 0.0
    shown: float = 0.0
    """Seconds from the message's arrival to the reaction and the card, and from "ready" to the card that says so."""

    def own(self, stages: Iterable[str]) -> float:
        """Return what is Shipmate's own: waiting for a worker, and everything in a stage that is no port's."""
        return sum(piece.waited + piece.own for name, piece in self.pieces.items() if name in stages)

    @property
    def unplaced(self) -> float:
        return self.whole - self.people - sum(piece.total + piece.ci for piece in self.pieces.values())


@dataclass(frozen=True)
class _Attempt:
    begins: float
    ends: float
    spent: dict[str, dict[str, float]]


def timing(engine: Engine, logs: Path, change_id: str, stages: tuple[str, ...]) -> Timing:
    """Read one change, along `stages`, which begin with what a message or a tap orders."""
    with reading(engine) as connection:
        rows = connection.execute(select(outbox).where(outbox.c.change_id == change_id).order_by(outbox.c.id)).all()
        columns = (deliveries.c.source, deliveries.c.key, deliveries.c.received_at)
        arrived = connection.execute(select(*columns).order_by(deliveries.c.received_at)).all()
    tried = _attempts(logs, change_id)
    hints = [row.received_at for row in arrived if row.source == "github"]
    people_did = [row.received_at for row in arrived if row.source == "slack"]
    mine = [row for row in rows if row.kind in stages]
    began = max(at for at in people_did if at <= mine[0].created_at)
    pieces: dict[str, Piece] = {}
    people, last_end = 0.0, began
    for row in mine:
        if row is mine[0] or row.kind in TAPPED:
            acted = max(at for at in people_did if at <= row.created_at)
            people += max(0.0, acted - last_end)
            heard = pieces.setdefault(
                "the request" if row.kind == "Prepare" else f"the tap: {TAPPED[row.kind]}", Piece()
            )
            heard.own += row.created_at - acted
        else:  # ordered by the stage before, in the transaction that ended it
            pieces.setdefault(row.kind, Piece()).own += row.created_at - last_end
        _add(pieces.setdefault(row.kind, Piece()), row, tried.get(row.id, []), hints)
        last_end = row.done_at
    talk: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        if row.lane == "talk" and row.done_at and began <= row.created_at <= last_end:
            talk.setdefault(row.kind, []).append((row.started_at - row.created_at, row.done_at - row.started_at))
    found = Timing(pieces, last_end - began, people, talk)
    if "Prepare" in stages:
        _seen(found, rows, began)
    return found


def _add(piece: Piece, row: Any, attempts: list[_Attempt], hints: list[float]) -> None:
    """Add one effect, with all its attempts. Between two attempts CI runs, until a webhook says that something
    happened.
    """
    piece.waited += row.started_at - row.created_at
    spent = busy = paused = 0.0
    for number, attempt in enumerate(attempts):
        busy += attempt.ends - attempt.begins
        for port, used in attempt.spent.items():
            piece.ports[port] = piece.ports.get(port, 0.0) + used["seconds"]
            piece.calls[port] = piece.calls.get(port, 0) + int(used["calls"])
            spent += used["seconds"]
        if number:
            pause = attempt.begins - attempts[number - 1].ends
            since_hint = attempt.begins - max((at for at in hints if at <= attempt.begins), default=0.0)
            ours = min(since_hint, pause)
            piece.waited += ours
            piece.ci += pause - ours
            paused += pause
    # Whatever of the effect's life lies in no attempt (claiming, recording, logging) is ours as well.
    piece.own += (row.done_at - row.started_at) - paused - spent


def _seen(found: Timing, rows: Sequence[Any], began: float) -> None:
    ready = [row for row in rows if row.kind == "ReadCi"][-1].done_at
    found.reaction = next(row.done_at for row in rows if row.kind == "React") - began
    cards = [row for row in rows if row.kind == "ShowCard" and row.done_at]
    found.card = cards[0].done_at - began
    found.shown = next(row.done_at for row in cards if row.started_at >= ready - 0.001) - ready


def _attempts(logs: Path, change_id: str) -> dict[int, list[_Attempt]]:
    """Attempts by effect, from the build worker's log."""
    found: dict[int, list[_Attempt]] = {}
    begun: dict[int, float] = {}
    for said in _lines(logs / "build.log"):
        if said.get("change") != change_id or not isinstance(said.get("id"), int):
            continue
        at = datetime.fromisoformat(said["timestamp"]).timestamp()
        if said["event"] == "stage_begins":
            begun[said["id"]] = at
        elif said["event"] in {"stage_ends", "stage_waits"}:
            found.setdefault(said["id"], []).append(_Attempt(begun.pop(said["id"]), at, said["spent"]))
    return found


def _lines(log: Path) -> Iterator[dict[str, Any]]:
    for line in log.read_text(errors="replace").splitlines():
        if line.startswith("{"):
            yield json.loads(line)
