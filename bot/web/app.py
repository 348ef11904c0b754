"""The web application of the bot: every route in one place."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette
from starlette.middleware import Middleware

from bot.listeners.afterwards import Afterwards
from bot.listeners.desk import Desk
from bot.listeners.ingress import Ingress
from bot.web import github, health, slack
from bot.web.guard import SlackGuard

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


def create_web(
    desk: Desk,
    bolt: AsyncApp,
    *,
    signing_secret: str | None,
    webhook_secret: str | None,
    lifespan: Lifespan | None = None,
) -> Starlette:
    """Slack at `/slack/events`, GitHub at `/github/webhooks`, `/healthz`, `/readyz`, `/metrics`."""
    return Starlette(
        routes=[*slack.routes(bolt), *github.routes(desk, webhook_secret), *health.routes(desk)],
        middleware=[
            Middleware(
                SlackGuard,
                signing_secret=signing_secret,
                identity=desk.identity,
                tally=desk.tally,
                clock=desk.clock,
                events=Ingress(desk, Afterwards(bolt, desk)),
            )
        ],
        lifespan=lifespan,
    )
