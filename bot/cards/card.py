"""The one card of a thread: which moment draws which phase.

Law: pure. The same change and time give the same blocks, so that an edit that changes nothing can be left out.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.cards import Words
from bot.cards.ended import declined, stopped
from bot.cards.merged import merged
from bot.cards.merging import merging
from bot.cards.question import question
from bot.cards.ready import ready
from bot.cards.stuck import stuck
from bot.cards.undoing import undoing
from bot.cards.undone import undone
from bot.cards.working import working
from bot.domain.change import Change, Phase
from bot.domain.shown import shown

_MOMENTS: dict[Phase, Callable[[Change, float], Words]] = {
    Phase.RECEIVED: question,
    Phase.PREPARING: working,
    Phase.EDITING: working,
    Phase.ASKING: question,
    Phase.CHECKING: working,
    Phase.JUDGING: working,
    Phase.PUBLISHING: working,
    Phase.IN_CI: working,
    Phase.READY: ready,
    Phase.MERGING: merging,
    Phase.MERGED: merged,
    Phase.UNDOING: undoing,
    Phase.UNDONE: undone,
    Phase.DECLINED: declined,
    Phase.STOPPED: stopped,
    Phase.STUCK: stuck,
}


def card(change: Change, now: float) -> Words:
    """Return the card of the change as it stands. `now` is seconds of the epoch, for "4 minutes so far"."""
    return _MOMENTS[change.phase](shown(change), now)
