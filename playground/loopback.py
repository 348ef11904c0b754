"""Before every stand-in: answers only to the names of this machine, and lets no other site act.

Law: listening on 127.0.0.1 does not keep web pages out: any page may post here, and a name of an attacker's may be made
to mean this address (DNS rebinding). So the Host must be a name of this machine, and a write must come from its origin.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose


class Loopback:
    """ASGI middleware. 421 for another name than this machine's, 403 for a write from another origin."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = _refusal(scope) if scope["type"] in {"http", "websocket"} else None
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose(1008)(scope, receive, send)
        else:
            await PlainTextResponse(refusal[1], refusal[0])(scope, receive, send)


def _refusal(scope: Scope) -> tuple[int, str] | None:
    headers = Headers(scope=scope)
    hosts = headers.getlist("host")
    if len(hosts) != 1 or not _is_this_machine(hosts[0]):
        return 421, "This answers only to 127.0.0.1 and localhost.\n"
    writes = scope["type"] == "websocket" or scope["method"] not in {"GET", "HEAD", "OPTIONS"}
    if writes and any(origin.partition("://")[2] != hosts[0] for origin in headers.getlist("origin")):
        return 403, "Only pages of this very address may do this.\n"
    return None


def _is_this_machine(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
