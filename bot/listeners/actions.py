"""Presses: every button of a card, and of the notices in its thread.

Law: a button's value is only a name. Change, place and meaning are looked up, and a press outside of the thread of the
change itself counts for nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from bot.cards import text
from bot.cards.answers import KEEP_GOING
from bot.cards.modals import ask_for_changes
from bot.domain import ids
from bot.domain.actor import Actor
from bot.domain.change import Change
from bot.domain.events import (
    Answered,
    ApprovePressed,
    ClosePressed,
    Press,
    PublishAllowed,
    RepositoryChosen,
    RetryPressed,
    StopPressed,
    UndoApprovePressed,
    UndoPressed,
)
from bot.domain.rules import Refusal
from bot.listeners import slack_errors
from bot.listeners.delivery import Incoming, attended, ephemeral_reply_to
from bot.listeners.services import EphemeralReply, Services

OPENS_A_PAGE = re.compile(r"(open_build:\d{1,2}|view_pull)")
DECIDES = frozenset({"approve", "allow", "undo_approve", "close", "undo"})


@dataclass(frozen=True)
class Pressed:
    """A press that belongs to the card it was made on."""

    change: Change
    seen: str
    action_id: str
    label: str
    key: str


def register(app: AsyncApp, services: Services) -> None:
    """Register one listener for all, so that an unknown button is answered too."""
    app.action(re.compile(r".*", re.S))(attended(services, press))


async def press(incoming: Incoming) -> None:
    """Turn a tap into an event, or into a sentence that says why not."""
    services, body = incoming.services, incoming.body
    action = (body.get("actions") or [{}])[0]
    action_id = str(action.get("action_id") or "")
    if OPENS_A_PAGE.fullmatch(action_id):
        return
    reply = ephemeral_reply_to(body)
    if reply is None:
        return
    pressed = await _belonging(services, body, action, action_id)
    if pressed is None:
        await services.refuse(Refusal(code="outdated"), None, reply)
        return
    if (body.get("container") or {}).get("is_ephemeral"):
        await reply.take_back()
    if action_id == KEEP_GOING:
        return
    if action_id == "ask_changes":
        await _ask_changes(services, body, pressed, reply)
        return
    actor = await services.people.presser(reply.user, reply.channel, decides=action_id in DECIDES)
    event = meaning(pressed, actor)
    if event is None:
        await services.refuse(Refusal(code="outdated"), pressed.change, reply)
        return
    recorded = await services.record(pressed.change, event, pressed.key)
    if recorded.refusal:
        await services.refuse(recorded.refusal, recorded.change, reply)


def meaning(pressed: Pressed, by: Actor) -> Press | None:
    """Return the event of a press; None for a button that this card does not have (any more)."""
    verb, numbered, number = pressed.action_id.partition(":")
    if bool(numbered) != (verb in {"choose_repository", "answer"}):
        return None
    match verb:
        case "approve":
            return ApprovePressed(by=by, seen=pressed.seen)
        case "allow":
            return PublishAllowed(by=by, seen=pressed.seen)
        case "close":
            return ClosePressed(by=by, seen=pressed.seen)
        case "undo":
            return UndoPressed(by=by, seen=pressed.seen)
        case "undo_approve":
            return UndoApprovePressed(by=by, seen=pressed.seen)
        case "stop":
            return StopPressed(by=by)
        case "retry":
            return RetryPressed(by=by)
        case "choose_repository":
            option = _option(pressed.change, pressed.label, number, {"repository"})
            return RepositoryChosen(by=by, repository=option) if option is not None else None
        case "answer":
            option = _option(pressed.change, pressed.label, number, {"work", "budget"})
            return Answered(by=by, text=option) if option is not None else None
    return None


def _option(change: Change, label: str, number: str, about: set[str]) -> str | None:
    """Return the whole text of the pressed option, where the question is still the one that was on the card."""
    question = change.question
    if question is None or question.about not in about or not re.fullmatch(r"\d{1,2}", number):
        return None
    if int(number) >= len(question.options):
        return None
    option = question.options[int(number)]
    return option if label in {"", text.plain(option, 75) or "–"} else None


async def _belonging(
    services: Services, body: dict[str, Any], action: dict[str, Any], action_id: str
) -> Pressed | None:
    """Return the press with its change, or None where the button is not one on the card of that change."""
    named = ids.read_press_value(str(action.get("value") or ""))
    change = await services.change(named[0]) if named else None
    if named is None or change is None:
        return None
    container, message = body.get("container") or {}, body.get("message") or {}
    channel = str((body.get("channel") or {}).get("id") or container.get("channel_id") or "")
    ts = str(container.get("message_ts") or message.get("ts") or "")
    thread = str(message.get("thread_ts") or container.get("thread_ts") or "")
    at_home = change.place.team == services.identity.team_id and channel == change.place.channel
    if not at_home or not (ts == change.card_ts or thread == change.place.thread_ts):
        return None
    key = f"press:{action.get('action_ts')}:{(body.get('user') or {}).get('id')}:{action_id}"
    return Pressed(change, named[1], action_id, str((action.get("text") or {}).get("text") or ""), key)


async def _ask_changes(services: Services, body: dict[str, Any], pressed: Pressed, reply: EphemeralReply) -> None:
    """Open the form at once (Slack allows three seconds); who may send it is asked when it is sent."""
    try:
        await services.client.views_open(trigger_id=str(body.get("trigger_id")), view=ask_for_changes(pressed.change))
    except SlackApiError as error:
        if slack_errors.code(error) not in {"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"}:
            raise
        await services.refuse(Refusal(code="outdated"), pressed.change, reply)
