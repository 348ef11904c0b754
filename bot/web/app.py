"""The web application of the bot: every route in one place."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from starlette.applications import Starlette
from starlette.routing import Route

from bot.listeners.intake import Intake
from bot.listeners.services import Services
from bot.web import github, health
from bot.web.guard import SlackGuard

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


def create_web(
    services: Services,
    take_in: Intake,
    *,
    signing_secret: str | None,
    webhook_secret: str | None,
    lifespan: Lifespan | None = None,
) -> Starlette:
    """Return Slack at `/slack/events`, GitHub at `/github/webhooks`, `/healthz`, `/readyz`, `/metrics`."""
    guard = SlackGuard(take_in, signing_secret, services.identity, services.metrics, services.clock)
    return Starlette(
        routes=[Route("/slack/events", guard), *github.routes(services, webhook_secret), *health.routes(services)],
        lifespan=lifespan,
    )
