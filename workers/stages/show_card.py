"""show_card: the one card of a thread, posted once and edited in place ever after."""

from __future__ import annotations

from bot.cards.card import card
from bot.domain.change import Change
from bot.domain.events import CardPosted
from workers.chat import MessageGone
from workers.stages.errand import Errand


def show_card(errand: Errand) -> CardPosted | None:
    """A second run finds a card that was posted but not recorded by the key in its metadata, and adopts it."""
    change, chat = errand.change, errand.tools.chat
    words, key = card(change, errand.tools.clock()), f"card:{change.id}"
    if change.card_ts is not None:
        try:
            chat.update(change.place.channel, change.card_ts, words, key)
        except MessageGone:  # somebody deleted it; the thread still needs a card
            return _post(errand, key)
        return None
    if errand.claim.again and (posted := _adopt(errand, change, key)):
        chat.update(change.place.channel, posted, words, key)
        return CardPosted(ts=posted)
    return _post(errand, key)


def _post(errand: Errand, key: str) -> CardPosted:
    change, chat = errand.change, errand.tools.chat
    errand.secure()
    ts = chat.post(change.place.channel, change.place.thread_ts, card(change, errand.tools.clock()), key)
    return CardPosted(ts=ts)


def _adopt(errand: Errand, change: Change, key: str) -> str | None:
    """The oldest card with our key; any other is deleted."""
    chat, place = errand.tools.chat, change.place
    first, *extra = chat.find(place.channel, place.thread_ts, key) or (None,)
    for ts in extra:
        if ts:
            chat.delete(place.channel, ts)
    return first
