"""notify: one new message in the thread, because an edited card makes no phone buzz."""

from __future__ import annotations

from bot.cards.notices import notice
from bot.domain.change import Phase
from bot.domain.effects import Moment, Notify
from workers.stages.context import StageContext

STILL_TRUE: dict[Moment, frozenset[Phase]] = {
    "ready": frozenset({Phase.READY}),
    "second_needed": frozenset({Phase.READY}),
    "no_right": frozenset({Phase.READY, Phase.MERGING, Phase.MERGED}),
    "question": frozenset({Phase.ASKING}),
    "stuck": frozenset({Phase.STUCK}),
    "head_moved": frozenset({Phase.CHECKING, Phase.JUDGING, Phase.IN_CI, Phase.READY}),
    "not_merged": frozenset({Phase.READY}),
    "ci_failed": frozenset({Phase.READY}),
    "merged": frozenset({Phase.MERGED, Phase.UNDOING, Phase.UNDONE}),
    "declined": frozenset({Phase.DECLINED}),
    "undo_ready": frozenset({Phase.UNDOING}),
    "undo_failed": frozenset({Phase.MERGED}),
    "undone": frozenset({Phase.UNDONE}),
}


def notify(context: StageContext) -> None:
    """Post a notice. A second run looks for the message by its key before it posts; what is no longer true is
    not said.
    """
    effect, change, chat = context.claim.effect, context.change, context.tools.chat
    assert isinstance(effect, Notify)
    if change.phase not in STILL_TRUE[effect.moment]:
        return
    key = f"notice:{change.id}:{context.claim.effect_id}"
    if context.claim.again and chat.find(change.place.channel, change.place.thread_ts, key):
        return
    context.secure()
    chat.post(change.place.channel, change.place.thread_ts, notice(change, effect.moment), key)
