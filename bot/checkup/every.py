"""Lists the bot's checks of itself."""

from __future__ import annotations

from functools import partial

from bot.checkup import Checks, Diagnosis, broker, ok, slack, storage, warn
from bot.domain.rules import Rules
from bot.settings import BotSettings


def checks(settings: BotSettings) -> Checks:
    """Return all checks of a bot with these settings."""
    return {
        "slack": partial(slack.check, settings),
        "webhooks": partial(webhooks, settings),
        "people": partial(people, settings.rules),
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


def people(rules: Rules) -> list[Diagnosis]:
    """Name those who may approve by their role, but whose yes counts for nothing since nobody knows who they are."""
    if not rules.people:
        return []
    unknown = [one for one in rules.may_approve if one not in rules.people]
    if not unknown:
        return [ok("people", f"{len(rules.people)} Slack accounts have a GitHub login; others can't approve")]
    fix = f'Add each to [people] in shipmate.toml, such as {unknown[0]} = {{ github = "their-login" }}.'
    return [warn("people", f"may approve by [roles], but can't without a GitHub login: {', '.join(unknown)}", fix)]
