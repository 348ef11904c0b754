"""A town: the real processes on the stand-ins, started on free ports with a state folder of their own.

Law: a test acts through the phone and the forge, as people do, and looks at the database without writing to it.
Whatever is killed is started again at once, by `until`, which every wait goes through.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from bot.store import Store
from playground.claude.client import ClaudeScript
from playground.github.client import GitHubDesk
from playground.slack.client import SlackPhone
from shipmate.embedded.defaults import Completed, complete
from shipmate.supervise.child import Child, Process, Spec
from shipmate.supervise.processes import PlaygroundWishes, all_processes, free_ports
from shipmate.supervise.supervisor import Supervisor
from tests.journeys import shop
from tests.journeys.zygote import IMPORTED, zygote

T = TypeVar("T")

QUICK = {"SHIPMATE_LEASE_SECONDS": "2", "SHIPMATE_SWEEP_SECONDS": "0.3", "SHIPMATE_POLL_SECONDS": "0.5"}
START_SECONDS = 120.0
CRASHING = {"bot": "tests.journeys.crashing_bot", "worker": "tests.journeys.crashing_worker"}


class Restarting(Supervisor):
    """Starts again at once whatever ended, and counts it."""

    def __init__(self, home: Path) -> None:
        super().__init__(home, echo=False)
        self.ended: dict[str, int] = {}

    def _begin(self, spec: Spec) -> Process:
        python, switch, module, *_ = spec.argv
        if (python, switch) == (sys.executable, "-m") and module in IMPORTED:
            return zygote().start(spec.argv, spec.env)
        return super()._begin(spec)

    def _after_end(self, name: str, child: Child, now: float) -> None:
        self.ended[name] = self.ended.get(name, 0) + 1
        if child.code not in {-signal.SIGKILL, -signal.SIGTERM}:
            raise self._failed(name, child.code)
        self._again_at[name] = now


@dataclass(frozen=True)
class Town:
    """The handles of everything that runs."""

    home: Path
    settings: Completed
    processes: Restarting
    phone: SlackPhone
    forge: GitHubDesk
    model: ClaudeScript
    store: Store

    def until(self, fact: Callable[[], T | None], what: str, seconds: float = 60.0) -> T:
        """The first true value of `fact`; whatever ended meanwhile is started again."""
        deadline = time.monotonic() + seconds
        while True:
            self.processes.tend()
            if found := fact():
                return found
            assert time.monotonic() < deadline, f"{what}: not within {seconds:g} s\n{self.logs()}"
            time.sleep(0.04)

    def kill(self, name: str) -> None:
        """SIGKILL a process; the next wait starts it again."""
        os.kill(self.processes.processes()[name], signal.SIGKILL)

    def crash_at(self, *points: str) -> None:
        """Arm crash points (`step:before` or `step:after`, and `:n` for the nth time) for the crashing processes."""
        (self.home / "run" / "crash-at").write_text("".join(f"{point}\n" for point in points))

    def uncrashed(self) -> list[str]:
        """The crash points that nobody has come to yet."""
        file = self.home / "run" / "crash-at"
        return file.read_text().split() if file.exists() else []

    def logs(self, lines: int = 25) -> str:
        """The end of every process's log."""
        found = []
        for file in sorted((self.home / "logs").glob("*.log")):
            end = file.read_text(errors="replace").splitlines()[-lines:]
            found += [f"--- {file.name}", *end]
        return "\n".join(found)


@contextmanager
def town(
    *,
    crashing: bool = False,
    at: Path | None = None,
    source: Path | None = None,
    also: Mapping[str, Path] = MappingProxyType({}),
    **settings: str,
) -> Iterator[Town]:
    """Start everything, yield once it works, end everything. `crashing` uses the test builds of bot and worker.

    The state folder is made inside `at`, where it is given. `source` is a repository in the shop's place,
    `also` are further ones that are served.
    """
    home = Path(tempfile.mkdtemp(prefix="shipmate-town-", dir=at))
    environ = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    environ |= {"SHIPMATE_HOME": str(home), "SHIPMATE_REPOSITORIES": ",".join((shop.NAME, *also)), **QUICK, **settings}
    source = source or shop.write_repository(home / "source")
    shop.write_scripts(home / "playground" / "scripts")
    wishes = PlaygroundWishes(repositories=tuple(f"{name}={at}" for name, at in {shop.NAME: source, **also}.items()))
    try:
        read = complete(environ)
        if free_ports(read, environ):
            read = complete(environ)
        with Restarting(home) as processes:
            specs = all_processes(read, wishes)
            for spec in _crashing(specs, home) if crashing else specs:
                processes.start(spec)
                if spec.last:
                    processes.wait_ready([spec.name], START_SECONDS)
            processes.wait_ready(list(processes.processes()), START_SECONDS)
            store = Store(read.bot.storage.database_url.get_secret_value())
            yield Town(
                home=home,
                settings=read,
                processes=processes,
                phone=SlackPhone(read.bot.slack.api_url.removesuffix("/api/")),
                forge=GitHubDesk(read.worker.github.server_url),
                model=ClaudeScript(str(read.worker.claude.base_url)),
                store=store,
            )
            store.close()
    finally:
        if os.environ.get("SHIPMATE_KEEP_TOWN") != "1":
            shutil.rmtree(home, ignore_errors=True)


def _crashing(specs: list[Spec], home: Path) -> list[Spec]:
    """The same processes, but one worker for both lanes, and test builds that can be made to crash."""
    found = [spec for spec in specs if "workers.main" not in spec.argv]
    worker = next(spec for spec in specs if "workers.main" in spec.argv)
    ready = home / "run" / "worker-build-talk.ready"
    module = (sys.executable, "-m")
    found = [replace(spec, argv=(*module, CRASHING["bot"])) if spec.name == "bot" else spec for spec in found]
    argv = (*module, CRASHING["worker"], "--lanes", "talk,build")
    return [*found, Spec("worker", argv, _plain(worker.env), lambda _pid: ready.exists())]


def _plain(environ: Mapping[str, str]) -> dict[str, str]:
    return dict(environ)
