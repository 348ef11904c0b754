"""The shape of an answer: the next state and what must follow."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.change import Change
from bot.domain.effects import Effect
from bot.domain.rules import Refusal


@dataclass(frozen=True)
class Following:
    """What one consequence says: the state after, and the effects in order."""

    change: Change
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True)
class Decision:
    """What `decide` says. `refusal` and `stale` leave the change as it was; `withdraw` ends its open build effects."""

    change: Change | None
    effects: tuple[Effect, ...] = ()
    refusal: Refusal | None = None
    stale: bool = False
    withdraw: bool = False


def after(change: Change, *effects: Effect) -> Following:
    """Return what follows: the change as it now is, then the effects in their order."""
    return Following(change, effects)
