"""Starts the processes of a town by forking one that has imported everything, which saves seconds for each of them.

Each is a process of its own and a child of the caller, as if it had been started by `python -m`: it can be killed,
waited for and asked for its exit code. The one that is forked has only imported modules, and has one thread. Its
command line and environment in `/proc` are those of the one that was forked.

The caller makes itself the reaper of orphans while a process is forked: the process between the two ends at once, and
its child becomes the caller's.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, NoReturn

IMPORTED = (
    "bot.main", "workers.main", "playground.main", "shipmate.embedded.broker", "tests.journeys.crashing_bot",
    "tests.journeys.crashing_worker", "tests.journeys.command",
    # what these import when they are called
    "alembic.command", "anthropic", "billiard.pool", "celery.app.control", "celery.app.log", "celery.apps.worker",
    "celery.bin.celery", "celery.bin.worker", "celery.concurrency.thread", "celery.events", "celery.fixups.django",
    "celery.worker.autoscale", "celery.worker.components", "celery.worker.consumer", "celery.worker.strategy",
    "fsspec.implementations.chained", "fsspec.implementations.local", "httpcore2", "kombu.pidbox",
    "kombu.transport.redis", "opentelemetry.propagate", "playground.claude", "playground.github", "playground.slack",
    "redis.asyncio", "truststore", "uvicorn.lifespan.on", "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.httptools_impl", "uvicorn.protocols.websockets.websockets_sansio_impl",
)  # fmt: skip
_PR_SET_CHILD_SUBREAPER = 36
_LONGEST = 1 << 18


@dataclass
class Forked:
    """A process that was forked, with what `Child` needs of a `subprocess.Popen`."""

    pid: int
    stdout: IO[bytes]

    def wait(self) -> int:
        """Wait for its end and return its exit code, negative for a signal."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class Zygote:
    """The process that forks."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    def start(self, argv: Sequence[str], env: Mapping[str, str]) -> Forked:
        """Start what `python -m MODULE ...` would, in a session of its own, with its output in a pipe."""
        output, theirs = os.pipe2(os.O_CLOEXEC)
        try:
            pid = self._fork(argv, env, (theirs, theirs))
        finally:
            os.close(theirs)
        return Forked(pid, os.fdopen(output, "rb"))

    def run(self, argv: Sequence[str], env: Mapping[str, str], seconds: float) -> subprocess.CompletedProcess[str]:
        """Do as `subprocess.run(argv, env=env, capture_output=True, text=True, timeout=seconds)` does."""
        with open(os.memfd_create("stdout"), "rb") as said, open(os.memfd_create("stderr"), "rb") as errors:
            pid = self._fork(argv, env, (said.fileno(), errors.fileno()))
            ended = os.pidfd_open(pid)
            late = not select.select([ended], [], [], seconds)[0]
            os.close(ended)
            if late:
                os.killpg(pid, signal.SIGKILL)
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            said.seek(0)
            errors.seek(0)
            texts = said.read().decode(), errors.read().decode()
        if late:
            raise subprocess.TimeoutExpired(argv, seconds, *texts)
        return subprocess.CompletedProcess(argv, code, *texts)

    def _fork(self, argv: Sequence[str], env: Mapping[str, str], outputs: tuple[int, int]) -> int:
        """Return the number of a child of ours that is the program; `outputs` are its stdout and stderr."""
        asked = json.dumps({"argv": argv[2:], "env": dict(env), "cwd": os.getcwd()}).encode()
        _adopt(True)
        try:
            socket.send_fds(self._line, [asked], outputs)
            return int(self._line.recv(64))
        finally:
            _adopt(False)


@functools.cache
def zygote() -> Zygote:
    """Start the one of this test process; it ends with it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        argv = [sys.executable, "-m", "tests.journeys.zygote", str(theirs.fileno())]
        subprocess.Popen(argv, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
    return Zygote(ours)


def _adopt(wanted: bool) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, int(wanted), 0, 0, 0)


def prepared() -> None:
    """Import what every process needs."""
    for name in IMPORTED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # no child has to look through, and so to copy, what all of them share


def serve(line: socket.socket) -> None:
    """Fork whenever asked to, until nobody asks any more."""
    while True:
        asked, given, _, _ = socket.recv_fds(line, _LONGEST, 2, socket.MSG_CMSG_CLOEXEC)
        if not asked:
            return
        wanted = json.loads(asked)
        number, told = os.pipe()
        between = os.fork()
        if between == 0:
            child = os.fork()
            if child == 0:
                for fd in (number, told, line.detach()):
                    os.close(fd)
                os.chdir(wanted["cwd"])
                _become(wanted["argv"], wanted["env"], given)
            os.write(told, str(child).encode())
            os._exit(0)
        os.waitpid(between, 0)  # from here on the child is the caller's
        line.send(os.read(number, 64))
        for fd in (number, told, *given):
            os.close(fd)


def _become(argv: list[str], env: dict[str, str], outputs: list[int]) -> NoReturn:
    """Be the module's program, with these as its stdout and stderr."""
    code = 1
    try:
        os.setsid()
        for fd, output in zip((1, 2), outputs, strict=True):
            os.dup2(output, fd)
        for output in outputs:
            os.close(output)
        os.environ.clear()
        os.environ.update(env)
        time.tzset()
        tempfile.tempdir = None
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115 - for as long as it lives
        sys.argv = argv
        sys.exit(sys.modules[argv[0]].main())
    except SystemExit as ended:
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
        code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as given_line:
        prepared()
        serve(given_line)
