"""New messages in the thread: the few moments at which a phone should buzz, because an edited card is silent.

Law: a notice mentions whom it needs, says one thing, and leaves every decision to the card.
"""

from __future__ import annotations

import re

from bot.cards import Words, buttons, facts, text
from bot.cards.blocks import actions, section
from bot.domain.change import Change
from bot.domain.effects import Moment

_CARD = "on the card above"
_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_a-z])|\n")


def notice(change: Change, moment: Moment) -> Words:
    """A short message for the requester (and whoever has to decide)."""
    ana = text.mention(change.requester)
    title = f"“{text.line(facts.title(change), 120)}”"
    match moment:
        case "ready":
            who = "you tap" if change.self_approval else "somebody other than you taps"
            taps = f"two people tap *Approve* {_CARD}" if change.holds else f"{who} *Approve & merge* {_CARD}"
            how = "a colleague merges it on GitHub" if facts.unseen(change) else taps
            state = (
                f":warning: {title}: {_first(change.void)}"
                if change.void
                else f":large_green_circle: {title} is ready."
            )
            told = f"{ana} {state} Have a look, then {how}."
        case "second_needed":
            by = text.name(change.approvals[-1].by) if change.approvals else "Somebody"
            more = f"One more person has to tap *Approve & merge* {_CARD}."
            told = f"{ana} :bust_in_silhouette: {by} approved {title}. {more}"
        case "question":
            told = _asks(change, ana)
        case "stuck":
            why = _first(change.failure.reason) if change.failure else ""
            told = f"{ana} :raised_hand: I am stuck with {title}. {why}\nWhat you can do is {_CARD}."
        case "merged":
            told = f"{ana} :tada: {title} is merged. *Undo* is {_CARD}."
        case "declined":
            by = f" by {text.name(change.stopped_by)}" if change.stopped_by else " on GitHub"
            told = f"{ana} :no_entry_sign: {title} was closed{by}. Nothing was merged."
        case "undo_ready":
            told = _undo_ready(change, title)
        case "undo_failed":
            why = _first(change.undo.note) if change.undo else ""
            told = f"{ana} :warning: The undo of {title} did not work. {why}\nThe change is still merged."
        case "undone":
            told = f"{ana} :leftwards_arrow_with_hook: {title} was taken out again."
        case "head_moved":
            told = (
                f"{ana} :warning: Somebody pushed to the branch of {title}. An earlier yes no longer counts; "
                "I check the new version and then ask again."
            )
    if change.scripted and moment in {"ready", "question", "stuck"}:
        told += f"\n({facts.SCRIPTED}.)"
    builds = buttons.open_builds(change, style=False)[:1] if moment in {"ready", "merged"} else []
    # A phone shows the text without its formatting: the bar of a quotation would be a stray sign there.
    return Words(text=told.replace("\n> ", "\n"), blocks=(*section(told), *actions(*builds)))


def _first(reason: str) -> str:
    """The first sentence of outside text: all of it stands on the card."""
    return text.line(_SENTENCES.split(reason.strip(), maxsplit=1)[0], 200)


def _asks(change: Change, ana: str) -> str:
    asked = change.question.text if change.question else ""
    if change.question and change.question.about == "budget":
        return f"{ana} :hourglass: {text.line(asked, 300)} Shall I go on? Answer {_CARD}."
    return f"{ana} :question: I have a question:\n{text.quote(asked, 600, 6)}\nAnswer {_CARD}, or reply here."


def _undo_ready(change: Change, title: str) -> str:
    undo = change.undo
    asker = text.mention(undo.by) if undo else text.mention(change.requester)
    if undo and undo.ci and undo.ci.state == "red":
        return f"{asker} :x: The undo of {title} is prepared, but a check on GitHub failed. I do not merge it."
    return f"{asker} :rewind: The undo of {title} is ready. *Merge the undo* is {_CARD}."
