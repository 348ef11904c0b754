"""Says which phones buzz when something is said.

Law: new messages notify, edits and ephemeral messages never do, as in Slack.
"""

from __future__ import annotations

import re

from playground.slack.bus import Bus
from playground.slack.state import Doc, State

BROADCAST = re.compile(r"<!(?:here|channel|everyone)(?:\|[^>]*)?>")
EMPHASIS = re.compile(r"(?<!\w)([*_~])(?=\S)([^*_~\n]+?)(?<=\S)\1(?!\w)")
LENGTH = 180


def notify(state: State, bus: Bus, bot_user_id: str, channel: Doc, doc: Doc) -> None:
    """Tell each member whom this concerns: a direct message, a mention, a reply in a thread they are part of."""
    author = state.get("user", doc["user"]) or {"name": "", "real_name": "Someone"}
    for member in channel["members"]:
        reason = _reason(state, channel, doc, member)
        if reason is None or member in (doc["user"], bot_user_id):
            continue
        where = "" if channel.get("is_im") else f" in #{channel['name']}"
        note: Doc = {"user": member, "channel": channel["id"], "ts": doc["ts"], "thread_ts": doc.get("thread_ts")}
        note |= {
            "author": doc["user"],
            "title": author["real_name"] + where,
            "text": _plain(state, doc),
            "reason": reason,
        }
        note["id"] = state.add_notification(member, note)
        bus.publish("notification", to=member, notification=note)


def _reason(state: State, channel: Doc, doc: Doc, member: str) -> str | None:
    if channel.get("is_im"):
        return "direct_message"
    if f"<@{member}>" in doc["text"] or BROADCAST.search(doc["text"]):
        return "mention"
    if doc.get("thread_ts"):
        earlier = [said for said in state.thread(channel["id"], doc["thread_ts"]) if said["ts"] < doc["ts"]]
        if any(said["user"] == member or f"<@{member}>" in said["text"] for said in earlier):
            return "thread_reply"
    return None


def _plain(state: State, doc: Doc) -> str:
    """Return what a lock screen shows: the fallback text, without Slack's markup."""

    def token(found: re.Match[str]) -> str:
        kind, rest, label = found.group(1), found.group(2), found.group(3)
        if kind == "@":
            user = state.get("user", rest)
            return "@" + (label or (user["real_name"] if user and user["is_bot"] else user["name"] if user else rest))
        return ("#" if kind == "#" else "@" if kind == "!" else "") + (label or rest)

    text = re.sub(r"<([@#!]?)([^|>]+)(?:\|([^>]*))?>", token, doc["text"])
    text = EMPHASIS.sub(r"\2", text)
    for escaped, char in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(escaped, char)
    return text if len(text) <= LENGTH else text[: LENGTH - 1] + "…"
