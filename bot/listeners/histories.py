"""A message as a history holds it, as the delivery that Slack would have sent of it.

Law: only what a delivery would have said is carried over; what is read later (replies, reactions) was not known then.
"""

from __future__ import annotations

from typing import Any

from bot.listeners.services import Identity

Doc = dict[str, Any]
_CARRIED = ("user", "text", "ts", "thread_ts", "parent_user_id", "subtype", "hidden", "edited", "bot_id", "bot_profile")
_CHANNEL_TYPE = {"im": "im", "private_channel": "group", "public_channel": "channel"}


def delivery_of(me: Identity, place: Doc, message: Doc) -> Doc:
    """Return the body of a `message` event. It names no event id: it is kept by its message alone."""
    event = {key: message[key] for key in _CARRIED if message.get(key) is not None}
    if event.get("thread_ts") == event.get("ts"):  # it had no replies when it was said
        event.pop("thread_ts", None)
    files = [{"name": one.get("name")} for one in message.get("files") or () if isinstance(one, dict)]
    if files:
        event["files"] = files
    event |= {"type": "message", "channel": str(place["id"]), "channel_type": _CHANNEL_TYPE[kind_of(place)]}
    return {
        "type": "event_callback",
        "team_id": me.team_id,
        "api_app_id": me.app_id,
        "event_time": int(ts_of(message)),
        "event": event | {"event_ts": event.get("ts")},
        "authorizations": [{"team_id": me.team_id, "user_id": me.bot_user_id, "is_bot": True}],
    }


def kind_of(place: Doc) -> str:
    """Return the kind of a conversation, in the words of `conversations.list`."""
    return "im" if place.get("is_im") else "private_channel" if place.get("is_private") else "public_channel"


def in_thread(message: Doc) -> bool:
    """Return whether it is a reply."""
    return bool(message.get("thread_ts")) and message["thread_ts"] != message.get("ts")


def ts_of(message: Doc) -> float:
    """Return when it was said, in seconds of the epoch."""
    return number(message.get("ts"))


def number(ts: Any) -> float:
    """Return a timestamp of Slack's as a number; 0.0 for anything else."""
    try:
        return float(ts)
    except (TypeError, ValueError):
        return 0.0
