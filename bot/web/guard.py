"""The guard before Slack's door: size, time, signature, shape, and that it is meant for this app and team.

Law: what is refused here reaches no listener, costs no query, and leaves one log line without its content.
"""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

import structlog
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.listeners.desk import Identity
from bot.listeners.tally import Tally

log = structlog.get_logger("guard")
MAX_BODY = 1024 * 1024
MAX_AGE = 300
"""Seconds by which a timestamp may differ from our clock."""

_OURS = b"x-shipmate-"


class Refused(Exception):
    """A delivery that goes no further, with its HTTP status and a reason for the log and the sender."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


EVENTS = "/slack/events"
EventsDoor = Callable[[dict[str, Any], bytes], Awaitable[tuple[int, str]]]
"""Takes a checked message event with its body; the status and the text of the answer."""


class SlackGuard:
    """ASGI middleware for everything below `/slack/`. Without a signing secret nothing passes.

    Messages go to `events`, where it is given; everything else, which may need an answer of its own, to `app`.
    """

    def __init__(
        self,
        app: ASGIApp,
        signing_secret: str | None,
        identity: Identity,
        tally: Tally,
        clock: Callable[[], float] = time.time,
        events: EventsDoor | None = None,
    ) -> None:
        self._app = app
        self._events = events
        self._secret = signing_secret
        self._identity = identity
        self._tally = tally
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/slack/"):
            await self._app(scope, receive, send)
            return
        try:
            headers = Headers(scope=scope)
            body = await read_body(scope, receive, MAX_BODY)
            content = self._check(scope["method"], headers, body)
        except Refused as no:
            self._tally.deliveries.labels("slack", "refused").inc()
            peer = (scope.get("client") or ("",))[0]
            log.warning("slack_delivery_refused", status=no.status, reason=no.reason, peer=peer)
            await PlainTextResponse(no.reason, no.status)(scope, receive, send)
            return
        if self._events is not None and scope["path"] == EVENTS and body[:1] == b"{" and is_message(content):
            await answer(send, *await self._events(content, body))
            return
        kept = [(name, value) for name, value in scope["headers"] if not name.lower().startswith(_OURS)]
        await self._app({**scope, "headers": kept}, replayed(body, receive), send)

    def _check(self, method: str, headers: Headers, body: bytes) -> dict[str, Any]:
        if method != "POST":
            raise Refused(405, "only POST")
        if self._secret is None:
            raise Refused(401, "HTTP deliveries are not set up here")
        self._check_signature(self._secret, headers, body)
        content = read_content(headers.get("content-type", ""), body)
        if content.get("type") == "url_verification":
            return content
        if not self._identity.known:
            raise Refused(503, "not ready yet")
        if self._identity.app_id and content.get("api_app_id") != self._identity.app_id:
            raise Refused(403, "another app")
        if self._identity.team_id not in teams(content):
            raise Refused(403, "another workspace")
        return content

    def _check_signature(self, secret: str, headers: Headers, body: bytes) -> None:
        stamps, signatures = headers.getlist("x-slack-request-timestamp"), headers.getlist("x-slack-signature")
        if len(stamps) != 1 or len(signatures) != 1:
            raise Refused(401, "not signed")
        stamp = stamps[0]
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            raise Refused(401, "the timestamp is not a number")
        if abs(self._clock() - int(stamp)) > MAX_AGE:
            raise Refused(401, "the timestamp is too old or too new")
        made = hmac.digest(secret.encode(), b"v0:" + stamp.encode() + b":" + body, "sha256").hex()
        if not hmac.compare_digest(f"v0={made}".encode(), signatures[0].encode("utf-8", "replace")):
            raise Refused(401, "the signature does not fit")


def is_message(content: dict[str, Any]) -> bool:
    """Whether a delivery is an event that somebody wrote something: it asks for nothing but to be kept."""
    return content.get("type") == "event_callback" and content.get("event", {}).get("type") in {
        "message",
        "app_mention",
    }


async def answer(send: Send, status: int, text: str) -> None:
    """A short plain answer."""
    body = text.encode()
    headers = [(b"content-length", str(len(body)).encode()), (b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The whole body, or `Refused` (413) before more than `limit` bytes are in memory."""
    declared = Headers(scope=scope).get("content-length", "")
    if declared and not (declared.isascii() and declared.isdigit()):
        raise Refused(400, "the length is not a number")
    if declared and int(declared[:20]) > limit:
        raise Refused(413, "too large")
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "cut off")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise Refused(413, "too large")
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def replayed(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body that was read, then whatever comes after it."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def read_content(content_type: str, body: bytes) -> dict[str, Any]:
    """The delivery as Slack means it: a JSON object, the JSON `payload` of a form, or the form of a command."""
    try:
        text = body.decode()
        kind = content_type.split(";", maxsplit=1)[0].strip().lower()
        if kind == "application/json":
            content = json.loads(text)
        elif kind == "application/x-www-form-urlencoded":
            form = dict(parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=100))
            if "payload" not in form and "command" not in form:
                raise Refused(400, "neither a payload nor a command")
            content = json.loads(form["payload"]) if "payload" in form else form
        else:
            raise Refused(400, "neither JSON nor a form")
    except (ValueError, RecursionError) as wrong:
        raise Refused(400, "cannot be read") from wrong
    if not isinstance(content, dict):
        raise Refused(400, "not an object")
    if not _shaped(content):
        raise Refused(400, "not a delivery of Slack's")
    return content


def _shaped(content: dict[str, Any]) -> bool:
    """Whether the parts that Bolt reads unasked are what Bolt takes them for."""
    event, installed = content.get("event", {}), content.get("authorizations") or []
    return (
        isinstance(content.get("type", ""), str)
        and isinstance(event, dict)
        and isinstance(event.get("type", ""), str)
        and isinstance(installed, list)
    )


def teams(content: dict[str, Any]) -> set[str]:
    """The workspaces for which a delivery was made: of the installation where it says so, else of the sender."""
    given = content.get("authorizations") or ()
    if not all(isinstance(one, dict) for one in given):
        return set()
    installed = {str(one["team_id"]) for one in given if one.get("team_id")}
    if installed:
        return installed
    team = content.get("team")
    named = team.get("id") if isinstance(team, dict) else content.get("team_id")
    return {named} if isinstance(named, str) else set()
