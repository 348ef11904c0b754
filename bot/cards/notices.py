"""New messages in the thread: the few moments at which a phone should buzz, because an edited card is silent.

Law: a notice mentions whom it needs, says one thing, and brings the buttons that it speaks of.
"""

from __future__ import annotations

import re

from bot.cards import Words, buttons, facts, text
from bot.cards.approvers import joined, yes_from
from bot.cards.blocks import Block, actions, section
from bot.cards.leaving import allower, would_run
from bot.cards.ready import LABELS, SIGNS
from bot.domain import ci
from bot.domain.assurance import assurance
from bot.domain.change import Change, Phase
from bot.domain.effects import Moment
from bot.domain.shown import shown

_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_a-z])|\n")


def notice(change: Change, moment: Moment) -> Words:
    """Return a short message for the requester and those who have to decide."""
    change = shown(change)
    ana = text.mention(change.requester)
    title = f"“{text.line(facts.title(change), 120)}”"
    match moment:
        case "ready":
            told = f"{ana} {_ready(change, title)}"
        case "second_needed":
            by = text.name(change.approvals[-1].by) if change.approvals else "One person"
            told = f"{ana} :bust_in_silhouette: {title} needs {yes_from(change)}. {by} has approved it."
        case "no_right":
            told = f"{ana} :no_entry: {_no_right(change, title)}"
        case "question":
            told = _asks(change, ana)
        case "stuck":
            why = _first(change.failure.reason) if change.failure else ""
            told = f"{ana} :raised_hand: I couldn't finish {title}. {why}\nReply with a hint, or tap *Try again*."
        case "merged":
            told = f"{ana} :tada: {title} is merged.{facts.left_out(change)}"
        case "declined":
            by = f" by {text.name(change.stopped_by)}" if change.stopped_by else " on GitHub"
            told = f"{ana} :no_entry_sign: {title} was discarded{by}. Nothing was merged.{facts.left_out(change)}"
        case "undo_ready":
            told = _undo_ready(change, title)
        case "undo_failed":
            why = _first(change.undo.note) if change.undo else ""
            told = f"{ana} :warning: The undo of {title} didn't work. {why}\nThe change is still merged."
        case "undone":
            told = _undone(change, title)
        case "not_merged" | "ci_failed" | "head_moved":
            told = _no_longer(change, moment, title)
    if change.scripted and moment in {"ready", "question", "stuck"}:
        told += f"\n({facts.SCRIPTED}.)"
    # A phone shows the text without its formatting: the bar of a quotation would be a stray sign there.
    return Words(text=told.replace("\n> ", "\n"), blocks=(*section(told), *_offers(change, moment)))


def _offers(change: Change, moment: Moment) -> list[Block]:
    """Return the buttons that a notice speaks of, where its moment is still the one that the change is in."""
    match moment, change.phase:
        case "question", Phase.ASKING if change.question and change.question.about == "publish":
            return actions(None if facts.unseen(change) else buttons.allow(change))
        case "question", Phase.ASKING:
            return buttons.options(change)
        case "stuck", Phase.STUCK:
            return actions(buttons.retry(change))
        case "merged", Phase.MERGED:
            return actions(*buttons.open_builds(change, style=False)[:1], buttons.undo(change))
        case "undo_ready", Phase.UNDOING if change.undo and change.undo.ci and change.undo.ci.state != "red":
            return actions(buttons.undo_approve(change))
        case "ready", _:
            return actions(*buttons.open_builds(change, style=False)[:1])
        case _:
            return []


def _ready(change: Change, title: str) -> str:
    """Say with the card's own colour and word how sure we are, and whose yes is missing."""
    sure = assurance(change)
    if sure.level == "failed":
        return f":x: {title} isn't ready: {_first(sure.why[0])}\nAsk for changes, or discard it."
    label = LABELS[sure.level]
    state = f": {_first(change.void)} {label}." if change.void else f" is {label[0].lower()}{label[1:]}."
    needs = "A colleague has to merge it on GitHub" if facts.unseen(change) else f"Needs {yes_from(change)}"
    return f"{SIGNS[sure.level] or ':large_green_circle:'} {title}{state} {needs}."


def _first(reason: str) -> str:
    """Return the first sentence of outside text: all of it stands on the card."""
    return text.line(_SENTENCES.split(reason.strip(), maxsplit=1)[0], 200)


def _asks(change: Change, ana: str) -> str:
    asked = change.question.text if change.question else ""
    if change.question and change.question.about == "budget":
        return f"{ana} :hourglass: {text.line(asked, 300)} Shall I go on?"
    if change.question and change.question.about == "publish":
        return _asks_to_leave(change, ana)
    return f"{ana} :question: I have a question:\n{text.quote(asked, 600, 6)}\nReply here in your own words."


def _no_right(change: Change, title: str) -> str:
    who = joined([text.mention(one) for one in change.barred]) or "One person"
    told = f"{who} can't push to {text.line(change.repository or '', 100)} on GitHub, so that yes to {title} is void."
    return f"{told} Needs {yes_from(change)}." if change.phase is Phase.READY else told


def _undone(change: Change, title: str) -> str:
    """Tell those who asked for it and who let it in, but not the person who took it out."""
    by = change.undo.approved_by if change.undo else None
    people = dict.fromkeys((change.requester.id, *(given.by.id for given in change.approvals)))
    known = {change.requester.id: change.requester} | {given.by.id: given.by for given in change.approvals}
    pinged = " ".join(text.mention(known[one]) for one in people if by is None or one != by.id)
    who = text.name(by) if by else "Someone on GitHub"
    return f"{pinged} :leftwards_arrow_with_hook: {title} is out again: {who} undid it.".strip()


def _asks_to_leave(change: Change, ana: str) -> str:
    title = f"“{text.line(facts.title(change), 120)}”"
    if change.passable:
        return f"{ana} :lock: I stopped {title}: {text.line(change.passable[0], 250)} Needs {allower(change)}."
    return f"{ana} :lock: {title} needs {allower(change)} before GitHub runs it. {would_run(change)}"


def _no_longer(change: Change, moment: Moment, title: str) -> str:
    """Say what is no longer as people saw it: to who asked, and to those whose yes no longer counts."""
    ana = text.mention(change.requester)
    if moment == "head_moved":
        return f"{ana} :warning: {title}: {text.line(change.void, 200)} I'm checking it again."
    if moment == "ci_failed":
        failed = ", ".join(text.line(run.name, 60) for run in ci.failing(change.ci)[:3]) if change.ci else ""
        return f"{ana} :x: {title}: {failed or 'a check'} failed on GitHub. Ask for changes, or discard it."
    people = " ".join(dict.fromkeys(text.mention(who) for who in (change.requester, *change.voided)))
    return f"{people} :warning: {title} is not merged. {text.line(change.void, 300)}"


def _undo_ready(change: Change, title: str) -> str:
    undo = change.undo
    asker = text.mention(undo.by) if undo else text.mention(change.requester)
    if undo and undo.ci and undo.ci.state == "red":
        return f"{asker} :x: The undo of {title} failed its checks. An engineer has to look."
    return f"{asker} :rewind: The undo of {title} is ready. One more yes takes it out."
