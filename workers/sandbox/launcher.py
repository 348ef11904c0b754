"""Start a sandbox's processes, and know when the last of them is gone.

Law: a process is started by a thread that lives as long as its session. The kernel kills a `--die-with-parent`
sandbox when the thread that started it ends, not only when its process does.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

_START_SECONDS = 20.0
_GONE_SECONDS = 10.0
_TEND_SECONDS = 1.0


@dataclass
class Running:
    """A started program: its output pipe, and the sandbox's first process, with which everything inside dies."""

    process: subprocess.Popen[bytes]
    output: int
    """The read end of stdout and stderr, non-blocking."""
    input: int | None
    """The write end of stdin, where the program reads from a pipe."""
    first: int | None
    """A pidfd of the first process inside; when it is gone, all are."""
    sweep: Callable[[], None] = lambda: None
    """Kills processes that the two above do not reach (only without a process namespace)."""
    forget: Callable[[], None] = lambda: None
    """Called once all is gone."""
    watch: int = -1
    """A pidfd of the program: readable once it has ended."""

    def __post_init__(self) -> None:
        self.watch = os.pidfd_open(self.process.pid)

    def ended(self) -> bool:
        """Return whether the program has ended."""
        return self.process.poll() is not None

    def code(self) -> int | None:
        """Return its exit code, negative for a signal; None while it runs."""
        return self.process.poll()

    def kill(self) -> None:
        """Kill the whole tree and wait until it is gone (at most 10 seconds)."""
        if self.first is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.first, signal.SIGKILL)
        self.process.kill()
        self.sweep()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_GONE_SECONDS)
        if self.first is not None:
            readable(self.first, _GONE_SECONDS)

    def release(self) -> None:
        """Kill what is left and close every file descriptor. Calling it twice is harmless."""
        self.kill()
        for fd in (self.output, self.input, self.first, self.watch):
            if fd is not None and fd >= 0:
                with contextlib.suppress(OSError):
                    os.close(fd)
        self.output, self.input, self.first, self.watch = -1, None, None, -1
        self.forget()


def readable(fd: int, seconds: float) -> bool:
    """Wait until `fd` can be read (for a pidfd: until its process is gone); False when the time is over."""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(max(0.0, seconds) * 1000))


Begin = Callable[[Sequence[str], Sequence[tuple[int, int]]], "subprocess.Popen[bytes]"]
"""Starts a command with descriptors under given numbers."""


class SandboxStartFailed(Exception):
    """The sandbox program ended before anything ran in it; the message is what it said."""


class Launcher:
    """One thread that starts processes and stays until `stop`, and calls `tend` about once a second."""

    def __init__(self, name: str, tend: Callable[[], None] = lambda: None) -> None:
        self._tend = tend
        self._orders: queue.SimpleQueue[tuple[Callable[[], Running], Future[Running]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                order = self._orders.get(timeout=_TEND_SECONDS)
            except queue.Empty:
                self._tend()
                continue
            if order is None:
                return
            start, answer = order
            try:
                answer.set_result(start())
            except BaseException as error:  # re-raised in the thread that asked
                answer.set_exception(error)

    def launch(self, start: Callable[[], Running]) -> Running:
        """Run `start` in the launcher's thread; raises what it raises."""
        answer: Future[Running] = Future()
        self._orders.put((start, answer))
        return answer.result()

    def stop(self) -> None:
        """End the thread, and with it every sandbox that it started."""
        self._orders.put(None)
        self._thread.join(_GONE_SECONDS)


def spawn(
    argv: Sequence[str],
    *,
    stdin: int | None,
    keep: Sequence[int] = (),
    env: dict[str, str] | None = None,
    cwd: str | None = None,
    announce: bool = False,
    begin: Begin | None = None,
) -> Running:
    """Start `argv` with an empty environment (or `env`), stdout and stderr in one pipe.

    `stdin` is a file descriptor, or None for a pipe. `keep` are descriptors the program inherits. With `announce` the
    program is bubblewrap, and reports its first process through `--info-fd`. `begin` may start it in another way.
    Raises `SandboxStartFailed`, `OSError`.
    """
    info_read, info_write = os.pipe2(os.O_CLOEXEC) if announce else (None, None)
    out_read, out_write = os.pipe2(os.O_CLOEXEC)
    in_read, in_write = (None, None) if stdin is not None else os.pipe2(os.O_CLOEXEC)
    if info_write is not None:
        argv = [argv[0], "--info-fd", str(info_write), *argv[1:]]
        keep = [*keep, info_write]
    try:
        given = stdin if stdin is not None else in_read
        assert given is not None
        if begin is not None:
            process = begin(argv, [(given, 0), (out_write, 1), (out_write, 2), *((fd, fd) for fd in keep)])
        else:
            process = subprocess.Popen(
                list(argv), stdin=given, stdout=out_write, stderr=out_write, env=env or {}, cwd=cwd, pass_fds=keep,
                start_new_session=True,
            )  # fmt: skip
    except BaseException:
        _close(out_read, in_write, info_read)
        raise
    finally:
        _close(out_write, in_read, info_write)
    running = Running(process, out_read, in_write, None)
    if info_read is not None:
        running.first = _first(info_read)
        _close(info_read)
        if running.first is None:
            process.kill()
            process.wait()
            said = os.read(out_read, 4096).decode(errors="replace").strip()
            running.release()
            raise SandboxStartFailed(said or f"ended with {process.returncode}")
    os.set_blocking(out_read, False)
    return running


def _close(*fds: int | None) -> None:
    for fd in fds:
        if fd is not None:
            os.close(fd)


def _first(fd: int) -> int | None:
    """Return a pidfd of the process that bubblewrap names on `fd`, or None when it ended without naming one."""
    said = b""
    deadline = time.monotonic() + _START_SECONDS
    while b"}" not in said:
        piece = os.read(fd, 4096) if readable(fd, deadline - time.monotonic()) else b""
        if not piece:
            return None
        said += piece
    try:
        return os.pidfd_open(int(json.loads(said)["child-pid"]))
    except (ProcessLookupError, ValueError, KeyError):
        return None
