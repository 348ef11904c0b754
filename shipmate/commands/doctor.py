"""`shipmate doctor`: the checks of every role, and of what only the command runs."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from bot.checkup import Diagnosis, fail, ok, warn
from bot.checkup import broker as broker_check
from bot.checkup.every import checks as checks_of_bot
from bot.checkup.report import examine, report
from shipmate.embedded import broker
from shipmate.embedded.defaults import Completed, complete


def doctor(env_file: Path, *, as_json: bool) -> int:
    """Run the checks, print them, and return the exit code: 1 if one fails. Raises `SettingsInvalid`."""
    return report(look(complete(os.environ, env_file)), as_json=as_json)


def look(settings: Completed) -> list[Diagnosis]:
    """Run the checks of bot and worker, shared ones once, and name settings that have no effect."""
    from workers.checkup.every import checks as checks_of_worker
    from workers.checkup.github import webhook

    ours, theirs = checks_of_bot(settings.bot), checks_of_worker(settings.worker)
    checks = {**theirs, **ours, "disk": theirs["disk"]}
    web = settings.bot.web
    if web.webhook_secret and "github" not in settings.stand_ins:
        checks["webhooks"] = partial(webhook, settings.worker.github, f"{web.public_url}/github/webhooks")
    if settings.embedded_broker:
        checks["broker"] = partial(_own_broker, settings)
    found = examine(checks)
    return found + [warn("settings", note, "Unset it, or set the keys that belong to it.") for note in settings.notes]


def _own_broker(settings: Completed) -> list[Diagnosis]:
    try:
        binary = broker.find_binary()
    except broker.BrokerMissing as fault:
        return [fail("broker", str(fault), "Set REDIS_URL, or install redis-server.")]
    if not broker.is_alive(settings.home):
        return [ok("broker", f"our own ({binary.name}); it starts with Shipmate and does not run now")]
    return broker_check.check(settings.bot, "broker", "our own, ")
