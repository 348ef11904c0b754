"""`shipmate eval judge`: measure the reviewing model on labelled changes.

Law: the worker measures. This file only provides settings and, without a key, the stand-in's process.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.settings import WorkerSettings
from shipmate.embedded.defaults import Completed, complete
from shipmate.supervise.home_lock import HomeLock, who_runs
from shipmate.supervise.processes import PlaygroundWishes, free_ports, playground_process
from shipmate.supervise.supervisor import Supervisor

_START_SECONDS = 30.0


def eval_judge(arguments: Sequence[str], env_file: Path) -> int:
    """Run the evaluation with `arguments`, and return its exit code."""
    from workers.judge.eval import main

    with _model(complete(os.environ, env_file), env_file) as known:
        return main(list(arguments), known.of(WorkerSettings))


@contextmanager
def _model(settings: Completed, env_file: Path) -> Iterator[Completed]:
    """Yield the model: the real one, the running Shipmate's, or a stand-in that runs until the block ends."""
    if "claude" not in settings.stand_ins or who_runs(settings.home):
        yield settings
        return
    lock = HomeLock(settings.home)
    try:
        if free_ports(settings, os.environ):
            settings = complete(os.environ, env_file)
        with Supervisor(settings.home, echo=False) as supervisor:
            spec = playground_process(settings, PlaygroundWishes(), only=frozenset(["claude"]))
            supervisor.start(spec)
            supervisor.wait_ready([spec.name], _START_SECONDS)
            yield settings
    finally:
        lock.release()
