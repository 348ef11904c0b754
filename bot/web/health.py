"""`/healthz`: the process lives. `/readyz`: it can take deliveries. `/metrics`: what it counted."""

from __future__ import annotations

import asyncio

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.listeners.services import Services
from bot.store import StoreDown


def routes(services: Services) -> list[Route]:
    """For load balancers, supervisors and operators."""

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_request: Request) -> Response:
        parts = {"database": await _database(services), "slack": "ok" if services.identity.known else "not reached yet"}
        left = services.disk.short()
        ready = all(state == "ok" for state in parts.values()) and not (left and left.full)
        # Work waits on a disk that is nearly full, but deliveries are still kept: that is no reason to send none.
        return JSONResponse({"ready": ready, **parts, "disk": left.words() if left else "ok"}, 200 if ready else 503)

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(services.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]


async def _database(services: Services) -> str:
    try:
        async with asyncio.timeout(3):
            return "ok" if await asyncio.to_thread(services.store.ready) else "migrations missing"
    except (StoreDown, TimeoutError):
        return "not reachable"
