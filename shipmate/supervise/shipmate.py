"""Brings a whole Shipmate up and takes it down.

Law: what is started is what the settings need, and a home has one Shipmate at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from shipmate.embedded.defaults import Completed, complete
from shipmate.supervise.home_lock import HomeLock
from shipmate.supervise.processes import PlaygroundWishes, all_processes, free_ports
from shipmate.supervise.supervisor import Supervisor

START_SECONDS = 90.0


@dataclass(frozen=True)
class Shipmate:
    """A running Shipmate: the settings it was started with, and its supervisor."""

    settings: Completed
    supervisor: Supervisor

    @property
    def phone_url(self) -> str | None:
        """Return the phone page of the Slack stand-in, ana's and ben's phone side by side; None with the real Slack."""
        return phone_url(self.settings)


def phone_url(settings: Completed, two: str = "ana,ben") -> str | None:
    """Return the URL of the phone page, if there is one."""
    if "slack" not in settings.stand_ins:
        return None
    return f"{settings.bot.slack.api_url.removesuffix('/api/')}/?two={two}"


@contextmanager
def running(
    environ: Mapping[str, str], env_file: Path | None, *, echo: bool, wishes: PlaygroundWishes | None = None
) -> Iterator[Shipmate]:
    """Start everything, yield once it works, end everything.

    Raises `SettingsInvalid`, `AlreadyRuns`, `StartFailed`. When a signal asked to stop meanwhile, it still yields, with
    `supervisor.stopping` set.
    """
    settings = complete(environ, env_file)
    lock = HomeLock(settings.home)
    try:
        if free_ports(settings, environ):
            settings = complete(environ, env_file)
        with Supervisor(settings.home, echo=echo) as supervisor:
            names = []
            for spec in all_processes(settings, wishes or PlaygroundWishes()):
                supervisor.start(spec)
                names.append(spec.name)
                if spec.last:
                    supervisor.wait_ready([spec.name], 15.0)
            supervisor.wait_ready(names, START_SECONDS)
            lock.write({"url": phone_url(settings) or settings.bot.web.public_url, "processes": supervisor.processes()})
            yield Shipmate(settings, supervisor)
    finally:
        lock.release()
