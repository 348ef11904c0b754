"""Lists the bot's checks of itself."""

from __future__ import annotations

from functools import partial

from bot.checkup import Checks, Diagnosis, broker, slack, storage, warn
from bot.settings import BotSettings


def checks(settings: BotSettings) -> Checks:
    """Return all checks of a bot with these settings."""
    return {
        "slack": partial(slack.check, settings),
        "webhooks": partial(webhooks, settings),
        "broker": partial(broker.check, settings),
        "database": partial(storage.database, settings),
        "disk": partial(storage.disk, settings),
    }


def webhooks(settings: BotSettings) -> list[Diagnosis]:
    """Say what a missing secret of GitHub's webhooks means."""
    if settings.web.webhook_secret or "github" in settings.stand_ins:
        return []
    fix = "Set it, and the same secret at the webhook, for quicker cards."
    return [warn("GITHUB_WEBHOOK_SECRET", "is not set: webhooks are refused, and GitHub is polled", fix)]
