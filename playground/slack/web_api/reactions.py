"""reactions.*: emoji under messages.

Law: one reaction of a kind per person and message.
"""

from __future__ import annotations

import re

from playground.slack.state import Doc
from playground.slack.web_api.registry import ApiError, Call, method

NAME = re.compile(r"[a-z0-9_+'-]{1,100}(::skin-tone-[2-6])?")


def _change(call: Call, add: bool) -> Doc:
    channel = call.channel(member="not_in_channel" if add else None)
    name = call.text("name").strip(":")
    if not NAME.fullmatch(name):
        raise ApiError("invalid_name")
    message = call.message(channel, call.text("timestamp"))
    if not call.parts.workspace.react(channel, message["ts"], name, call.parts.config.bot_user_id, add):
        raise ApiError("already_reacted" if add else "no_reaction")
    return {}


@method(
    "reactions.add",
    scopes="reactions:write",
    required="channel name timestamp",
    refuses="already_reacted, message_not_found, invalid_name, not_in_channel",
)
async def add(call: Call) -> Doc:
    return _change(call, True)


@method(
    "reactions.remove",
    scopes="reactions:write",
    required="channel name timestamp",
    refuses="no_reaction, message_not_found, invalid_name",
)
async def remove(call: Call) -> Doc:
    return _change(call, False)


@method(
    "reactions.get", scopes="reactions:read", required="channel timestamp", optional="full", refuses="message_not_found"
)
async def get(call: Call) -> Doc:
    channel = call.channel(member=None)
    message = call.message(channel, call.text("timestamp"))
    shown = call.parts.workspace.present(channel["id"], message, metadata=False)
    return {"type": "message", "channel": channel["id"], "message": shown}
