"""The bodies of Events API deliveries, in Slack's shape.

Law: which events the app gets is decided by its manifest's events and scopes, never by what it would like.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

from playground.slack.config import SlackStandInConfig

Doc = dict[str, Any]

# Event subscription -> the scope without which Slack sends nothing.
NEEDED_SCOPE = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "app_home_opened": None,
}
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def new_id(prefix: str, length: int = 10) -> str:
    """Return an id in Slack's look: a letter or two and capitals and digits."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(length - len(prefix) + 1))


def channel_type(channel: Doc) -> str:
    return "im" if channel.get("is_im") else "group" if channel.get("is_private") else "channel"


def subscription(event: Doc) -> str:
    """Return the manifest's name of the subscription that carries this event."""
    if event["type"] != "message":
        return str(event["type"])
    return "message." + {"channel": "channels", "group": "groups", "im": "im"}[event["channel_type"]]


def wanted(config: SlackStandInConfig, event: Doc) -> bool:
    """Return whether the app subscribed to it and holds the scope for it."""
    name = subscription(event)
    scope = NEEDED_SCOPE[name]
    return name in config.events and (scope is None or scope in config.scopes)


def envelope(config: SlackStandInConfig, event: Doc, shared_channel: bool = False) -> Doc:
    """Return an `event_callback` body with a fresh `event_id`."""
    authorization = {
        "enterprise_id": None,
        "team_id": config.team_id,
        "user_id": config.bot_user_id,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": "verification-token-is-not-used",
        "team_id": config.team_id,
        "context_team_id": config.team_id,
        "context_enterprise_id": None,
        "api_app_id": config.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": new_id("Ev", 12),
        "event_time": int(time.time()),
        "authorizations": [authorization],
        "is_ext_shared_channel": shared_channel,
        "event_context": "4-" + secrets.token_hex(16),
    }
