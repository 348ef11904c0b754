"""Which phones buzz when something is said.

Law: new messages notify, edits and ephemeral messages never do, as in Slack.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playground.slack.state import Doc

if TYPE_CHECKING:
    from playground.slack.workspace import Workspace

BROADCAST = re.compile(r"<!(?:here|channel|everyone)(?:\|[^>]*)?>")
EMPHASIS = re.compile(r"(?<!\w)([*_~])(?=\S)([^*_~\n]+?)(?<=\S)\1(?!\w)")
LENGTH = 180


def notify(workspace: Workspace, channel: Doc, doc: Doc) -> None:
    """Tell each member whom this concerns: a direct message, a mention, a reply in a thread they are part of."""
    author = workspace.user(doc["user"]) or {"name": "", "real_name": "Someone"}
    for member in channel["members"]:
        reason = _reason(workspace, channel, doc, member)
        if reason is None or member in (doc["user"], workspace.config.bot_user_id):
            continue
        where = "" if channel.get("is_im") else f" in #{channel['name']}"
        note: Doc = {"user": member, "channel": channel["id"], "ts": doc["ts"], "thread_ts": doc.get("thread_ts")}
        note |= {
            "author": doc["user"],
            "title": author["real_name"] + where,
            "text": _plain(workspace, doc),
            "reason": reason,
        }
        note["id"] = workspace.state.add_notification(member, note)
        workspace.bus.publish("notification", to=member, notification=note)


def _reason(workspace: Workspace, channel: Doc, doc: Doc, member: str) -> str | None:
    if channel.get("is_im"):
        return "direct_message"
    if f"<@{member}>" in doc["text"] or BROADCAST.search(doc["text"]):
        return "mention"
    if doc.get("thread_ts"):
        earlier = [said for said in workspace.state.thread(channel["id"], doc["thread_ts"]) if said["ts"] < doc["ts"]]
        if any(said["user"] == member or f"<@{member}>" in said["text"] for said in earlier):
            return "thread_reply"
    return None


def _plain(workspace: Workspace, doc: Doc) -> str:
    """Return what a lock screen shows: the fallback text, without Slack's markup."""

    def token(found: re.Match[str]) -> str:
        kind, rest, label = found.group(1), found.group(2), found.group(3)
        if kind == "@":
            user = workspace.user(rest)
            return "@" + (label or (user["real_name"] if user and user["is_bot"] else user["name"] if user else rest))
        return ("#" if kind == "#" else "@" if kind == "!" else "") + (label or rest)

    text = re.sub(r"<([@#!]?)([^|>]+)(?:\|([^>]*))?>", token, doc["text"])
    text = EMPHASIS.sub(r"\2", text)
    for escaped, char in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(escaped, char)
    return text if len(text) <= LENGTH else text[: LENGTH - 1] + "…"
