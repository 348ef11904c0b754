"""Download a file from Slack.

Law: our token goes to Slack's own hosts only. The link comes from a delivery, which is untrusted. No redirect is
followed: it would lead out of Slack, or to a sign-in page.
"""

from __future__ import annotations

import urllib.request
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import urlsplit

from workers import GiveUp
from workers.chat.slack_errors import fault, unreachable

LARGEST = 5_000_000
"""Bytes of one file."""
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_PAGE = "Slack sent a page instead of the file; the app may lack the scope files:read."


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def belongs(url: str, api_url: str) -> bool:
    """Return whether `url` belongs to the Slack whose Web API is at `api_url`: its host or a subdomain."""
    try:
        asked, api = urlsplit(url), urlsplit(api_url)
        ports = (asked.port, api.port)
    except ValueError:
        return False
    host, home = (asked.hostname or "").lower(), (api.hostname or "").lower()
    below = "." in home and (host == home or host.endswith(f".{home}"))
    inside = host in LOOPBACK if home in LOOPBACK else below
    return inside and asked.scheme == api.scheme and ports[0] == ports[1] and not (asked.username or asked.password)


def download(url: str, token: str, api_url: str, timeout: float) -> bytes:
    """Return the file's bytes. Raises `TryAgain`, or `GiveUp` with a sentence for people."""
    if not belongs(url, api_url):
        raise GiveUp("The link doesn't lead to Slack.")
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
    if urlsplit(api_url).hostname in LOOPBACK:
        handlers.append(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - checked above
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=timeout) as answer:
            if "text/html" in answer.headers.get("content-type", ""):
                raise GiveUp(_PAGE)
            data = answer.read(LARGEST + 1)
    except HTTPError as error:
        error.close()
        if error.code == 429 or error.code >= 500:
            raise fault(error.code, dict(error.headers), {}, "read a file") from error
        raise GiveUp(_PAGE if 300 <= error.code < 400 else f"Slack answered {error.code}.") from error
    except (OSError, HTTPException, ValueError) as error:
        raise unreachable(type(error).__name__) from error
    if len(data) > LARGEST:
        raise GiveUp(f"The file is larger than {LARGEST // 1_000_000} MB.")
    return bytes(data)
