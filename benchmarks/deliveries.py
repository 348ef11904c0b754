"""Deliveries as Slack sends them: an Events API body, signed, as one ready HTTP request.

Law: bodies look like real ones (an envelope of about 1 KB), and no two have the same event id.
"""

from __future__ import annotations

import json
import time
from typing import Any

from playground.slack.config import ANA, TILL, SlackStandInConfig
from playground.slack.request_url import USER_AGENT, sign

_APP = SlackStandInConfig.app_id
_TEAM = SlackStandInConfig.team_id
_BOT = SlackStandInConfig.bot_user_id


def reply(prefix: str, number: int) -> dict[str, Any]:
    """Return a reply in a thread that is none of ours: kept, looked up, and then silence."""
    thread = f"{1_700_000_000 + number % 500}.000100"
    text = "Sounds good to me, let us look at it again after lunch. I will bring the numbers of last week."
    return _envelope(prefix, number, {"type": "message", "text": text, "thread_ts": thread, "channel_type": "channel"})


def mention(prefix: str, number: int) -> dict[str, Any]:
    """Return a mention that opens a change."""
    return _envelope(
        prefix, number, {"type": "app_mention", "text": f"<@{_BOT}> make the total include tax ({number})"}
    )


def request(body: dict[str, Any], secret: str, host: str, path: str) -> bytes:
    """Return one keep-alive POST, signed now."""
    content, stamp = json.dumps(body).encode(), int(time.time())
    lines = (
        f"POST {path} HTTP/1.1",
        f"Host: {host}",
        f"User-Agent: {USER_AGENT}",
        "Accept-Encoding: gzip,deflate",
        "Accept: */*",
        f"X-Slack-Signature: {sign(secret, stamp, content)}",
        f"X-Slack-Request-Timestamp: {stamp}",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def _envelope(prefix: str, number: int, said: dict[str, Any]) -> dict[str, Any]:
    moment = f"{int(time.time())}.{number:06d}"
    blocks = [
        {
            "type": "rich_text",
            "block_id": f"b{number}",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": said["text"]}]}],
        }
    ]
    event = {
        **said,
        "user": ANA.id,
        "ts": moment,
        "client_msg_id": f"0000{number:08d}-bench",
        "team": _TEAM,
        "blocks": blocks,
        "channel": TILL.id,
        "event_ts": moment,
    }
    return {
        "token": "verification-token",
        "team_id": _TEAM,
        "context_team_id": _TEAM,
        "context_enterprise_id": None,
        "api_app_id": _APP,
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{prefix}{number:07d}",
        "event_time": int(time.time()),
        "authorizations": [
            {"enterprise_id": None, "team_id": _TEAM, "user_id": _BOT, "is_bot": True, "is_enterprise_install": False}
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-bench-{prefix}{number}",
    }
