"""`/slack/events`: events, interactions, commands and shortcuts, handed to Bolt."""

from __future__ import annotations

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def routes(app: AsyncApp) -> list[Route]:
    """One address for all of Slack's deliveries; the guard stands before it."""
    handler = AsyncSlackRequestHandler(app)

    async def slack(request: Request) -> Response:
        return await handler.handle(request)

    return [Route("/slack/events", slack, methods=["POST"])]
