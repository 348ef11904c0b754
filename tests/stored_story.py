"""A story told into a real store: it claims and finishes effects as bot and workers do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import cast

from bot.domain import events as e
from bot.domain import ids
from bot.domain.change import Change, Phase
from bot.domain.effects import Lane
from bot.domain.rules import Rules
from bot.record import Door, Recorded
from bot.store import Claim, Store
from tests.story import TILL, WAYS, Step, Story, asked

LEASE = 30.0


def _ticking() -> Callable[[], float]:
    seconds = count(1_700_000_000.0)
    return lambda: next(seconds)


@dataclass
class StoredStory:
    """One change in a store."""

    store: Store
    rules: Rules = TILL
    request: e.Asked = field(default_factory=asked)
    door: Door = field(init=False)
    _keys: count[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.door = Door(self.store, self.rules, _ticking())

    @property
    def id(self) -> str:
        return ids.change_id(self.request.place)

    @property
    def change(self) -> Change:
        found = self.store.changes.get(self.id)
        assert found is not None
        return found

    def claim(self, lane: Lane = "build", lease: float = LEASE, owner: str = "w1") -> Claim:
        """The due effect of a lane, which must be there."""
        claim = self.store.outbox.claim(self.id, lane, owner, lease)
        assert claim is not None, f"nothing is due on {lane}: {self.store.outbox.open_kinds(self.id)}"
        return claim

    def hears(self, step: Step, key: str | None = None) -> Recorded:
        """One event, through whichever side of the door it comes in."""
        event = step(Story(known=self.change)) if callable(step) else step
        key = key or f"{self.id}-{next(self._keys)}"
        if isinstance(event, e.Asked):
            return self.door.open(event, key)
        if isinstance(event, e.Press.__args__):
            return self.door.record(self.id, event, key)
        found = cast("e.StageResult", event)
        return self.door.record_result(self.claim("talk" if isinstance(event, e.CardPosted) else "build"), found)

    def reaches(self, phase: Phase) -> StoredStory:
        """Live the shortest way to a phase."""
        for step in WAYS[phase]:
            recorded = self.hears(self.request if isinstance(step, e.Asked) else step)
            assert recorded.refusal is None
        assert self.change.phase is phase
        return self

    def outcomes(self) -> list[str]:
        """What came of every event, oldest first, without the reasons of refusals."""
        return [line.outcome.split(":")[0] for line in self.store.journal.of(self.id)]
