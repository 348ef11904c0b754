"""Keep a spare process ready that becomes the next sandbox: starting one takes as long as everything else together.

Law: a spare knows nothing of any change, and becomes at most one sandbox. Its parent is a thread that lives as long as
the worker, since a sandbox dies with the thread that started it.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from workers.sandbox import cgroups
from workers.sandbox.launcher import SandboxStartFailed

PROGRAM = Path(__file__).with_name("spare_program.py")
_START_SECONDS = 20.0


@dataclass
class Spare:
    """One waiting process, in its control group if this host has them."""

    process: subprocess.Popen[bytes]
    line: socket.socket
    group: cgroups.ControlGroup | None

    def waits(self) -> bool:
        """Return whether it is still there; anything it wrote before it ended is lost."""
        return self.process.poll() is None

    def become(
        self, argv: Sequence[str], given: Sequence[tuple[int, int]], cwd: str, overlay: tuple[str, str] = ("", "")
    ) -> subprocess.Popen[bytes]:
        """Make it run `argv` in `cwd` without any environment, and return its process.

        `given` are descriptors and the numbers to keep them under. `overlay` are the options of an overlay to mount
        first, and its folder. Raises `SandboxStartFailed`.
        """
        numbers = " ".join(str(number) for _, number in given)
        words = [cwd, *overlay, numbers, *argv]
        if any("\0" in word for word in words):
            raise ValueError("embedded null byte")
        told = b"\0".join(map(os.fsencode, words))
        try:
            socket.send_fds(self.line, [told], [fd for fd, _ in given])
        except OSError as error:
            self.end()
            raise SandboxStartFailed("it ended before it began") from error
        self.line.close()
        return self.process

    def end(self) -> None:
        """End it unused."""
        self.line.close()
        self.process.kill()
        self.process.wait()
        if self.group:
            self.group.remove()


class Spares:
    """Keeps one spare ready after the first was needed. Safe to share between threads."""

    def __init__(self, processes: int) -> None:
        """Take the limit: `processes` is the most that each one's control group allows."""
        self._processes = processes
        self._orders: queue.SimpleQueue[Future[Spare]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._next: Future[Spare] | None = None
        self._thread: threading.Thread | None = None
        self._pid = os.getpid()

    def take(self) -> Spare:
        """Return a spare, which is then the caller's. Raises `SandboxStartFailed`, `OSError`."""
        with self._lock:
            kept, self._next = self._next, None
        if kept is not None and self._pid == os.getpid():
            with contextlib.suppress(SandboxStartFailed, OSError):
                spare = kept.result(_START_SECONDS)
                if spare.waits():
                    return spare
                spare.end()
        return self._ordered().result(_START_SECONDS)

    def refill(self) -> None:
        """Start the next one, unless one waits."""
        with self._lock:
            if self._next is None:
                self._next = self._ordered()

    def close(self) -> None:
        """End the one that waits."""
        with self._lock:
            kept, self._next = self._next, None
        if kept is not None and self._pid == os.getpid():
            with contextlib.suppress(SandboxStartFailed, OSError, TimeoutError):
                kept.result(_START_SECONDS).end()

    def _ordered(self) -> Future[Spare]:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._serve, name="spares", daemon=True)
            self._thread.start()
            self._pid = os.getpid()
        order: Future[Spare] = Future()
        self._orders.put(order)
        return order

    def _serve(self) -> None:
        while True:
            order = self._orders.get()
            try:
                order.set_result(_started(self._processes))
            except BaseException as error:  # the asking thread gets it, whatever it is
                order.set_exception(error)


def _started(processes: int) -> Spare:
    """Return a process that has joined its group and waits. Raises `SandboxStartFailed`, `OSError`."""
    group = cgroups.make(processes)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        places = [] if group is None else [str(folder) for folder in group.folders]
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(PROGRAM), str(theirs.fileno()), *places],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={},
            cwd="/",
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
    except BaseException:
        ours.close()
        if group:
            group.remove()
        raise
    finally:
        theirs.close()
    spare = Spare(process, ours, group)
    ours.settimeout(_START_SECONDS)
    said = b""
    with contextlib.suppress(OSError):
        said = ours.recv(16)
    assert process.stderr is not None
    with process.stderr as errors:
        if said != b"ready":
            process.kill()
            why = errors.read(4096).decode(errors="replace").strip()
            spare.end()
            raise SandboxStartFailed(why or "it did not begin")
    return spare


SPARES = Spares(cgroups.MOST_PROCESSES)
atexit.register(SPARES.close)
