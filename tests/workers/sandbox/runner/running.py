"""Starting real runners, and a server in this process whose sandboxes are plain ones."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from workers.sandbox.runner.__main__ import listening
from workers.sandbox.runner.box import RunnerSandbox
from workers.sandbox.runner.client import RunnerGone, reached
from workers.sandbox.runner.server import MOST_SESSIONS, Server
from workers.sandbox.runner.shared import AREAS, Shared
from workers.sandbox.runner.workspaces import SessionFactory

REPOSITORY = Path(__file__).resolve().parents[4]
TOOLBOX = REPOSITORY / ".toolbox"


def until(fact: Callable[[], object], seconds: float = 15.0) -> bool:
    """Whether `fact` comes true in time."""
    deadline = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > deadline:
            return False
        threading.Event().wait(0.02)
    return True


@dataclass
class Runner:
    """A runner in a process of its own."""

    root: Path
    process: subprocess.Popen[bytes]

    @property
    def socket(self) -> Path:
        return self.root / "sockets" / "runner.sock"

    def box(self) -> RunnerSandbox:
        return RunnerSandbox(self.root)

    def place(self, name: str) -> Path:
        """A new folder for a workspace."""
        folder = self.root / "checkouts" / name / "1"
        folder.mkdir(parents=True)
        return folder

    def answers(self) -> bool:
        try:
            reached(self.socket).close()
        except RunnerGone:
            return self.process.poll() is not None
        return True


def command(root: Path) -> list[str]:
    return [sys.executable, "-m", "workers.sandbox.runner", "--root", str(root), "--toolbox", str(TOOLBOX)]


@contextmanager
def running(root: Path, env: Mapping[str, str] | None = None) -> Iterator[Runner]:
    """A runner that answers."""
    given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), **(env or {})}
    process = subprocess.Popen(command(root), env=given, stderr=subprocess.DEVNULL)
    runner = Runner(root, process)
    try:
        assert until(runner.answers, 60)
        assert process.poll() is None
        yield runner
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def serving(
    root: Path, boxes: SessionFactory, peers: frozenset[int] | None = None, most: int = MOST_SESSIONS
) -> Iterator[RunnerSandbox]:
    """A server in this process that gives out `boxes`, and the sandbox that reaches it."""
    for area in AREAS:
        (root / area).mkdir(parents=True, exist_ok=True)
    listener, lock = listening(root / "sockets" / "runner.sock")
    server = Server(boxes, Shared(root), peers or frozenset([os.geteuid()]), most)
    thread = threading.Thread(target=server.serve, args=(listener,), daemon=True)
    thread.start()
    try:
        yield RunnerSandbox(root, start_seconds=0)
    finally:
        server.stop()
        listener.shutdown(2)
        thread.join(60)
        listener.close()
        os.close(lock)
