"""show_card: the one card of a thread, posted once and edited in place ever after."""

from __future__ import annotations

from bot.cards.card import card
from bot.domain.change import Change
from bot.domain.events import CardPosted
from workers.chat import MessageGone
from workers.stages.context import StageContext

LATE = 60.0
"""Seconds between a request and its arrival here, after which it may be one that was heard before."""


def show_card(context: StageContext) -> CardPosted | None:
    """Show the card. A second run finds a card that was posted but not recorded by the key in its metadata, and adopts
    it. So does a first run for a request that was heard late: it may have been heard before, by a database that a
    backup has replaced since.
    """
    change, chat = context.change, context.tools.chat
    words, key = card(change, context.tools.clock()), f"card:{change.id}"
    if change.card_ts is not None:
        try:
            chat.update(change.place.channel, change.card_ts, words, key)
        except MessageGone:  # a person deleted it; the thread still needs a card
            return _post(context, key)
        return None
    late = change.created_at - float(change.place.message_ts) > LATE
    if (context.claim.again or late) and (posted := _adopt(context, change, key)):
        chat.update(change.place.channel, posted, words, key)
        return CardPosted(ts=posted)
    return _post(context, key)


def _post(context: StageContext, key: str) -> CardPosted:
    change, chat = context.change, context.tools.chat
    context.secure()
    ts = chat.post(change.place.channel, change.place.thread_ts, card(change, context.tools.clock()), key)
    return CardPosted(ts=ts)


def _adopt(context: StageContext, change: Change, key: str) -> str | None:
    """Return the oldest card with our key; any other is deleted."""
    chat, place = context.tools.chat, change.place
    first, *extra = chat.find(place.channel, place.thread_ts, key) or (None,)
    for ts in extra:
        if ts:
            chat.delete(place.channel, ts)
    return first
