"""Where a benchmark runs: a state folder of its own, the stand-ins, a broker, a database.

Law: settings reach the processes as an operator's would, through the environment; nothing is patched.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.started import Processes, plain_environment
from shipmate.embedded import broker_address, ports
from shipmate.embedded.defaults import Completed, complete
from shipmate.embedded.playground_keys import PlaygroundKeys, load_or_create
from shipmate.supervise.processes import answers, bot_process, broker_process

REPOSITORY = "acme/till"


@dataclass(frozen=True)
class Ground:
    """A folder for everything that the benchmark writes, and the processes that it started."""

    folder: Path
    processes: Processes

    def slack(self, events_url: str = "") -> PlaygroundKeys:
        """Start a Slack stand-in; its keys and ports. Deliveries go to `events_url`, or nowhere."""
        home = self.folder / "slack"
        keys = load_or_create(home)
        argv = [sys.executable, "-m", "playground.main", "--home", str(home / "playground"), "--slack"]
        argv += ["--events-url", events_url] if events_url else []
        self.processes.start("slack", argv, plain_environment())
        self.processes.wait("slack", lambda: answers("127.0.0.1", keys.slack_port, "/healthz", below=500))
        return keys

    def home(self, name: str, keys: PlaygroundKeys, database_url: str = "", **more: str) -> Home:
        """Return settings for a Shipmate of its own in front of the given Slack stand-in."""
        environ = {
            **plain_environment(),
            "SHIPMATE_HOME": str(self.folder / name),
            "SHIPMATE_REPOSITORIES": REPOSITORY,
            "SLACK_BOT_TOKEN": keys.slack_bot_token,
            "SLACK_SIGNING_SECRET": keys.slack_signing_secret,
            "SLACK_API_URL": f"{keys.slack_url}/api/",
            "PORT": str(ports.choose(("bot",), usual=False)["bot"]),
            **({"DATABASE_URL": database_url} if database_url else {}),
            **more,
        }
        return Home(name, environ, complete(environ), self.processes)

    def broker(self, name: str) -> str:
        """Start a broker that belongs to nobody's Shipmate; its URL."""
        home = self.folder / name
        environ = {**plain_environment(), "SHIPMATE_HOME": str(home)}
        self.processes.start_spec(broker_process(complete(environ)), f"{name}-")
        return broker_address.url(home)


@dataclass(frozen=True)
class Home:
    """One Shipmate: its settings, and its processes as they are started."""

    name: str
    environ: Mapping[str, str]
    settings: Completed
    processes: Processes

    @property
    def database_url(self) -> str:
        return self.settings.bot.storage.database_url.get_secret_value()

    @property
    def broker_name(self) -> str:
        return f"{self.name}-broker"

    def start_broker(self) -> None:
        self.processes.start_spec(broker_process(self.settings), f"{self.name}-")

    def start_bot(self) -> str:
        """Return the name under which the bot runs."""
        return self.processes.start_spec(bot_process(self.settings), f"{self.name}-")


@contextmanager
def ground(name: str) -> Iterator[Ground]:
    """Provide a folder and processes that are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=f"shipmate-bench-{name}-"))
    try:
        with Processes(folder / "logs") as processes:
            yield Ground(folder, processes)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
