"""A phone in a test's hand: people act, tests look, and everything can be made to misbehave.

Law: waiting is polling for a fact with a deadline, never sleeping for a while.
"""

from __future__ import annotations

import base64
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

Doc = dict[str, Any]
Found = TypeVar("Found")


class PhoneRefused(Exception):
    """The stand-in said no; the sentence says why."""


class SlackPhone:
    """`person` arguments are names (`ana`) or user ids; `channel` is an id, `#name`, or `dm` (with the bot)."""

    def __init__(self, base_url: str, timeout: float = 20.0) -> None:
        self.base_url, self._timeout = base_url.rstrip("/"), timeout
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    # What people do.
    def say(self, person: str, channel: str, text: str, thread_ts: str | None = None) -> Doc:
        """Send a typed message (`@Shipmate …`); returns {channel, ts, message}."""
        return self._do("say", **{"as": person}, channel=channel, text=text, thread_ts=thread_ts)

    def press(
        self,
        person: str,
        channel: str,
        message_ts: str,
        action_id: str,
        *,
        block_id: str | None = None,
        value: Any = None,
        values: Doc | None = None,
    ) -> Doc:
        """Tap an element of a message; returns {ok, …} with `ok` False and a `warning` when the app did not take it."""
        return self._do("press", **_tap(person, channel, message_ts, action_id, block_id, value, values))

    def press_in_view(
        self, person: str, view_id: str, action_id: str, *, value: Any = None, values: Doc | None = None
    ) -> Doc:
        """Tap an element of an open modal or the home tab."""
        return self._do(
            "press", **{"as": person}, view_id=view_id, action_id=action_id, value=value, values=values or {}
        )

    def submit(self, person: str, view_id: str | None = None, values: Doc | None = None) -> Doc:
        """Submit the top modal. `values`: {block_id: {action_id: value}} or {action_id: value}."""
        return self._do("submit", **{"as": person}, view_id=view_id, values=values or {})

    def close_view(self, person: str, everything: bool = False) -> Doc:
        return self._do("close_view", **{"as": person}, everything=everything)

    def shortcut(self, person: str, channel: str, message_ts: str, callback_id: str = "make_change") -> Doc:
        return self._do("shortcut", **{"as": person}, channel=channel, message_ts=message_ts, callback_id=callback_id)

    def command(self, person: str, channel: str, command: str, text: str = "") -> Doc:
        return self._do("command", **{"as": person}, channel=channel, command=command, text=text)

    def edit(self, person: str, channel: str, message_ts: str, text: str) -> Doc:
        return self._do("edit", **{"as": person}, channel=channel, message_ts=message_ts, text=text)

    def delete(self, person: str, channel: str, message_ts: str) -> Doc:
        return self._do("delete", **{"as": person}, channel=channel, message_ts=message_ts)

    def react(self, person: str, channel: str, message_ts: str, name: str) -> Doc:
        return self._do("react", **{"as": person}, channel=channel, message_ts=message_ts, name=name)

    def upload(
        self, person: str, channel: str, name: str, content: bytes, text: str = "", thread_ts: str | None = None
    ) -> Doc:
        packed = base64.b64encode(content).decode()
        return self._do(
            "upload",
            **{"as": person},
            channel=channel,
            name=name,
            content_base64=packed,
            text=text,
            thread_ts=thread_ts,
        )

    def open_home(self, person: str, tab: str = "messages") -> Doc:
        return self._do("open_home", **{"as": person}, tab=tab)

    # Looking.
    def messages(self, channel: str, person: str | None = None) -> list[Doc]:
        """Return top-level messages, oldest first; give `person` when the channel is `dm`."""
        return list(self._ask("messages", channel=channel, **_as(person))["messages"])

    def thread(self, channel: str, thread_ts: str, person: str | None = None) -> list[Doc]:
        """Return a thread's root and replies, oldest first; [] when there is none."""
        return list(self._ask("thread", channel=channel, ts=thread_ts, **_as(person))["messages"])

    def ephemerals(self, person: str) -> list[Doc]:
        return list(self._ask("ephemerals", **_as(person))["messages"])

    def notifications(self, person: str) -> list[Doc]:
        return list(self._ask("notifications", **_as(person))["notifications"])

    def views(self, person: str) -> list[Doc]:
        """Open modals, root first."""
        return list(self._ask("views", **_as(person))["stack"])

    def home(self, person: str) -> Doc | None:
        found: Doc | None = self._ask("views", **_as(person))["home"]
        return found

    def reactions(self, channel: str, message_ts: str) -> dict[str, list[str]]:
        """Return {emoji name: user ids}."""
        found = [message for message in self.thread(channel, message_ts) if message["ts"] == message_ts]
        return {one["name"]: one["users"] for message in found for one in message.get("reactions", [])}

    def deliveries(self, *states: str) -> list[Doc]:
        """Return every delivery: id, kind, state (waiting, held, sending, delivered, failed), attempts, body, log."""
        return list(self._ask("deliveries", states=",".join(states))["deliveries"])

    def sockets(self) -> int:
        """Return how many Socket Mode connections the app has open."""
        return int(self._ask("deliveries", states="none")["sockets"])

    def calls(self) -> list[str]:
        """Return names of the Web API methods called, oldest first."""
        return list(self._ask("calls")["calls"])

    def wait_for(
        self, look: Callable[[], Found | None], timeout: float = 60.0, what: str = "the expected state"
    ) -> Found:
        """Poll `look` until it returns something true, and return that. Raises TimeoutError."""
        deadline = time.monotonic() + timeout
        while True:
            found = look()
            if found:
                return found
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what} did not come within {timeout} s")
            time.sleep(0.05)

    def wait_idle(self, timeout: float = 60.0) -> None:
        """Wait until every delivery has been taken or given up."""
        self.wait_for(lambda: not self.deliveries("waiting", "sending"), timeout, "an empty delivery queue")

    # Misbehaviour.
    def fault(
        self, method: str, kind: str, *, times: int = 1, retry_after: int = 1, status: int = 500, ms: int = 0
    ) -> None:
        """Let the next calls of `method` (`*`: any) fail: ratelimited, error, slow, drop_before, drop_after (its
        effect).
        """
        self._do("fault", method=method, kind=kind, times=times, retry_after=retry_after, status=status, ms=ms)

    def misdeliver(self, **faults: Any) -> None:
        """Set how events travel: repeat (each delivery so many times), jitter_ms and seed (reordering), hold (until
        `release`).
        """
        self._do("misdeliver", **faults)

    def release(self) -> None:
        self._do("release")

    def retry_now(self) -> None:
        """Bring waiting retries forward."""
        self._do("retry_now")

    def redeliver(self, delivery: int) -> None:
        """Queue a copy of an event delivery, with the same event_id."""
        self._do("redeliver", id=delivery)

    def send_event(self, body: Doc) -> None:
        """Queue any Events API body as it is."""
        self._do("event", body=body)

    def clear_faults(self) -> None:
        self._do("clear")

    def disconnect_sockets(self, reason: str = "refresh_requested") -> int:
        return int(self._do("socket", reason=reason)["asked"])

    def press_payload(
        self,
        person: str,
        channel: str,
        message_ts: str,
        action_id: str,
        *,
        block_id: str | None = None,
        value: Any = None,
    ) -> Doc:
        """Return what a tap would send, unsent; give it to `interact` later, twice, or altered."""
        return dict(
            self._do("payload", **_tap(person, channel, message_ts, action_id, block_id, value, None))["payload"]
        )

    def interact(self, payload: Doc, kind: str = "interactive") -> Doc:
        """Send any interaction payload, signed; returns {ok, status, reason, answer}."""
        return self._do("interact", payload=payload, kind=kind)

    def change_user(self, person: str, **fields: Any) -> Doc:
        """Set fields of `users.info` (deleted=True, is_restricted=True …)."""
        return self._do("user", **{"as": person}, fields=fields)

    def change_channel(self, channel: str, **fields: Any) -> Doc:
        """Change what a conversation is, such as is_private or is_ext_shared."""
        return dict(self._do("channel", channel=channel, fields=fields)["channel"])

    def change_members(self, channel: str, add: list[str] | None = None, remove: list[str] | None = None) -> list[str]:
        """Put user ids in and out of a channel; returns who is in it."""
        return list(self._do("members", channel=channel, add=add or [], remove=remove or [])["members"])

    # HTTP.
    def _do(self, order: str, /, **body: Any) -> Doc:
        content = json.dumps({key: value for key, value in body.items() if value is not None}).encode()
        url = f"{self.base_url}/_control/{order}"
        request = urllib.request.Request(url, content, {"Content-Type": "application/json"})  # noqa: S310  (http)
        return self._open(request)

    def _ask(self, name: str, **query: str) -> Doc:
        url = f"{self.base_url}/_control/{name}?{urlencode(query)}"
        return self._open(urllib.request.Request(url))  # noqa: S310  (http)

    def _open(self, request: urllib.request.Request) -> Doc:
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as problem:
            with problem:
                raise PhoneRefused(problem.read(2000).decode(errors="replace")) from None


def _as(person: str | None) -> dict[str, str]:
    return {"as": person} if person else {}


def _tap(
    person: str, channel: str, message_ts: str, action_id: str, block_id: str | None, value: Any, values: Doc | None
) -> Doc:
    tap = {"as": person, "channel": channel, "message_ts": message_ts, "action_id": action_id, "block_id": block_id}
    return tap | {"value": value, "values": values or {}}
