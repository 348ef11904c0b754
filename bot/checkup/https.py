"""Plain HTTPS questions to the services, for checks alone.

Law: no library of a service is used here, so that what a check says does not depend on how a library hides it.
Redirects are not followed: they would carry a token elsewhere.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

_SECONDS = 10.0
_MOST_BYTES = 2_000_000


@dataclass(frozen=True)
class Response:
    """Status (0: nobody answered, `body["error"]` says why), headers in lower case, JSON body ({} if it is none)."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def date(self) -> float | None:
        """Return the server's clock, in seconds of the epoch."""
        try:
            return parsedate_to_datetime(self.headers["date"]).timestamp()
        except (KeyError, TypeError, ValueError):
            return None

    def why(self) -> str:
        """Return a short reason out of the body, as GitHub, Anthropic and Slack put it."""
        body = self.body if isinstance(self.body, dict) else {}
        error = body.get("error")
        said = error.get("message") if isinstance(error, dict) else error or body.get("message")
        return f"{said} (HTTP {self.status})" if said and self.status else str(said or f"HTTP {self.status}")


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def ask(url: str, *, token: str = "", headers: Mapping[str, str] | None = None, post: bytes | None = None) -> Response:
    """Ask once; the answer comes within ten seconds or not at all."""
    given = {"User-Agent": "shipmate-doctor", "Accept": "application/json", **(headers or {})}
    if token:
        given["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, data=post, headers=given)  # noqa: S310 - settings allow http(s) only
    handlers: list[urllib.request.BaseHandler] = [_Stay()]
    if request.host and request.host.split(":")[0] in {"127.0.0.1", "localhost", "[::1]"}:
        handlers.append(urllib.request.ProxyHandler({}))
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=_SECONDS) as reply:
            return _answer(reply.status, dict(reply.headers), reply.read(_MOST_BYTES))
    except urllib.error.HTTPError as refusal:
        with refusal:
            return _answer(refusal.code, dict(refusal.headers), refusal.read(_MOST_BYTES))
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "reason", fault)
        return Response(0, {}, {"error": f"no answer from {request.host}: {reason}"})


def _answer(status: int, headers: Mapping[str, str], raw: bytes) -> Response:
    try:
        body = json.loads(raw)
    except ValueError:
        body = {}
    return Response(status, {name.lower(): value for name, value in headers.items()}, body)
