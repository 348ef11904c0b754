"""The worker's side of a runner: a `Sandbox` whose sessions live in another process.

Law: the runner's answers are checked like all outside data, with a deadline and a size limit. A runner that is gone
means `TryAgain`: nothing is wrong with the change.
"""

from __future__ import annotations

import contextlib
import errno
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from workers import TryAgain
from workers.sandbox import Limits, Ran, SandboxUnavailable
from workers.sandbox.runner import messages
from workers.sandbox.runner.messages import (
    Attach,
    Cancel,
    Ceilings,
    Close,
    CommandDone,
    Message,
    No,
    Opened,
    Restart,
    Run,
    Shell,
)
from workers.sandbox.runner.wire import LONGEST_ORDER, Broken, Connection, connect
from workers.sandbox.session import never

AGAIN_SECONDS = 5.0
_POLL_SECONDS = 0.15
_ANSWER_SECONDS = 120.0
_GRACE_SECONDS = 40.0
_DEFAULT = Limits()
_WIDEST = 3  # bytes of UTF-8 for one undecodable byte


class RunnerGone(TryAgain):
    """The runner cannot be reached, or does not answer as it should."""

    def __init__(self, why: str) -> None:
        super().__init__(AGAIN_SECONDS, f"The sandbox runner {why}.")


class RunnerFailed(Exception):
    """A bug of ours in the runner; its log says more."""


def ask(connection: Connection, message: Message, data: bytes = b"") -> Message:
    """Ask one question and return its answer, without data. Raises `RunnerGone`, `SandboxUnavailable`."""
    try:
        connection.send(messages.written(message), data)
        found = connection.receive(_ANSWER_SECONDS, 0)
        if found is None:
            raise RunnerGone("does not answer")
        return unless_no(messages.read(messages.ANSWER, found[0]))
    except Broken as broken:
        raise RunnerGone("is gone") from broken


def unless_no(answer: Message) -> Message:
    """Return the runner's answer; raise an exception if it refused.

    Raises `RunnerGone`, `RunnerFailed`, `SandboxUnavailable`, RuntimeError (closed), OSError (no space left).
    """
    if not isinstance(answer, No):
        return answer
    if answer.why == "closed":
        raise RuntimeError("this sandbox session is closed")
    if answer.why == "busy":
        raise RunnerGone(f"takes no more: {answer.words[:300]}")
    if answer.why == "full":
        raise OSError(errno.ENOSPC, answer.words)
    if answer.why == "failed":
        raise RunnerFailed(answer.words)
    raise SandboxUnavailable(answer.words)


class RunnerSession:
    """Implements `Session`. It lives as long as the connection that opened it; commands use further ones."""

    def __init__(self, socket: Path, life: Connection, opened: Opened) -> None:
        self.root = opened.root
        self._socket = socket
        self._token = opened.token
        self._life = life
        self._asking = threading.Lock()
        self._guard = threading.Lock()
        self._idle: list[Connection] = []
        self._busy = 0
        self._closed = False

    def run(
        self,
        command: str,
        *,
        limits: Limits | None = None,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        cancelled: Callable[[], bool] = never,
    ) -> Ran:
        """Run `command` with bash in a clean shell at the workspace. Raises `RunnerGone`."""
        text = command.encode("utf-8", "surrogateescape")
        ceilings = Ceilings.of(limits or _DEFAULT)
        order = Run(text=len(text), limits=ceilings, env=dict(env or {}))
        return self._command(order, text + (stdin or b""), ceilings, cancelled)

    def shell(self, command: str, *, limits: Limits | None = None, cancelled: Callable[[], bool] = never) -> Ran:
        """Run `command` in the session's persistent bash. Raises `RunnerGone`."""
        ceilings = Ceilings.of(limits or _DEFAULT)
        return self._command(Shell(limits=ceilings), command.encode("utf-8", "surrogateescape"), ceilings, cancelled)

    def restart(self) -> None:
        """End the persistent bash and everything it started."""
        with self._asking:
            if not self._closed:
                ask(self._life, Restart())

    def close(self) -> None:
        """Have every process of the session killed. If the runner is gone, so are they."""
        with self._asking:
            if self._closed:
                return
            self._closed = True
            with contextlib.suppress(RunnerGone, RunnerFailed, SandboxUnavailable, RuntimeError, OSError):
                ask(self._life, Close())
            self._life.shut()
            self._life.close()
        with self._guard:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _command(self, order: Run | Shell, data: bytes, ceilings: Ceilings, cancelled: Callable[[], bool]) -> Ran:
        if len(data) > LONGEST_ORDER:
            raise ValueError(f"a command and its input may have {LONGEST_ORDER} bytes together")
        connection = self._connection()
        kept = False
        try:
            connection.send(messages.written(order), data)
            done, output = _awaited(connection, ceilings, cancelled)
            kept = True
            return done.ran(output)
        except Broken as broken:
            raise RunnerGone("went away in the middle of a command") from broken
        finally:
            with self._guard:
                kept = kept and not self._closed
                if kept:
                    self._idle.append(connection)
            if not kept:
                connection.close()

    def _connection(self) -> Connection:
        """Return a connection for one command: one that is idle, else a new one."""
        with self._guard:
            if self._closed:
                raise RuntimeError("this sandbox session is closed")
            if self._idle:
                return self._idle.pop()
        connection = reached(self._socket)
        try:
            ask(connection, Attach(session=self._token))
        except RuntimeError as lost:
            connection.close()
            with self._guard:
                closed = self._closed
            if closed:
                raise
            raise RunnerGone("was restarted and doesn't know this session") from lost
        except BaseException:
            connection.close()
            raise
        return connection


def reached(socket: Path) -> Connection:
    """Return a connection to the runner. Raises `RunnerGone`."""
    try:
        return connect(socket)
    except OSError as error:
        raise RunnerGone(f"cannot be reached at {socket} ({error.strerror})") from error


def _awaited(connection: Connection, ceilings: Ceilings, cancelled: Callable[[], bool]) -> tuple[CommandDone, bytes]:
    """Wait for the result of a command; cancel it if it is no longer wanted. Raises `Broken`, and what No means."""
    deadline = time.monotonic() + ceilings.wall_seconds + _GRACE_SECONDS
    longest = _WIDEST * ceilings.output_bytes + 4096
    unwanted = False
    while True:
        found = connection.receive(_POLL_SECONDS, longest)
        if found is not None:
            answer = unless_no(messages.read(messages.ANSWER, found[0]))
            if not isinstance(answer, CommandDone):
                raise Broken("another answer was due")
            return answer, found[1]
        if time.monotonic() > deadline:
            raise Broken("no answer in time")
        if not unwanted and cancelled():
            unwanted = True
            deadline = time.monotonic() + _GRACE_SECONDS
            connection.send(messages.written(Cancel()))
