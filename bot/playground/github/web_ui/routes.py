"""The pages and where they are."""

from __future__ import annotations

from starlette.routing import Route

from ..hub import Hub


def web_routes(hub: Hub) -> list[Route]:
    return []
