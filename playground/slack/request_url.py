"""Posting to the app's request URL as Slack does: signed, within three seconds, redirects not followed.

Law: the signature covers the exact bytes sent; nothing may touch the body after it is signed.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

USER_AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"
LARGEST_ANSWER = 1_000_000


@dataclass(frozen=True)
class Outcome:
    """How the app answered. `reason` is empty when it did well, else Slack's word for X-Slack-Retry-Reason."""

    status: int | None = None
    reason: str = ""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.reason

    def json(self) -> dict[str, Any]:
        """Return the answer as a JSON object, {} when it is none."""
        try:
            found = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """Slack's v0 signature."""
    return "v0=" + hmac.new(secret.encode(), b"v0:%d:" % timestamp + body, hashlib.sha256).hexdigest()


def encode(kind: str, body: dict[str, Any]) -> tuple[bytes, str]:
    """Return the bytes and content type for `event`, `interactive` or `slash_commands`."""
    if kind == "event":
        return json.dumps(body).encode(), "application/json"
    fields = body if kind == "slash_commands" else {"payload": json.dumps(body)}
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


class RequestUrl:
    """One request URL. The blocking sockets live in threads of their own, so that a slow app holds up nobody else."""

    def __init__(self, url: str, secret: str, seconds: float) -> None:
        self._parts, self._secret, self._seconds = urlsplit(url), secret, seconds
        self._threads = ThreadPoolExecutor(32, thread_name_prefix="slack-delivery")

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def send(self, kind: str, body: dict[str, Any], extra_headers: Mapping[str, str]) -> Outcome:
        """Deliver one body; never raises."""
        content, content_type = encode(kind, body)
        loop = asyncio.get_running_loop()
        try:
            posting = loop.run_in_executor(self._threads, self._post, content, content_type, extra_headers)
            return await asyncio.wait_for(posting, self._seconds)
        except TimeoutError:
            return Outcome(reason="http_timeout")
        except (OSError, http.client.HTTPException):
            return Outcome(reason="connection_failed")

    def _post(self, content: bytes, content_type: str, extra_headers: Mapping[str, str]) -> Outcome:
        maker = http.client.HTTPSConnection if self._parts.scheme == "https" else http.client.HTTPConnection
        connection = maker(self._parts.hostname or "", self._parts.port, timeout=self._seconds)
        now = int(time.time())
        headers = {
            "Content-Type": content_type,
            "User-Agent": USER_AGENT,
            "X-Slack-Request-Timestamp": str(now),
            "X-Slack-Signature": sign(self._secret, now, content),
            **extra_headers,
        }
        try:
            path = self._parts.path + ("?" + self._parts.query if self._parts.query else "")
            connection.request("POST", path or "/", content, headers)
            answer = connection.getresponse()
            got = {name.lower(): value for name, value in answer.getheaders()}
            reason = "" if 200 <= answer.status < 300 else "http_error"
            return Outcome(answer.status, reason, answer.read(LARGEST_ANSWER), got)
        finally:
            connection.close()
