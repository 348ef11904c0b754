"""`shipmate eval judge`: how good the reviewing model is, on labelled changes.

Law: the hands do it, as a program of their own; here is only what they need to run: settings, and a stand-in's process.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.settings import Settings, load
from shipmate.supervise.home_lock import HomeLock, who_runs
from shipmate.supervise.processes import PlaygroundWishes, free_ports, playground_process
from shipmate.supervise.supervisor import Supervisor

_START_SECONDS = 30.0


def eval_judge(arguments: Sequence[str], env_file: Path) -> int:
    """Run the evaluation with `arguments`; its exit code. Raises what settings and start raise."""
    settings = load(env_file=env_file)
    with _model(settings, env_file) as known:
        root = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
        environ = {**os.environ, "SHIPMATE_HOME": str(known.home), "PYTHONPATH": path}
        argv = [sys.executable, "-m", "workers.judge.eval", *arguments]
        return subprocess.run(argv, env=environ, check=False).returncode


@contextmanager
def _model(settings: Settings, env_file: Path) -> Iterator[Settings]:
    """The model is there: the real one, that of a Shipmate that runs, or a stand-in for as long as this takes."""
    if not settings.claude.stand_in or who_runs(settings.home):
        yield settings
        return
    lock = HomeLock(settings.home)
    try:
        if free_ports(settings, os.environ):
            settings = load(env_file=env_file)
        with Supervisor(settings.home, echo=False) as supervisor:
            spec = playground_process(_claude_alone(settings), PlaygroundWishes())
            supervisor.start(spec)
            supervisor.wait_ready([spec.name], _START_SECONDS)
            yield settings
    finally:
        lock.release()


def _claude_alone(settings: Settings) -> Settings:
    real = {"stand_in": False}
    return settings.model_copy(
        update={
            "slack": settings.slack.model_copy(update=real),
            "github": settings.github.model_copy(update=real),
        }
    )
