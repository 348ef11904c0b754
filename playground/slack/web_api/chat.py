"""chat.*: what the app says.

Law: the app changes and deletes only its own messages, and speaks only where it is a member.
"""

from __future__ import annotations

from playground.slack.state import Doc
from playground.slack.web_api.content import message_fields
from playground.slack.web_api.registry import ApiError, Call, method
from playground.slack.workspace import bot_message

SHOWN = "text blocks attachments markdown_text parse link_names"
CUSTOM = "username icon_emoji icon_url"


def _customised(call: Call) -> Doc:
    if any(name in call.args for name in CUSTOM.split()):
        call.need("chat:write.customize")
    return {name: call.args[name] for name in CUSTOM.split() if name in call.args}


def _root(call: Call, channel: Doc) -> str | None:
    thread_ts = call.text("thread_ts")
    if not thread_ts:
        return None
    root = call.parts.state.message(channel["id"], thread_ts)
    if root is None:
        raise ApiError("thread_not_found")
    if root.get("thread_ts") not in (None, thread_ts):
        raise ApiError("cannot_reply_to_message")
    return thread_ts


def _own(call: Call, channel: Doc, word: str) -> Doc:
    message = call.message(channel, call.text("ts"))
    if message["user"] != call.parts.config.bot_user_id:
        raise ApiError(word)
    return message


@method(
    "chat.postMessage",
    scopes="chat:write",
    required="channel",
    optional=f"{SHOWN} {CUSTOM} thread_ts reply_broadcast unfurl_links unfurl_media mrkdwn metadata as_user",
    refuses="channel_not_found, not_in_channel, no_text, msg_too_long, invalid_blocks, msg_blocks_too_long,"
    " thread_not_found, cannot_reply_to_message, invalid_metadata_format, markdown_text_conflict",
)
async def post_message(call: Call) -> Doc:
    channel = call.channel()
    thread_ts = _root(call, channel)
    fields = message_fields(call) | _customised(call)
    if thread_ts and call.flag("reply_broadcast"):
        fields["subtype"] = "thread_broadcast"
    if not call.flag("mrkdwn", True):
        fields["mrkdwn"] = False
    doc = call.parts.workspace.post(channel, bot_message(call.parts.config, fields), thread_ts)
    return {"channel": channel["id"], "ts": doc["ts"], "message": doc}


@method(
    "chat.update",
    scopes="chat:write",
    required="channel ts",
    optional=f"{SHOWN} metadata as_user reply_broadcast file_ids",
    refuses="message_not_found, cant_update_message, no_text, msg_too_long, invalid_blocks",
)
async def update(call: Call) -> Doc:
    channel = call.channel(member="channel_not_found")
    message = _own(call, channel, "cant_update_message")
    fields = message_fields(call, clear="text" in call.args or "blocks" in call.args or "markdown_text" in call.args)
    doc = call.parts.workspace.edit(channel, message["ts"], fields, call.parts.config.bot_user_id)
    return {"channel": channel["id"], "ts": doc["ts"], "text": doc["text"], "message": doc}


@method(
    "chat.delete",
    scopes="chat:write",
    required="channel ts",
    optional="as_user",
    refuses="message_not_found, cant_delete_message",
)
async def delete(call: Call) -> Doc:
    channel = call.channel(member="channel_not_found")
    message = _own(call, channel, "cant_delete_message")
    call.parts.workspace.delete(channel, message["ts"])
    return {"channel": channel["id"], "ts": message["ts"]}


@method(
    "chat.postEphemeral",
    scopes="chat:write",
    required="channel user",
    optional=f"{SHOWN} {CUSTOM} thread_ts as_user",
    refuses="user_not_in_channel, not_in_channel, channel_not_found, no_text, invalid_blocks",
)
async def post_ephemeral(call: Call) -> Doc:
    channel = call.channel()
    user = call.user()
    if user["id"] not in channel["members"]:
        raise ApiError("user_not_in_channel")
    fields = message_fields(call) | _customised(call)
    message = bot_message(call.parts.config, fields)
    doc = call.parts.workspace.whisper(channel, user["id"], message, _root(call, channel))
    return {"message_ts": doc["ts"]}


@method("chat.getPermalink", required="channel message_ts", refuses="channel_not_found, message_not_found")
async def get_permalink(call: Call) -> Doc:
    channel = call.channel(member="channel_not_found")
    message = call.message(channel, call.text("message_ts"))
    config = call.parts.config
    link = f"{config.public_url.rstrip('/')}/archives/{channel['id']}/p{message['ts'].replace('.', '')}"
    thread = message.get("thread_ts")
    if thread and thread != message["ts"]:
        link += f"?thread_ts={thread}&cid={channel['id']}"
    return {"channel": channel["id"], "permalink": link}
