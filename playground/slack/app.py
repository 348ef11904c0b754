"""The stand-in as one web application.

Law: the strict content policy on every answer stays: the page shows text from anybody and must never run any of it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from playground.slack import control, files_http, phone_api
from playground.slack.config import SlackStandInConfig
from playground.slack.parts import Parts
from playground.slack.web_api.endpoint import serve_method

PAGE = Path(__file__).parent / "page"
KINDS = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' http: https: data:; connect-src 'self';"
    " frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
)


class SlackStandIn(Starlette):
    """Keeps the server's own `send` in the scope, so that a fault can reset a connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["server_send"] = send
        await super().__call__(scope, receive, send)


def create_app(config: SlackStandInConfig) -> Starlette:
    """Yield one workspace. Its parts live in `app.state.parts`; deliveries run between start-up and shutdown."""
    parts = Parts(config)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        parts.deliveries.start()
        try:
            yield
        finally:
            parts.bus.close()
            await parts.sockets.disconnect("refresh_requested")
            await parts.deliveries.stop()
            parts.state.close()

    app = SlackStandIn(routes=ROUTES, lifespan=lifespan)
    app.state.parts = parts
    return app


async def page_file(request: Request) -> Response:
    """Return the page and its parts, by exact name."""
    name = request.path_params.get("name", "index.html")
    path = PAGE / name
    if path.suffix not in KINDS or path.name != name or not path.is_file():
        return PlainTextResponse("not found", 404)
    headers = {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }
    return FileResponse(path, media_type=KINDS[path.suffix], headers=headers)


async def permalink(request: Request) -> Response:
    """Return the phone page, open at the message of a permalink."""
    channel, packed = request.path_params["channel"], request.path_params["packed"]
    ts = f"{packed[1:-6]}.{packed[-6:]}"
    thread = request.query_params.get("thread_ts", ts)
    if not (channel.isalnum() and ts.replace(".", "", 1).isdigit() and thread.replace(".", "", 1).isdigit()):
        return PlainTextResponse("not found", 404)
    return RedirectResponse(f"/?channel={channel}&thread={thread}&at={ts}", 302)


async def health(_request: Request) -> Response:
    return JSONResponse({"ok": True, "stand_in": "slack"})


async def link(socket: WebSocket) -> None:
    await socket.app.state.parts.sockets.serve(socket)


ROUTES = [
    Route("/", page_file),
    Route("/healthz", health),
    Route("/assets/{name}", page_file),
    Route("/archives/{channel}/{packed}", permalink),
    Route("/api/{method}", serve_method, methods=["GET", "POST"]),
    Route("/upload/v1/{key}", files_http.take_upload, methods=["POST"]),
    Route("/files-pri/{key}/{rest:path}", files_http.private_file),
    Route("/actions/{team}/{key}", files_http.respond, methods=["POST"]),
    Route("/_phone/stream", phone_api.stream),
    Route("/_phone/act/{name}", phone_api.act, methods=["POST"]),
    Route("/_phone/{what}", phone_api.look),
    Route("/_control/{name}", control.ask, methods=["GET"]),
    Route("/_control/{name}", control.do, methods=["POST"]),
    WebSocketRoute("/link", link),
]
