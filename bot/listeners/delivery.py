"""Persist, then acknowledge: what is worth keeping, under which key, and what happens to it after its listener ran.

Law: an event of ours is committed before Slack hears 200. Only a delivery that cannot matter is answered without a row.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncBoltContext

from bot.cards.answers import broken
from bot.listeners import slack_errors
from bot.listeners.services import EphemeralReply, Services
from bot.store import StoreDown

log = structlog.get_logger("listeners")
Body = dict[str, Any]
KEPT = "shipmate_delivery"
"""Key of the context under which a replayed delivery carries its row; no request can set it."""

DONE = "shipmate_done"
"""Key of the context under which a future waits for the end of the listener; no request can set it either."""

REPEATED_WITHIN = 10.0
"""Seconds in which a repeated delivery is taken to be still in hand."""

MESSAGES = frozenset({"app_mention", "message"})
_LONGEST_ID = 150
REWRITTEN = frozenset({"message_changed", "message_deleted"})
"""Subtypes of events about an earlier message."""
_SPOKEN = frozenset({None, "file_share", "thread_broadcast", "me_message"})


@dataclass(frozen=True)
class Incoming:
    """A delivery on its way to a handler."""

    body: Body
    services: Services


Handler = Callable[[Incoming], Awaitable[None]]


def attended(services: Services, handler: Handler) -> Callable[..., Awaitable[None]]:
    """Return a Bolt listener around a handler: handle, answer whatever fails, and tick the delivery off."""

    async def listener(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        await ack()
        row = context.get(KEPT)
        try:
            await heard(body, row)
        finally:
            ended = context.get(DONE)
            if ended is not None and not ended.done():
                ended.set_result(None)

    async def heard(body: Body, row: int | None) -> None:
        try:
            await handler(Incoming(body, services))
        except StoreDown as down:
            # The row stays open: it is dealt with as soon as the database is back.
            log.error("listener_waits_for_store", handler=handler.__name__, error=str(down)[:200])
            return
        except Exception as error:
            if slack_errors.passing(error) and row is not None:
                # Slack is in trouble, not we: what was recorded stays, and the answer is given at the next replay.
                log.warning("listener_waits_for_slack", handler=handler.__name__, error=repr(error)[:200])
                return
            reference = uuid.uuid4().hex[:8]
            services.metrics.failures.inc()
            log.exception("listener_failed", handler=handler.__name__, reference=reference, error=repr(error)[:200])
            await _apologise(services, body, reference)
        finally:
            services.in_flight.discard(row or 0)
        if row is not None:
            services.store.deliveries.done(row)

    return listener


async def _apologise(services: Services, body: Body, reference: str) -> None:
    reply = ephemeral_reply_to(body)
    if reply is None:
        return
    try:
        await reply.say(services.client, broken(reference))
    except Exception as error:  # there is nobody left to tell but the log
        log.warning("nobody_could_be_told", reference=reference, error=repr(error)[:200])


def ephemeral_reply_to(body: Body) -> EphemeralReply | None:
    """Return where the person behind a delivery can be answered, or None where there is no person."""
    event = body.get("event") or {}
    user = _text(event.get("user")) or _text(_dict(body.get("user")).get("id")) or _text(body.get("user_id"))
    if not user:
        return None
    container, message = _dict(body.get("container")), _dict(body.get("message"))
    channel = (
        _text(event.get("channel"))
        or _text(_dict(body.get("channel")).get("id"))
        or _text(body.get("channel_id"))
        or _text(container.get("channel_id"))
    )
    thread = _text(event.get("thread_ts")) or _text(container.get("thread_ts")) or _text(message.get("thread_ts"))
    return EphemeralReply(channel, user, thread or None, _text(body.get("response_url")) or None)


def needs_row(body: Body) -> bool:
    """Return whether losing it would lose something a person did."""
    if body.get("type") == "event_callback":
        return _dict(body.get("event")).get("type") in MESSAGES
    return body.get("type") in {"block_actions", "view_submission", "message_action"} or "command" in body


def ignorable(body: Body, bot_user_id: str) -> bool:
    """Return whether an event is nobody's wish: what bots say or edit, our own echo, talk outside of threads."""
    if body.get("type") != "event_callback":
        return False
    event = _dict(body.get("event"))
    if event.get("type") not in MESSAGES:
        return event.get("type") != "app_home_opened"
    if event.get("subtype") in REWRITTEN:
        before = _dict(event.get("previous_message"))
        return bool(before.get("bot_id")) or before.get("user") in {None, bot_user_id}
    if event.get("subtype") not in _SPOKEN or event.get("hidden") or event.get("edited"):
        return True
    if event.get("bot_id") or event.get("bot_profile") or not event.get("user") or event.get("user") == bot_user_id:
        return True
    if not (_text(event.get("channel")) and _text(event.get("ts"))):
        return True
    return not event.get("thread_ts") and not spoken_to(event, bot_user_id)


def overheard(body: Body, bot_user_id: str) -> bool:
    """Return whether a delivery is a message that does not seem to be meant for us, such as a reply in a thread."""
    event = _dict(body.get("event"))
    if event.get("subtype") in REWRITTEN:  # a few, and each is looked up by the message that it is about
        return False
    return event.get("type") in MESSAGES and not spoken_to(event, bot_user_id)


def spoken_to(event: Body, bot_user_id: str) -> bool:
    """Return whether a message seems to be meant for us: a mention, or a direct message."""
    direct = event.get("channel_type") == "im" or _text(event.get("channel")).startswith("D")
    return direct or event["type"] == "app_mention" or f"<@{bot_user_id}" in _text(event.get("text"))


def key_of(body: Body) -> str:
    """Return the key of a delivery, the same however often and by whichever way it comes."""
    if isinstance(body.get("event_id"), str) and 0 < len(body["event_id"]) <= _LONGEST_ID:
        return f"event:{body['event_id']}"
    kind = body.get("type") or "command"
    if isinstance(body.get("trigger_id"), str) and 0 < len(body["trigger_id"]) <= _LONGEST_ID:
        return f"{kind}:{body['trigger_id']}"
    return f"{kind}:{hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()}"


def _dict(value: Any) -> Body:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
