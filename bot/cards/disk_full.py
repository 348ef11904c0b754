"""The message in a thread while its change waits for space on our disk, and as it reads once work goes on."""

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
    """Say the same message's other half: work goes on."""
    return _words(f":floppy_disk: Our server was out of space. I'm going on with {_title(change)}.")


def _title(change: Change) -> str:
    return f"“{text.line(facts.title(change), 120)}”"


def _words(told: str) -> Words:
    return Words(text=told, blocks=tuple(section(told)))
