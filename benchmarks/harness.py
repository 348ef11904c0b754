"""Thirty turns of the agent as in production: the real stage, sandbox, workspace, and SQLite, against an instant model.

Law: everybody is measured by the model's own clock, from the first request to the last, so that starting up counts for
nobody; and everybody answers the same calls.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

import playground.seed
from benchmarks.instant_model import MODEL
from bot.artifacts import Artifacts
from bot.domain import events as e
from bot.domain.actor import Actor
from bot.domain.change import Place
from bot.domain.rules import Rules
from bot.record import Door
from bot.store import Store
from workers.agent import prices
from workers.agent.model import ClaudeModel
from workers.attend.meter import SPENT, measured
from workers.chat import Chat
from workers.forge import Forge
from workers.sandbox import overlay
from workers.sandbox.bubblewrap import Bubblewrap
from workers.stages.context import StageContext, Tools
from workers.stages.edit import edit
from workers.workspace.folders import LocalWorkspaces

SEED = Path(playground.seed.__file__).parent / "till"
ROOT = Path(__file__).parents[1]
MINI = ("mini-swe-agent==2.4.6", "mcp")
"""With what its own model library imports without asking for it."""


@dataclass
class Session:
    """One session as the model saw it: `gaps` between requests in seconds, bytes sent, [fresh, read, 5m, 1h] a turn."""

    gaps: list[float]
    sent: int
    usage: list[list[int]]
    cpu: float = 0.0
    """Processor seconds, those of children among them."""
    spent: dict[str, float] = field(default_factory=dict)
    """Seconds by port, where we can know them."""

    @property
    def per_turn(self) -> float:
        """Return seconds from one request to the next, on average."""
        return sum(self.gaps) / len(self.gaps)

    @property
    def share(self) -> float:
        """Return what was read from the cache, of all input from the second turn on."""
        later = self.usage[1:]
        return sum(one[1] for one in later) / max(1, sum(map(sum, later)))

    @property
    def dollars(self) -> float:
        """Return what the input would cost on the default model; the output is the same for everybody."""
        return sum(prices.micros(MODEL, a, b, c, d, 0) for a, b, c, d in self.usage) / 1e6


@contextlib.contextmanager
def instant_model() -> Iterator[str]:
    """Provide the model in a process of its own; its base URL."""
    argv = [sys.executable, "-m", "benchmarks.instant_model"]
    child = subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(child.stdout.readline())}"
    finally:
        child.communicate()


def seen(url: str) -> Session:
    """Return what the model saw since it was asked last."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{url}/_report", timeout=120) as answer:
        told = json.load(answer)
    return Session(told["gaps"], told["bytes"], told["usage"])


class Harness:
    """Shipmate's own agent, one session at a time, each a change of its own."""

    def __init__(self, home: Path, url: str) -> None:
        self._folder = _repository(home / "remote")
        self._server = _served(self._folder)
        url_of_git = f"http://127.0.0.1:{self._server.server_address[1]}/.git"
        store = Store(f"sqlite:///{home / 'shipmate.db'}")
        store.migrate()
        rules = Rules(repositories=("acme/till",), max_dollars=100.0)
        toolbox = ROOT / ".toolbox"
        self._tools = Tools(
            store=store,
            door=Door(store, rules),
            ring=lambda _change, _lanes: None,
            rules=rules,
            forge=cast(Forge, _Local(url_of_git)),
            chat=cast(Chat, None),
            model=measured(ClaudeModel("instant", url), "model"),
            scripted=lambda: True,
            workspaces=measured(LocalWorkspaces(home, layers=overlay.works), "git"),
            sandbox=measured(Bubblewrap(home, toolbox if toolbox.is_dir() else None), "sandbox"),
            artifacts=Artifacts(str(home / "artifacts")),
            clock=time.time,
            lease_seconds=120.0,
            poll_seconds=30.0,
            author=("Shipmate", "shipmate@example.com"),
        )
        self._url, self._count = url, 0

    def session(self) -> Session:
        """From a claimed edit to its finding."""
        self._count += 1
        tools, door, outbox = self._tools, self._tools.door, self._tools.store.outbox
        place = Place(team="T1", channel="C1", thread_ts=f"{self._count}.0", message_ts=f"{self._count}.0")
        asked = e.Asked(by=Actor(id="U1", name="ana"), place=place, text="Make the parts.")
        change = door.open(asked, f"ask-{self._count}").change
        assert change is not None
        claim = outbox.claim(change.id, "build", "bench", 600.0)
        assert claim is not None
        sha = _git(self._folder, "rev-parse", "main")
        door.record_result(claim, e.Prepared(base_branch="main", base_sha=sha))
        claim, now = outbox.claim(change.id, "build", "bench", 600.0), tools.store.changes.get(change.id)
        assert claim is not None
        assert now is not None
        SPENT.begin()
        began = sum(os.times()[:4])
        found = edit(StageContext(claim, now, tools))
        taken = sum(os.times()[:4]) - began
        spent = {name: told["seconds"] for name, told in SPENT.report().items()}
        assert isinstance(found, e.EditsReady), found
        door.record_result(claim, found)
        saw = seen(self._url)
        saw.spent, saw.cpu = spent, taken
        return saw

    def close(self) -> None:
        self._tools.store.close()
        self._server.shutdown()
        self._server.server_close()


class _Local:
    """A forge that serves one repository's files."""

    def __init__(self, url: str) -> None:
        self._url = url

    def clone_url(self, _name: str) -> str:
        return self._url

    def token(self, _name: str) -> None:
        return None


def _repository(folder: Path) -> Path:
    shutil.copytree(SEED, folder)
    _git(folder, "init", "-q", "-b", "main")
    _git(folder, "add", "-A")
    _git(folder, "-c", "user.name=b", "-c", "user.email=b@example.com", "commit", "-q", "-m", "Begin")
    _git(folder, "gc", "-q")
    _git(folder, "update-server-info")
    return folder


class _Files(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        return


def _served(folder: Path) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Files, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def peer(name: str, python: Path, url: str, home: Path) -> Callable[[], Session]:
    """Return one of the peers, run by an interpreter in a fresh copy of the repository each time."""
    program = ROOT / "benchmarks" / "peers" / f"{name}.py"

    def session() -> Session:
        folder = home / name / str(time.monotonic_ns())
        shutil.copytree(SEED, folder)
        argv = [str(python), str(program), "--url", url, "--folder", str(folder)]
        once = {**os.environ, "MSWEA_MODEL_RETRY_STOP_AFTER_ATTEMPT": "1", "PYTHONPATH": ""}
        done = subprocess.run(argv, capture_output=True, text=True, timeout=300, check=False, env=once)
        if done.returncode:
            raise RuntimeError(f"{name} failed: {done.stderr[-2000:]}")
        saw = seen(url)
        saw.cpu = float(done.stdout.split()[-1])
        return saw

    return session


def installed(folder: Path) -> tuple[Path | None, str]:
    """Return an interpreter that has mini-swe-agent, in a virtual environment below `folder`; or None and why not."""
    python = folder / "mini" / "bin" / "python"
    probe = [str(python), "-c", "import minisweagent, mcp"]
    if python.exists() and subprocess.run(probe, capture_output=True, check=False).returncode == 0:
        return python, ""
    made = subprocess.run([sys.executable, "-m", "venv", str(folder / "mini")], capture_output=True, check=False)
    if made.returncode:
        return None, "no virtual environment could be made for it"
    argv = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *MINI]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=600)
    last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
    return (None, f"it could not be installed: {last[:200]}") if done.returncode else (python, "")
