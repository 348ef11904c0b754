"""What a person with a phone can do, by name.

Law: a person reaches only what Slack would show them: their conversations, their own messages, their own modals.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable

from playground.slack.events import new_id
from playground.slack.parts import Parts
from playground.slack.state import Doc
from playground.slack.values import NotOffered
from playground.slack.web_api.files import file_object

LONGEST_MESSAGE = 12_000
LARGEST_FILE = 5_000_000


class Refused(Exception):
    """The phone cannot do that; the sentence says why."""


def person(parts: Parts, body: Doc) -> Doc:
    found = parts.workspace.user(str(body.get("as", "")))
    if found is None or found["is_bot"]:
        raise Refused(f"nobody here is called {str(body.get('as'))[:40]!r}")
    return found


def room(parts: Parts, user: Doc, body: Doc) -> Doc:
    """Return the conversation by id, `#name`, or `dm` for the one with the bot."""
    key = str(body.get("channel", ""))
    found = parts.workspace.dm(user["id"]) if key == "dm" else parts.workspace.channel(key)
    if found is None or user["id"] not in found["members"]:
        raise Refused(f"{user['name']} is in no conversation {key[:40]!r}")
    return found


def text_of(body: Doc, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Refused(f"{name} is missing")
    return value


async def say(parts: Parts, body: Doc) -> Doc:
    user = person(parts, body)
    channel = room(parts, user, body)
    text = text_of(body, "text")
    if len(text) > LONGEST_MESSAGE:
        raise Refused(f"a message has at most {LONGEST_MESSAGE} characters")
    thread_ts = body.get("thread_ts")
    if thread_ts and parts.state.message(channel["id"], str(thread_ts)) is None:
        raise Refused("there is no such thread")
    doc = parts.workspace.said(user, channel, text, thread_ts)
    return {"channel": channel["id"], "ts": doc["ts"], "message": doc}


async def press(parts: Parts, body: Doc) -> Doc:
    return await parts.interactivity.send(press_payload(parts, body))


def press_payload(parts: Parts, body: Doc) -> Doc:
    """Return the payload that this tap would send."""
    user = person(parts, body)
    action_id, block_id = text_of(body, "action_id"), body.get("block_id")
    picked, values = body.get("value"), body.get("values") or {}
    if view_id := body.get("view_id"):
        home = parts.state.get("home", user["id"])
        found = parts.views.find(str(view_id), None)
        view = home if home and home["id"] == view_id else found[1] if found and found[0] == user["id"] else None
        if view is None:
            raise Refused("that view is not open")
        return parts.interactivity.view_press_payload(user, view, action_id, block_id, picked, values)
    channel = room(parts, user, body)
    ts = text_of(body, "message_ts")
    return parts.interactivity.press_payload(user, channel, ts, action_id, block_id, picked, values)


async def submit(parts: Parts, body: Doc) -> Doc:
    user = person(parts, body)
    stack = parts.views.stack(user["id"])
    if not stack or body.get("view_id") not in (None, stack[-1]["id"]):
        raise Refused("that view is not open on top")
    return await parts.interactivity.submit(user, stack[-1], body.get("values") or {})


async def close_view(parts: Parts, body: Doc) -> Doc:
    return await parts.interactivity.close(person(parts, body), bool(body.get("everything")))


async def shortcut(parts: Parts, body: Doc) -> Doc:
    user = person(parts, body)
    channel = room(parts, user, body)
    ts, callback_id = text_of(body, "message_ts"), text_of(body, "callback_id")
    return await parts.interactivity.send(parts.interactivity.shortcut_payload(user, channel, ts, callback_id))


async def command(parts: Parts, body: Doc) -> Doc:
    user = person(parts, body)
    channel = room(parts, user, body)
    return await parts.interactivity.command(user, channel, text_of(body, "command"), str(body.get("text") or ""))


def _own(parts: Parts, body: Doc) -> tuple[Doc, Doc, Doc]:
    user = person(parts, body)
    channel = room(parts, user, body)
    message = parts.state.message(channel["id"], text_of(body, "message_ts"))
    if message is None or message["user"] != user["id"]:
        raise Refused("that is not a message of theirs")
    return user, channel, message


async def edit(parts: Parts, body: Doc) -> Doc:
    user, channel, message = _own(parts, body)
    return {"message": parts.workspace.typed_edit(user, channel, message["ts"], text_of(body, "text"))}


async def delete(parts: Parts, body: Doc) -> Doc:
    _, channel, message = _own(parts, body)
    parts.workspace.delete(channel, message["ts"])
    return {}


async def react(parts: Parts, body: Doc) -> Doc:
    user = person(parts, body)
    channel = room(parts, user, body)
    ts, name = text_of(body, "message_ts"), text_of(body, "name").strip(":")
    if parts.state.message(channel["id"], ts) is None:
        raise Refused("there is no such message")
    there = any(
        user["id"] in found["users"] for found in parts.state.reactions(channel["id"], ts) if found["name"] == name
    )
    parts.workspace.react(channel, ts, name, user["id"], not there)
    return {"added": not there}


async def upload(parts: Parts, body: Doc) -> Doc:
    """Share a file as a person: `name`, `content_base64`, and a text or none."""
    user = person(parts, body)
    channel = room(parts, user, body)
    try:
        content = base64.b64decode(str(body.get("content_base64", "")), validate=True)
    except binascii.Error:
        raise Refused("content_base64 is not base64") from None
    if not 0 < len(content) <= LARGEST_FILE:
        raise Refused(f"a file has 1 to {LARGEST_FILE} bytes")
    key, name = new_id("F"), text_of(body, "name").replace("/", "_")[:120]
    doc = file_object(parts.config.public_url, key, name, len(content), user["id"])
    doc["ims" if channel.get("is_im") else "channels"] = [channel["id"]]
    parts.state.put_blob(key, content)
    parts.state.put("file", key, doc)
    message = parts.workspace.said(user, channel, str(body.get("text") or ""), body.get("thread_ts"), [doc])
    return {"channel": channel["id"], "ts": message["ts"], "file": doc}


async def open_home(parts: Parts, body: Doc) -> Doc:
    tab = str(body.get("tab") or "messages")
    if tab not in ("messages", "home"):
        raise Refused("tab must be messages or home")
    parts.workspace.opened_home(person(parts, body), tab)
    return {}


async def read(parts: Parts, body: Doc) -> Doc:
    """Mark a conversation as read up to a message."""
    user = person(parts, body)
    channel = room(parts, user, body)
    parts.state.put("read", f"{user['id']}/{channel['id']}", {"ts": text_of(body, "message_ts")})
    return {}


async def dismiss(parts: Parts, body: Doc) -> Doc:
    """Dismiss an ephemeral message ("Only visible to you")."""
    user = person(parts, body)
    channel = room(parts, user, body)
    found = parts.state.ephemeral(channel["id"], text_of(body, "message_ts"))
    if found and found[0] == user["id"]:
        parts.workspace.unwhisper(channel["id"], user["id"], found[1]["ts"])
    return {}


Act = Callable[[Parts, Doc], Awaitable[Doc]]
ACTS: dict[str, Act] = {
    act.__name__: act
    for act in (
        say,
        press,
        submit,
        close_view,
        shortcut,
        command,
        edit,
        delete,
        react,
        upload,
        open_home,
        read,
        dismiss,
    )
}


async def perform(parts: Parts, name: str, body: Doc) -> Doc:
    """Do it. Raises Refused."""
    act = ACTS.get(name)
    if act is None:
        raise Refused(f"a phone cannot {name[:40]!r}")
    try:
        return {"ok": True} | await act(parts, body)
    except NotOffered as problem:
        raise Refused(str(problem)) from None
