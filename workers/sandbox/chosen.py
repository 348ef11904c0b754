"""The sandbox that the settings choose, for a worker and for its checks of itself alike."""

from __future__ import annotations

from pathlib import Path

from bot.settings.groups import Work
from workers.sandbox import Sandbox
from workers.sandbox.bubblewrap import Bubblewrap
from workers.sandbox.process import ProcessSandbox
from workers.sandbox.runner.box import RunnerSandbox


def chosen(work: Work, home: Path) -> Sandbox:
    """Return the sandbox of a worker with these settings."""
    if work.sandbox == "process":
        return ProcessSandbox(home, toolbox_of(work))
    if work.sandbox == "runner":
        return RunnerSandbox(home, work.runner_socket)
    return Bubblewrap(home, toolbox_of(work))


def toolbox_of(work: Work) -> Path | None:
    """Return the folder of test tools, if there is one."""
    return work.toolbox.absolute() if work.toolbox and work.toolbox.is_dir() else None
