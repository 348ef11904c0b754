"""The shape of an answer: the next state and what must follow."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.change import Change, Phase, Question
from bot.domain.effects import Effect, Notify, Publish, ShowCard
from bot.domain.frozen import revised
from bot.domain.rules import Refusal, Rules


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


def leaving(change: Change, tree: str, rules: Rules) -> Following:
    """Push a version, or first ask the people who must allow it."""
    if rules.may_leave(change):
        return after(revised(change, phase=Phase.PUBLISHING, question=None), ShowCard(), Publish(tree=tree))
    asked = Question(about="publish", text="Push this version to GitHub?")
    asking = revised(change, phase=Phase.ASKING, question=asked, progress="")
    return after(asking, ShowCard(), Notify(moment="question"))
