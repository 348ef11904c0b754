"""The workspace itself: who is in it, what was said, and what follows from saying it.

Law: every change of a message goes through here, so that state, phone pages and deliveries never disagree.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playground.slack import seed
from playground.slack.bus import Bus
from playground.slack.config import SlackStandInConfig
from playground.slack.events import channel_type, envelope, new_id, wanted
from playground.slack.notifications import notify
from playground.slack.state import Doc, State
from playground.slack.typing_in import compose


class Workspace:
    """`deliver` is given each Events API body the app is due; it must not block."""

    def __init__(self, config: SlackStandInConfig, state: State, bus: Bus, deliver: Callable[[Doc], None]) -> None:
        self.config, self.state, self.bus, self._deliver = config, state, bus, deliver
        seed.plant(config, state)

    # Who and where.
    def user(self, key: str) -> Doc | None:
        """Return a user by id or by name (`ana`)."""
        found = self.state.get("user", key)
        return found or next((user for user in self.state.every("user") if user["name"].lower() == key.lower()), None)

    def channel(self, key: str) -> Doc | None:
        """Return a conversation by id or by `#name`."""
        found = self.state.get("channel", key)
        name = key.lstrip("#")
        return found or next((room for room in self.state.every("channel") if room.get("name") == name), None)

    def dm(self, user_id: str) -> Doc | None:
        """Return the bot's direct message with this person."""
        return next((room for room in self.state.every("channel") if room.get("user") == user_id), None)

    # Saying things.
    def said(
        self, user: Doc, channel: Doc, typed: str, thread_ts: str | None = None, files: list[Doc] | None = None
    ) -> Doc:
        """Send what a person typed."""
        people = {person["name"].lower(): person["id"] for person in self.state.every("user")}
        rooms = {room["name"]: room["id"] for room in self.state.every("channel") if room.get("name")}
        text, blocks = compose(typed, people, rooms)
        doc: Doc = {
            "type": "message",
            "user": user["id"],
            "text": text,
            "team": user["team_id"],
            "client_msg_id": new_id("M"),
        }
        if blocks:
            doc["blocks"] = blocks
        if files:
            doc |= {"files": files, "subtype": "file_share", "upload": False}
        if user.get("is_stranger"):
            doc |= {"user_team": user["team_id"], "source_team": user["team_id"]}
        posted = self.post(channel, doc, thread_ts)
        if self._mentions_bot(doc) and self.config.bot_user_id not in channel["members"]:
            absent = f"You mentioned <@{self.config.bot_user_id}>, but they're not in this channel."
            self.whisper(channel, user["id"], {"type": "message", "user": "USLACKBOT", "text": absent}, thread_ts)
        return posted

    def post(self, channel: Doc, doc: Doc, thread_ts: str | None = None) -> Doc:
        """Put a message into a conversation: `doc` has everything but its timestamps."""
        doc = {**doc, "ts": self.state.next_ts()}
        if thread_ts and thread_ts != doc["ts"]:
            doc["thread_ts"] = thread_ts
            root = self.state.message(channel["id"], thread_ts)
            if root and root["user"] != doc["user"]:
                doc["parent_user_id"] = root["user"]
        self.state.save_message(channel["id"], doc)
        self.show(channel, doc["ts"])
        if thread_ts:
            self.show(channel, thread_ts)
        self._tell_app(channel, self._as_event(channel, doc))
        if not channel.get("is_im") and self._mentions_bot(doc) and self.config.bot_user_id in channel["members"]:
            kept = {k: v for k, v in doc.items() if k not in ("subtype", "parent_user_id", "metadata")}
            self._tell_app(channel, {**kept, "type": "app_mention", "channel": channel["id"], "event_ts": doc["ts"]})
        notify(self.state, self.bus, self.config.bot_user_id, channel, doc)
        return doc

    def edit(self, channel: Doc, ts: str, changes: Doc, editor: str) -> Doc:
        """Change a message in place; nobody is notified, as in Slack. A None among the changes takes the field away."""
        before = self.state.message(channel["id"], ts)
        assert before is not None, "callers look the message up first"
        doc = {**before, **changes, "edited": {"user": editor, "ts": self.state.next_ts()}}
        doc = {key: value for key, value in doc.items() if value is not None}
        self.state.save_message(channel["id"], doc)
        self.show(channel, ts)
        self._tell_changed(channel, doc, before)
        return doc

    def typed_edit(self, user: Doc, channel: Doc, ts: str, typed: str) -> Doc:
        """Edit a message as its author."""
        people = {person["name"].lower(): person["id"] for person in self.state.every("user")}
        rooms = {room["name"]: room["id"] for room in self.state.every("channel") if room.get("name")}
        text, blocks = compose(typed, people, rooms)
        return self.edit(channel, ts, {"text": text, "blocks": blocks or None}, user["id"])

    def delete(self, channel: Doc, ts: str) -> None:
        """Delete a message; a thread's root stays as a tombstone while it has replies."""
        before = self.state.message(channel["id"], ts)
        assert before is not None, "callers look the message up first"
        if len(self.state.thread(channel["id"], ts)) > 1:
            doc = {
                "type": "message",
                "subtype": "tombstone",
                "user": "USLACKBOT",
                "hidden": True,
                "ts": ts,
                "thread_ts": ts,
            }
            doc["text"] = "This message was deleted."
            self.state.save_message(channel["id"], doc)
            self.show(channel, ts)
            self._tell_changed(channel, doc, before)
            return
        self.state.remove_message(channel["id"], ts)
        self.bus.publish("message_removed", channel=channel["id"], ts=ts)
        if root := before.get("thread_ts"):
            self.show(channel, root)
        event = {
            "type": "message",
            "subtype": "message_deleted",
            "deleted_ts": ts,
            "previous_message": before,
            "hidden": True,
        }
        self._tell_app(channel, self._stamped(channel, event))

    def whisper(self, channel: Doc, user_id: str, doc: Doc, thread_ts: str | None = None) -> Doc:
        """Show an ephemeral message to one person."""
        doc = {**doc, "ts": self.state.next_ts(), "is_ephemeral": True, "channel": channel["id"]}
        if thread_ts:
            doc["thread_ts"] = thread_ts
        self.state.save_ephemeral(channel["id"], user_id, doc)
        self.bus.publish("ephemeral", to=user_id, channel=channel["id"], message=doc)
        return doc

    def unwhisper(self, channel_id: str, user_id: str, ts: str) -> None:
        self.state.remove_ephemeral(channel_id, ts)
        self.bus.publish("message_removed", to=user_id, channel=channel_id, ts=ts)

    def react(self, channel: Doc, ts: str, name: str, user_id: str, add: bool) -> bool:
        """Add or remove a reaction; False when there was nothing to do."""
        change = self.state.add_reaction if add else self.state.remove_reaction
        done = change(channel["id"], ts, name, user_id)
        if done:
            self.show(channel, ts)
        return done

    # Looking.
    def present(self, channel_id: str, doc: Doc, metadata: bool = True) -> Doc:
        """Return a stored message as the API shows it: with its reactions and, for a root, what its thread holds."""
        shown = {key: value for key, value in doc.items() if metadata or key != "metadata"}
        if reactions := self.state.reactions(channel_id, doc["ts"]):
            shown["reactions"] = reactions
        if doc.get("thread_ts") in (None, doc["ts"]):
            replies = self.state.thread(channel_id, doc["ts"])[1:]
            if replies:
                users = list(dict.fromkeys(reply["user"] for reply in replies))
                shown |= {"thread_ts": doc["ts"], "reply_count": len(replies), "reply_users": users}
                shown |= {"reply_users_count": len(users), "latest_reply": replies[-1]["ts"]}
                shown |= {"is_locked": False, "subscribed": True}
        return shown

    def show(self, channel: Doc, ts: str) -> None:
        """Push a message's present form to the pages."""
        if doc := self.state.message(channel["id"], ts):
            self.bus.publish("message", channel=channel["id"], message=self.present(channel["id"], doc))

    def opened_home(self, user: Doc, tab: str) -> None:
        """Open the app's tab as a person: `messages` or `home`."""
        dm = self.dm(user["id"])
        if dm is None:
            return
        event: Doc = {"type": "app_home_opened", "user": user["id"], "channel": dm["id"], "tab": tab}
        home = self.state.get("home", user["id"])
        if tab == "home" and home:
            event["view"] = home
        self._tell_app(dm, {**event, "event_ts": self.state.next_ts()})

    # Telling the app.
    def _mentions_bot(self, doc: Doc) -> bool:
        return f"<@{self.config.bot_user_id}>" in doc["text"] and doc["user"] != self.config.bot_user_id

    def _stamped(self, channel: Doc, event: Doc) -> Doc:
        at = self.state.next_ts()
        kind = channel_type(channel)
        return {**event, "channel": channel["id"], "channel_type": kind, "ts": at, "event_ts": at}

    def _as_event(self, channel: Doc, doc: Doc) -> Doc:
        kept = {key: value for key, value in doc.items() if key != "metadata"}
        return {**kept, "channel": channel["id"], "channel_type": channel_type(channel), "event_ts": doc["ts"]}

    def _tell_changed(self, channel: Doc, doc: Doc, before: Doc) -> None:
        event = {
            "type": "message",
            "subtype": "message_changed",
            "message": doc,
            "previous_message": before,
            "hidden": True,
        }
        self._tell_app(channel, self._stamped(channel, event))

    def _tell_app(self, channel: Doc, event: Doc) -> None:
        if self.config.bot_user_id not in channel["members"] or not wanted(self.config, event):
            return
        self._deliver(envelope(self.config, event, bool(channel.get("is_ext_shared"))))


def bot_message(config: SlackStandInConfig, fields: dict[str, Any]) -> Doc:
    """Return the part of a message that is the same for everything the app says."""
    profile = {
        "id": config.bot_id,
        "app_id": config.app_id,
        "user_id": config.bot_user_id,
        "name": config.bot_name,
        "icons": {},
        "deleted": False,
        "updated": 0,
        "team_id": config.team_id,
    }
    return {
        "type": "message",
        "user": config.bot_user_id,
        "bot_id": config.bot_id,
        "app_id": config.app_id,
        "team": config.team_id,
        "bot_profile": profile,
        **fields,
    }
