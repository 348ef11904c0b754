"""Lists a worker's checks of itself."""

from __future__ import annotations

from functools import partial

from bot.checkup import Checks, broker, slack
from bot.checkup import storage as stores
from bot.settings import WorkerSettings
from workers.checkup import claude, github, machine, storage


def checks(settings: WorkerSettings) -> Checks:
    """Return all checks of a worker with these settings: services first, then stores, then this machine."""
    return {
        "slack": partial(slack.token, settings),
        "github": partial(github.check, settings),
        "claude": partial(claude.check, settings),
        "broker": partial(broker.check, settings),
        "database": partial(stores.database, settings),
        "artifacts": partial(storage.artifacts, settings),
        "disk": partial(stores.disk, settings, settings.storage.artifacts_url.get_secret_value()),
        "git": machine.git,
        "sandbox": partial(machine.sandbox, settings),
        "toolbox": partial(machine.toolbox, settings),
    }
