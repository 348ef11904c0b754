"""Processes that a benchmark starts: each in a group of its own, its output in a file, ended by its id.

Law: nothing outlives the benchmark. Leaving the context ends every process, and where the benchmark itself is killed,
a guardian process ends them.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from shipmate.supervise import guardian
from shipmate.supervise.child import Spec

ROOT = Path(__file__).resolve().parents[1]
READY_SECONDS = 60.0
POLITE_SECONDS = 8.0


class NotStarted(Exception):
    """A process ended or was not ready in time; the message has the end of its log."""


class Processes:
    """A context manager; `logs` is the folder for what the processes print."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._guardian: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Processes:
        self._logs.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-I", "-S", guardian.__file__]
        self._guardian = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
        return self

    def __exit__(self, *_: object) -> None:
        brokers = [name for name in self._running if name.endswith("broker")]
        self.end(*(name for name in list(self._running) if name not in brokers))
        self.end(*brokers)
        if self._guardian and self._guardian.stdin:
            self._guardian.stdin.close()
            self._guardian.wait()

    def start(self, name: str, argv: Sequence[str], env: Mapping[str, str]) -> int:
        """Start a process; its id."""
        with (self._logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                argv, env=dict(env), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd=ROOT
            )
        self._running[name] = process
        self._tell(f"+{process.pid}")
        return process.pid

    def start_spec(self, spec: Spec, prefix: str = "") -> str:
        """Start a process of Shipmate's own description and wait until it works; the name it got here."""
        return self.start_specs([spec], prefix)[0]

    def start_specs(self, specs: Sequence[Spec], prefix: str = "") -> list[str]:
        """Start several at the same time and wait until all of them work."""
        pids = {f"{prefix}{spec.name}": self.start(f"{prefix}{spec.name}", spec.argv, spec.env) for spec in specs}
        for (name, pid), spec in zip(pids.items(), specs, strict=True):
            self.wait(name, partial(spec.ready, pid))
        return list(pids)

    def wait(self, name: str, ready: Callable[[], bool], seconds: float = READY_SECONDS) -> None:
        """Wait until `ready`. Raises `NotStarted`."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self._running[name].poll() is not None or time.monotonic() > deadline:
                raise NotStarted(f"{name} does not work:\n{self.log(name)[-2000:]}")
            time.sleep(0.03)

    def pid(self, name: str) -> int:
        return self._running[name].pid

    def log(self, name: str) -> str:
        """Return everything that a process has printed."""
        return (self._logs / f"{name}.log").read_text(errors="replace")

    def kill(self, name: str) -> None:
        """SIGKILL, and wait until it is gone."""
        self._signal(name, signal.SIGKILL)
        self._gone(name, POLITE_SECONDS)

    def end(self, *names: str) -> None:
        """SIGTERM for all of `names`, then SIGKILL for what is still there."""
        running = [name for name in names if name in self._running]
        for name in running:
            self._signal(name, signal.SIGTERM)
        for name in running:
            if not self._gone(name, POLITE_SECONDS):
                self._signal(name, signal.SIGKILL)
                self._gone(name, POLITE_SECONDS)

    def _gone(self, name: str, seconds: float) -> bool:
        process = self._running[name]
        try:
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
            deadline = time.monotonic() + seconds
            while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
                if time.monotonic() > deadline:
                    return False
                time.sleep(0.02)
        except ChildProcessError:  # reaped already, by a look at whether it still runs
            pass
        else:
            # The group is signalled before its leader is reaped: afterwards the number may belong to another process.
            self._signal(name, signal.SIGKILL)
        process.wait()
        del self._running[name]
        self._tell(f"-{process.pid}")
        return True

    def _signal(self, name: str, number: int) -> None:
        process = self._running[name]
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, number)

    def _tell(self, line: str) -> None:
        if self._guardian and self._guardian.stdin:
            with contextlib.suppress(BrokenPipeError):
                self._guardian.stdin.write(f"{line}\n".encode())
                self._guardian.stdin.flush()


def plain_environment() -> dict[str, str]:
    """Return what every process gets of ours: where programs are, and nothing of anybody's settings or keys."""
    names = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ")
    return {name: os.environ[name] for name in names if name in os.environ} | {"PYTHONPATH": str(ROOT)}
