"""Static previews and downloads.

Law: a path is looked up segment by segment and never leaves its folder; previews live on their own origin where one
is configured, and that origin serves nothing else.
"""

from __future__ import annotations

import mimetypes
import os
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from .config import GitHubStandInConfig
from .hub import Hub

_TYPES = {
    ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".json": "application/json",
    ".webmanifest": "application/manifest+json", ".svg": "image/svg+xml", ".wasm": "application/wasm",
    ".html": "text/html; charset=utf-8", ".map": "application/json", ".woff2": "font/woff2", ".txt": "text/plain",
}  # fmt: skip


class PagesMiddleware:
    """Keeps the two origins apart by the Host header."""

    def __init__(self, app: ASGIApp, config: GitHubStandInConfig) -> None:
        self.app = app
        self.host = config.pages_host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self.host is not None:
            host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
            preview = scope["path"].startswith("/preview/")
            if preview != (host == self.host):
                await PlainTextResponse("Not found\n", 404)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def page_routes(hub: Hub) -> list[Route]:
    async def preview(request: Request) -> Response:
        names = [request.path_params[name] for name in ("owner", "repo", "sha")]
        root = hub.config.root / "previews" / names[0].lower() / names[1].lower() / names[2]
        if any(name.startswith(".") or "/" in name for name in names) or not root.is_dir():
            return PlainTextResponse("There is no preview here.\n", 404)
        rest = request.path_params["path"]
        if not rest and not request.url.path.endswith("/"):
            return RedirectResponse(f"{request.url.path}/")
        found = safe_file(root, rest)
        if found is None:
            return PlainTextResponse("There is no such file in this preview.\n", 404)
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache", "Referrer-Policy": "no-referrer"}
        return FileResponse(found, media_type=content_type(found), headers=headers)

    async def download(request: Request) -> Response:
        file = request.path_params["file"]
        if not hub.ci.link_is_good(file, request.query_params.get("expires", ""), request.query_params.get("sig", "")):
            return PlainTextResponse("This link is not valid (any more).\n", 403)
        if file.startswith("job-"):
            return PlainTextResponse(hub.ci.log_file(file))
        path = hub.config.root / "artifacts" / file
        if not path.is_file():
            return PlainTextResponse("Gone\n", 410)
        return FileResponse(path, media_type="application/zip", headers={"X-Content-Type-Options": "nosniff"})

    return [
        Route("/preview/{owner}/{repo}/{sha}", preview_root, methods=["GET"]),
        Route("/preview/{owner}/{repo}/{sha}/{path:path}", preview, methods=["GET"]),
        Route("/_download/{file}", download, methods=["GET"]),
    ]


async def preview_root(request: Request) -> Response:
    return RedirectResponse(f"{request.url.path}/")


def safe_file(root: Path, rest: str) -> Path | None:
    """Return the regular file (or a folder's index.html) below `root`; no links, no dots, no surprises."""
    here = root
    for part in [part for part in rest.split("/") if part]:
        if part in {".", ".."} or part.startswith(".") or "\0" in part or "\\" in part:
            return None
        here = here / part
        if here.is_symlink():
            return None
    if here.is_dir():
        here = here / "index.html"
    return here if here.is_file() and not here.is_symlink() and os.access(here, os.R_OK) else None


def content_type(path: Path) -> str:
    return _TYPES.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
