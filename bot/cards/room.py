"""A message in the thread while a change waits for room on our disk, and what becomes of it afterwards."""

from __future__ import annotations

from bot.cards import Words, facts, text
from bot.cards.blocks import section
from bot.domain.change import Change

WAITS = "has to wait: the disk of the machine that I work on is full."


def waits_for_room(change: Change) -> Words:
    """What happened, what it means, and that nobody in the thread has to do anything."""
    return _words(
        f"{text.mention(change.requester)} :floppy_disk: {_title(change)} {WAITS}\n"
        "Nothing is lost. As soon as whoever runs Shipmate has made room, I go on by myself; "
        "you need not do anything."
    )


def has_room_again(change: Change) -> Words:
    """The same message, once the work goes on."""
    return _words(
        f":floppy_disk: The disk of the machine that I work on was full. There is room again: {_goes_on(change)}"
    )


def _goes_on(change: Change) -> str:
    return f"I go on with {_title(change)}."


def _title(change: Change) -> str:
    return f"“{text.line(facts.title(change), 120)}”"


def _words(told: str) -> Words:
    return Words(text=told, blocks=tuple(section(told)))
