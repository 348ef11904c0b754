"""`shipmate bot`, `worker`, `playground`, `migrate`: one part at a time, as containers and unit files start it.

Law: a part replaces this process, so that a signal to `shipmate worker` reaches the worker itself. Only where our
own broker has to run beside it is the part supervised instead.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bot.settings import BotSettings, WorkerSettings
from bot.settings.sources import Problem, SettingsInvalid
from shipmate.embedded import broker
from shipmate.embedded.defaults import Completed, complete
from shipmate.supervise.child import Spec
from shipmate.supervise.processes import (
    LANES,
    PlaygroundWishes,
    bot_process,
    broker_process,
    import_path,
    playground_process,
    runner_program,
    worker_process,
)
from shipmate.supervise.supervisor import Supervisor


def run_bot(env_file: Path) -> None:
    """Become the bot."""
    settings = complete(os.environ, env_file, [BotSettings])
    _become(settings, bot_process(settings))


def run_worker(env_file: Path, lanes: str) -> None:
    """Become a worker of `lanes`, a comma-separated choice of "talk" and "build"."""
    chosen = tuple(dict.fromkeys(part.strip() for part in lanes.split(",") if part.strip()))
    if not chosen or not set(chosen) <= set(LANES):
        raise SettingsInvalid(
            [Problem("--lanes", f"{lanes!r} is not a choice of lanes", "Write talk, build or talk,build.")]
        )
    settings = complete(os.environ, env_file, [WorkerSettings])
    _become(settings, worker_process(settings, chosen))


def run_runner(home: Path, socket: Path | None, toolbox: Path | None, peers: list[int]) -> None:
    """Become a sandbox runner. It reads no settings, so that it knows no secret."""
    argv = [*runner_program(), "--root", str(home.expanduser().absolute())]
    if socket is not None:
        argv += ["--socket", str(socket.absolute())]
    if toolbox is not None:
        argv += ["--toolbox", str(toolbox)]
    argv += [f"--peer={uid}" for uid in peers]
    os.execve(argv[0], argv, {**os.environ, **import_path()})  # noqa: S606 - our own program, without a shell


def run_playground(env_file: Path) -> None:
    """Become the stand-ins that the settings need."""
    settings = complete(os.environ, env_file)
    if not settings.stand_ins:
        raise SettingsInvalid(
            [
                Problem(
                    "playground",
                    "Slack, GitHub and Claude are all set to real ones",
                    "No stand-in is needed.",
                )
            ]
        )
    spec = playground_process(settings, PlaygroundWishes())
    os.execve(spec.argv[0], spec.argv, dict(spec.env))  # noqa: S606 - our own program, without a shell


def migrate_database(env_file: Path) -> None:
    """Migrate the tables, and say whether anything had to be done."""
    from bot.store import Store, StoreDown

    settings = complete(os.environ, env_file)
    store = Store(settings.bot.storage.database_url.get_secret_value())
    try:
        print("The database was migrated." if store.migrate() else "The database is up to date.")
    except StoreDown as fault:
        print(f"The database cannot be reached: {fault}", file=sys.stderr)
        sys.exit(1)
    finally:
        store.close()


def _become(settings: Completed, spec: Spec) -> None:
    if not settings.embedded_broker or broker.is_alive(settings.home):
        os.execve(spec.argv[0], spec.argv, dict(spec.env))  # noqa: S606 - our own program, without a shell
    with Supervisor(settings.home, echo=True) as supervisor:
        own = broker_process(settings)
        supervisor.start(own)
        supervisor.wait_ready([own.name], 15.0)
        supervisor.start(spec)
        supervisor.run()
