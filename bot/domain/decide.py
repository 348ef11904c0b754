"""The one decision: what an event makes of a change, and what must follow.

Law: pure. Given the same change, event, time and rules it answers the same, in every process, always.
"""

from __future__ import annotations

from bot.domain import consequences, ids
from bot.domain.change import Change, Phase
from bot.domain.consequences.shape import Decision, Following
from bot.domain.events import Asked, Event, Press
from bot.domain.frozen import revised
from bot.domain.rules import Refusal, RefusalCode, Rules
from bot.domain.transitions import ENDED, TABLE
from bot.domain.wanted import wanted

__all__ = ["Decision", "decide"]


def decide(change: Change | None, event: Event, now: float, rules: Rules) -> Decision:
    """Return what follows. `change` is None only for `Asked`; `now` is seconds of the epoch, read by the caller."""
    if change is None:
        if not isinstance(event, Asked):
            raise ValueError(f"{event.kind} needs a change")
        return consequences.asked(event, now, rules)
    allowed = TABLE.get((change.phase, event.kind))
    if allowed is None:
        return _out_of_place(change, event)
    following = consequences.OF[type(event)](change, event, now, rules)
    if isinstance(following, Refusal):
        return Decision(change=change, refusal=following)
    after = following.change
    if after.phase not in allowed:
        raise AssertionError(f"{change.phase} --{event.kind}--> {after.phase} is not in the table")
    return _settled(change, following, now, rules)


def _settled(before: Change, following: Following, now: float, rules: Rules) -> Decision:
    missing = wanted(following.change, rules) if following.change.phase is Phase.READY else None
    after = revised(following.change, version=before.version + 1, updated_at=now, wanted=missing)
    moved = after.phase != before.phase
    effects = following.effects
    return Decision(
        change=after,
        effects=effects,
        withdraw=moved or any(effect.lane == "build" for effect in effects),
    )


def _why_not(change: Change, event: Press) -> RefusalCode:
    """Call a tap on a card that showed another head outdated, wherever the change stands by now."""
    if change.phase in ENDED:
        return "ended"
    shown = getattr(event, "seen", None)
    return "outdated" if change.merge_sha is None and shown not in {None, ids.seen(change)} else "not_now"


def _out_of_place(change: Change, event: Event) -> Decision:
    """Refuse a tap that came too late; drop a late finding of a stage."""
    if isinstance(event, Press):
        return Decision(change=change, refusal=Refusal(code=_why_not(change, event), detail=change.phase))
    if isinstance(event, Asked):
        return Decision(change=change, refusal=Refusal(code="already"))
    return Decision(change=change, stale=True)
