"""Starts processes, waits until they work, restarts those that crash, and ends all of them.

Law: processes are started and signalled from one thread. Whatever ends the supervisor, even SIGKILL, ends what it
started: a guardian process outlives it by a few seconds for that.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Self

from shipmate.supervise import guardian
from shipmate.supervise.child import Child, Process, Spec, start
from shipmate.supervise.logs import ChildLog, MergedLog
from shipmate.supervise.stopping import Stopping

_TRIES_BEFORE_READY = 4
_STEADY_SECONDS = 30.0
_POLITE_SECONDS = 10.0


class ProcessStartFailed(Exception):
    """A process could not be started; `code` is its last exit status (None: not ready in time)."""

    def __init__(self, name: str, code: int | None, tail: Sequence[str], log: Path) -> None:
        self.name, self.code, self.tail, self.log = name, code, tuple(tail), log
        why = "was not ready in time" if code is None else f"ended with exit status {code}"
        super().__init__(f"{name} {why} (log: {log})")


class Supervisor:
    """A set of children. Use it as a context manager: leaving it ends every one of them."""

    def __init__(self, home: Path, *, echo: bool) -> None:
        self.log = MergedLog(home, echo=echo)
        self.stopping = Stopping()
        self._urgent = False
        self._children: dict[str, Child] = {}
        self._logs: dict[str, ChildLog] = {}
        self._failures: dict[str, int] = {}
        self._again_at: dict[str, float] = {}
        self._guardian: subprocess.Popen[bytes] | None = None
        self._handlers: dict[int, Callable[[int, FrameType | None], object] | int | None] = {}

    def __enter__(self) -> Self:
        self._guardian = subprocess.Popen(
            [sys.executable, "-I", "-S", guardian.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._handlers[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._end_all()
        finally:
            if self._guardian and self._guardian.stdin:
                self._guardian.stdin.close()
                self._guardian.wait()
            for number, handler in self._handlers.items():
                signal.signal(number, handler)

    def start(self, spec: Spec) -> None:
        """Start a process; `wait_ready` says when it works."""
        log = self._logs.setdefault(spec.name, self.log.of(spec.name))
        self._children[spec.name] = Child(spec, log, self._tell_guardian, self._begin)

    def wait_ready(self, names: Sequence[str], seconds: float) -> None:
        """Wait until all of `names` work. Raises `ProcessStartFailed`; returns early when a signal asked to stop."""
        deadline = time.monotonic() + seconds
        while not self.stopping.is_set():
            self.tend()
            waiting = [name for name in names if not (name in self._children and self._children[name].is_ready())]
            if not waiting:
                return
            if time.monotonic() > deadline:
                raise self._failed(waiting[0], None)
            self.stopping.wait(0.03)

    def tend(self) -> None:
        """Restart the children that have ended, after a growing pause. Raises `ProcessStartFailed`."""
        now = time.monotonic()
        for name, child in list(self._children.items()):
            if name in self._again_at:
                if now >= self._again_at[name] and not self.stopping.is_set():
                    del self._again_at[name]
                    self.start(child.spec)
            elif child.has_ended() and not self.stopping.is_set():
                self._after_end(name, child, now)

    def run(self, each: Callable[[], None] = lambda: None) -> None:
        """Tend the children, calling `each` in between, until a signal asks to stop. Raises `ProcessStartFailed`."""
        while not self.stopping.is_set():
            self.tend()
            each()
            self.stopping.wait(0.2)

    def processes(self) -> dict[str, int]:
        """Return the process ids of the children that live."""
        return {name: child.pid for name, child in self._children.items() if child.code is None}

    def _begin(self, spec: Spec) -> Process:
        return start(spec)

    def _after_end(self, name: str, child: Child, now: float) -> None:
        steady = child.was_ready and now - child.started > _STEADY_SECONDS
        failures = 1 if steady else self._failures.get(name, 0) + 1
        self._failures[name] = failures
        if not child.was_ready and (failures >= _TRIES_BEFORE_READY or child.code == 2):
            raise self._failed(name, child.code)
        wait = min(15.0, 0.25 * 2**failures)
        self._again_at[name] = now + wait
        code = child.code or 0
        ended = f"was ended by signal {-code}" if code < 0 else f"ended with status {code}"
        self.log.say("shipmate", f"{name} {ended}; it is started again in {wait:g} s", always=True)

    def _failed(self, name: str, code: int | None) -> ProcessStartFailed:
        log = self._logs.setdefault(name, self.log.of(name))
        return ProcessStartFailed(name, code, log.tail(), log.path)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._urgent = self.stopping.is_set()
        self.stopping.set()

    def _tell_guardian(self, line: str) -> None:
        if self._guardian and self._guardian.stdin:
            try:
                self._guardian.stdin.write(f"{line}\n".encode())
                self._guardian.stdin.flush()
            except BrokenPipeError:
                self.log.say("shipmate", "the guardian process is gone", always=True)

    def _end_all(self) -> None:
        self.stopping.set()
        self._end([child for child in self._children.values() if not child.spec.last])
        self._end([child for child in self._children.values() if child.spec.last])

    def _end(self, children: Sequence[Child]) -> None:
        for child in children:
            if not child.has_ended():
                child.signal(signal.SIGTERM)
        deadline = time.monotonic() + _POLITE_SECONDS
        while sum(child.has_ended() for child in children) < len(children):
            if time.monotonic() > deadline or self._urgent:
                for child in children:
                    child.signal(signal.SIGKILL)
            time.sleep(0.02)
