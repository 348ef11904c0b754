"""Run one supervised process in a group of its own: collect its output, and end the whole group.

Law: a group is signalled only before its leader is reaped, since afterwards its number may be another process's.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Protocol

from shipmate.supervise.logs import ChildLog


@dataclass(frozen=True)
class Spec:
    """How to run a process. `ready(pid)` tells whether that process works now; `last` ones end after all others."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    ready: Callable[[int], bool]
    last: bool = False


class Process(Protocol):
    """A process that was started: a `subprocess.Popen`, or the same of another origin in tests."""

    @property
    def pid(self) -> int: ...

    @property
    def stdout(self) -> IO[bytes] | None: ...

    def wait(self) -> int:
        """Wait for its end and return its exit code, negative for a signal."""
        ...


Start = Callable[[Spec], Process]


def start(spec: Spec) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, its output in one pipe."""
    return subprocess.Popen(
        spec.argv,
        env=dict(spec.env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


class Child:
    """A running process. `ready` stays true once the spec's check was; `code` is its exit status once it ended."""

    def __init__(self, spec: Spec, log: ChildLog, tell_guardian: Callable[[str], None], start: Start) -> None:
        self.spec = spec
        self.started = time.monotonic()
        self.was_ready = False
        self.code: int | None = None
        self._tell_guardian = tell_guardian
        self._process = start(spec)
        self.pid = self._process.pid
        tell_guardian(f"+{self.pid}")
        log.follow(self._process.stdout)

    def is_ready(self) -> bool:
        """Asks the spec's check until it succeeds once."""
        if not self.was_ready and self.code is None:
            self.was_ready = self.spec.ready(self.pid)
        return self.was_ready

    def has_ended(self) -> bool:
        """Return whether the process has ended. If so, the rest of its group is killed."""
        if self.code is not None:
            return True
        found = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
        if found is None:
            return False
        self.signal(signal.SIGKILL)
        self.code = self._process.wait()
        self._tell_guardian(f"-{self.pid}")
        return True

    def signal(self, number: int) -> None:
        """Send a signal to the whole group."""
        if self.code is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)
