"""Say in a thread that its change waits for disk space, and edit that once work continues."""

from __future__ import annotations

from bot.cards import Words, facts, text
from bot.cards.blocks import section
from bot.domain.change import Change

WAITS = "is paused: our server is out of space."


def waits_for_space(change: Change) -> Words:
    """Say what happened, and that nobody in the thread has to do anything."""
    return _words(
        f"{text.mention(change.requester)} :floppy_disk: {_title(change)} {WAITS}\n"
        "Nothing is lost. I'll go on by myself as soon as there is space."
    )


def has_space_again(change: Change) -> Words:
    """Say, in the same message, that work continues."""
    return _words(f":floppy_disk: Our server was out of space. I'm going on with {_title(change)}.")


def _title(change: Change) -> str:
    return f"“{text.line(facts.title(change), 120)}”"


def _words(told: str) -> Words:
    return Words(text=told, blocks=tuple(section(told)))
