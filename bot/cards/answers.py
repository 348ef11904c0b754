"""Answers to one person outside the card: help, status, and an apology for a bug."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import Words, facts, text
from bot.cards.blocks import actions, button, section
from bot.cards.card import card
from bot.domain.change import Change
from bot.domain.rules import Rules

KEEP_GOING = "keep_going"


def help_words(rules: Rules, bot_user_id: str, *, scripted: bool) -> Words:
    """Return the help text, for people who have never seen Shipmate."""
    served = ", ".join(f"*{text.line(name, 100)}*" for name in rules.repositories[:10])
    more = f" and {len(rules.repositories) - 10} more" if len(rules.repositories) > 10 else ""
    told = [
        "*Tell me what to change. You get it back ready to merge.*",
        f"• Mention me in a channel (<@{bot_user_id}> the total should include tax), write me directly, "
        "or choose *Make this change* from the menu of any message.",
        "• I make the change, run the tests, open a pull request and show you the result in the thread.",
        "• Reply in the thread at any time to add something. Write *stop* to stop.",
        "• A colleague taps *Approve & merge*. *Undo* takes it out again.",
        f"I work on {served}{more}." if served else "No repository is set up yet.",
    ]
    if rules.tiers:
        words = " or ".join(f"*{text.line(name, 30)}:*" for name in list(rules.tiers)[:10])
        told.append(f"• Begin with {words} for another model, or more or less work than usual.")
    if scripted:
        told.append(f":performing_arts: {facts.SCRIPTED}.")
    return _say("\n".join(told))


def status(change: Change, now: float) -> Words:
    """Say where the change of this thread stands, in one sentence."""
    return _say(card(change, now).text)


def open_changes(changes: Sequence[Change], now: float) -> Words:
    """Return the latest changes of a person, one line each."""
    if not changes:
        return _say("You haven't asked for anything yet. Mention me with what should change.")
    lines = [f"• {card(change, now).text}" for change in changes[:5]]
    return _say("*Your latest requests*\n" + "\n".join(lines))


def say_it_in_a_message(bot_user_id: str) -> Words:
    """Ask for a message: a slash command leaves no message that a thread could start from."""
    return _say(
        f"Please write it as a message that mentions me: <@{bot_user_id}> and then what should change. "
        "The work then has a thread of its own. `/shipmate help` and `/shipmate status` work here."
    )


def broken(reference: str) -> Words:
    """Apologise for a bug of ours, and say how to report it."""
    return _say(
        "Something went wrong on our side, so I couldn't do that. Try again in a minute. "
        f"If it happens again, give this reference to Shipmate's operator: {text.line(reference, 40)}"
    )


def meant_to_stop(change: Change) -> Words:
    """Ask whether a reply was meant as a stop; until it is answered, it is one more wish."""
    return _stop_or_go_on(change, "Should I stop? Until you tap, I keep going, and take your words into account.")


def request_deleted(change: Change) -> Words:
    """Ask the person who deleted their request whether it is still wanted."""
    return _stop_or_go_on(change, "You deleted your request. Should I stop? Until you tap, I keep going.")


def edit_came_late() -> Words:
    """Say that an edited request is not heard any more, and how to say it instead."""
    return _say("You edited your request, but I've worked from the old text. Reply here with what should be different.")


def not_here() -> Words:
    """Answer a shortcut in a conversation that the bot is not part of."""
    return _say("I'm not in this conversation, so I can't answer here. Invite me first, then try again.")


def _stop_or_go_on(change: Change, told: str) -> Words:
    taps = actions(button(change, "stop", "Stop", "danger"), button(change, KEEP_GOING, "Keep going"))
    return Words(text=told, blocks=(*section(told), *taps))


def _say(told: str) -> Words:
    return Words(text=told, blocks=tuple(section(told)))
