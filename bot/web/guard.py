"""Slack's door: size, time, signature, shape, and that a delivery is meant for this app and workspace.

Law: what is refused here reaches no listener, costs no query, and leaves one log line without its content.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from urllib.parse import parse_qsl

import structlog
from slack_sdk.signature import Clock, SignatureVerifier
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import Receive, Scope, Send

from bot.listeners.delivery import Body
from bot.listeners.intake import Intake
from bot.listeners.metrics import Metrics
from bot.listeners.services import Identity

log = structlog.get_logger("guard")
MAX_BODY = 1024 * 1024
MAX_AGE = 300
"""Seconds by which a timestamp may differ from our clock."""


class DeliveryRefused(Exception):
    """A delivery that goes no further, with its HTTP status and a reason for the log and the sender."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


class _OurClock(Clock):
    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds

    def now(self) -> float:
        return self._seconds()


class SlackGuard:
    """An ASGI application that checks a delivery and hands it to `Intake`. Without a signing secret nothing passes."""

    def __init__(
        self,
        take_in: Intake,
        signing_secret: str | None,
        identity: Identity,
        metrics: Metrics,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._take_in = take_in
        self._verifier = SignatureVerifier(signing_secret, _OurClock(clock)) if signing_secret else None
        self._identity = identity
        self._metrics = metrics
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            headers = Headers(scope=scope)
            body = await read_body(scope, receive, MAX_BODY)
            content = self._check(scope["method"], headers, body)
        except DeliveryRefused as no:
            self._metrics.deliveries.labels("slack", "refused").inc()
            peer = (scope.get("client") or ("",))[0]
            log.warning("slack_delivery_refused", status=no.status, reason=no.reason, peer=peer)
            await PlainTextResponse(no.reason, no.status)(scope, receive, send)
            return
        if content.get("type") == "url_verification":
            await JSONResponse({"challenge": content.get("challenge")})(scope, receive, send)
            return
        status, text = await self._take_in(content, body if body.startswith(b"{") else None)
        await PlainTextResponse(text, status)(scope, receive, send)

    def _check(self, method: str, headers: Headers, body: bytes) -> Body:
        if method != "POST":
            raise DeliveryRefused(405, "only POST")
        if self._verifier is None:
            raise DeliveryRefused(401, "HTTP deliveries are not set up here")
        self._check_signature(self._verifier, headers, body)
        content = read_content(headers.get("content-type", ""), body)
        if content.get("type") == "url_verification":
            return content
        if not self._identity.known:
            raise DeliveryRefused(503, "not ready yet")
        if self._identity.app_id and content.get("api_app_id") != self._identity.app_id:
            raise DeliveryRefused(403, "another app")
        if self._identity.team_id not in teams(content):
            raise DeliveryRefused(403, "another workspace")
        return content

    def _check_signature(self, verifier: SignatureVerifier, headers: Headers, body: bytes) -> None:
        """Refuse what Slack did not sign. Its verifier raises for what is no number, no ASCII or no UTF-8."""
        stamps, signatures = headers.getlist("x-slack-request-timestamp"), headers.getlist("x-slack-signature")
        if len(stamps) != 1 or len(signatures) != 1:
            raise DeliveryRefused(401, "not signed")
        stamp, signature = stamps[0], signatures[0]
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            raise DeliveryRefused(401, "the timestamp is not a number")
        if abs(self._clock() - int(stamp)) > MAX_AGE:
            raise DeliveryRefused(401, "the timestamp is too old or too new")
        try:
            fits = signature.isascii() and verifier.is_valid(body, stamp, signature)
        except UnicodeDecodeError as wrong:
            raise DeliveryRefused(400, "cannot be read") from wrong
        if not fits:
            raise DeliveryRefused(401, "the signature does not fit")


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """Return the whole body, or raise `DeliveryRefused` (413) before more than `limit` bytes are in memory."""
    declared = Headers(scope=scope).get("content-length", "")
    if declared and not (declared.isascii() and declared.isdigit()):
        raise DeliveryRefused(400, "the length is not a number")
    if declared and int(declared[:20]) > limit:
        raise DeliveryRefused(413, "too large")
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise DeliveryRefused(400, "cut off")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise DeliveryRefused(413, "too large")
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def read_content(content_type: str, body: bytes) -> Body:
    """Return what Slack means: a JSON object, the JSON `payload` of a form, or the form of a command."""
    try:
        text = body.decode()
        kind = content_type.split(";", maxsplit=1)[0].strip().lower()
        if kind == "application/json":
            content = json.loads(text)
        elif kind == "application/x-www-form-urlencoded":
            fields = parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=100)
            form = dict(fields)
            if len(form) < len(fields):  # which of two payloads was meant is nobody's to guess
                raise DeliveryRefused(400, "a field comes twice")
            if "payload" not in form and "command" not in form:
                raise DeliveryRefused(400, "neither a payload nor a command")
            content = json.loads(form["payload"]) if "payload" in form else form
        else:
            raise DeliveryRefused(400, "neither JSON nor a form")
    except (ValueError, RecursionError) as wrong:
        raise DeliveryRefused(400, "cannot be read") from wrong
    if not isinstance(content, dict):
        raise DeliveryRefused(400, "not an object")
    if not _shaped(content):
        raise DeliveryRefused(400, "not a delivery of Slack's")
    return content


def _shaped(content: Body) -> bool:
    """Return whether the parts that Bolt reads unasked are what Bolt takes them for."""
    event, installed = content.get("event", {}), content.get("authorizations") or []
    return (
        isinstance(content.get("type", ""), str)
        and isinstance(event, dict)
        and isinstance(event.get("type", ""), str)
        and isinstance(installed, list)
    )


def teams(content: Body) -> set[str]:
    """Return the workspaces of a delivery: those of the installation where it names them, else the sender's."""
    given = content.get("authorizations") or ()
    if not all(isinstance(one, dict) for one in given):
        return set()
    installed = {str(one["team_id"]) for one in given if one.get("team_id")}
    if installed:
        return installed
    team = content.get("team")
    named = team.get("id") if isinstance(team, dict) else content.get("team_id")
    return {named} if isinstance(named, str) else set()
