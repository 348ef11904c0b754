"""`python -m workers.sandbox.runner`: run a sandbox runner until SIGTERM.

Exit codes: 0 stopped by a signal, 1 the sandbox leaks or cannot start, 2 arguments or environment are wrong.

Law: it looks for leaks before it opens its socket, and refuses to start if its environment holds anything like a
secret.
"""

from __future__ import annotations

import argparse
import fcntl
import logging
import os
import resource
import signal
import socket
import sys
import tempfile
import threading
from pathlib import Path

from workers.egress.addresses import address
from workers.sandbox import SandboxUnavailable
from workers.sandbox.bubblewrap import Bubblewrap
from workers.sandbox.runner.environment import suspicious
from workers.sandbox.runner.server import MOST_SESSIONS, Server
from workers.sandbox.runner.shared import AREAS, RUNNER, SOCKETS, Shared

_DESCRIPTORS = 65_536
_BACKLOG = 256

log = logging.getLogger("runner")


def main(argv: list[str] | None = None) -> int:
    """Serve until a signal stops it."""
    wanted = argparse.ArgumentParser(prog="python -m workers.sandbox.runner", description="A sandbox runner.")
    wanted.add_argument("--root", type=Path, required=True, help="the folder shared with the workers")
    wanted.add_argument("--socket", type=Path, help=f"where to listen (default: <root>/{SOCKETS}/{RUNNER})")
    wanted.add_argument("--toolbox", type=Path, help="a virtual environment shown in every sandbox")
    wanted.add_argument("--peer", type=int, action="append", help="a user id that may connect (default: our own)")
    wanted.add_argument("--sessions", type=int, default=MOST_SESSIONS, help="sessions at the same time")
    given = wanted.parse_args(argv)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s")
    if found := suspicious(os.environ):
        names = ", ".join(found)
        log.error("start the runner without these variables, which look like secrets: %s", names)
        return 2
    told = _told_to_stop()
    _raise_descriptors()
    socket_path = given.socket or given.root / SOCKETS / RUNNER
    with tempfile.TemporaryDirectory(prefix="runner-") as scratch:
        there = given.toolbox is not None and given.toolbox.is_dir()
        boxes = Bubblewrap(Path(scratch), given.toolbox.absolute() if there else None)
        if not _sound(boxes):
            return 1
        try:
            _prepare(given.root, socket_path)
            listener, lock = listening(socket_path)
        except OSError as error:
            log.error("cannot listen at %s: %s", socket_path, error.strerror or error)
            return 2
        server = Server(boxes, Shared(given.root), frozenset(given.peer or [os.geteuid()]), given.sessions)
        threading.Thread(target=server.serve, args=(listener,), daemon=True).start()
        log.info("ready at %s for users %s", socket_path, given.peer or [os.geteuid()])
        os.read(told, 1)
        server.stop()
        listener.close()
        os.close(lock)
    return 0


def _told_to_stop() -> int:
    """Return a descriptor that is readable after SIGTERM or SIGINT. Python signal handlers must not wait for a lock."""
    told, tell = os.pipe2(os.O_CLOEXEC)
    os.set_blocking(tell, False)
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    return told


def _sound(boxes: Bubblewrap) -> bool:
    try:
        leaks = boxes.probe()
    except SandboxUnavailable as missing:
        log.error("no sandbox: %s", missing)
        return False
    for leak in leaks:
        log.error("the sandbox leaks: %s", leak)
    return not leaks


def _prepare(root: Path, socket_path: Path) -> None:
    for area in AREAS:
        (root / area).mkdir(parents=True, exist_ok=True, mode=0o700)
    socket_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)


def listening(place: Path) -> tuple[socket.socket, int]:
    """Return a listening socket at `place`, which only its owner may use, and a lock on it. Raises OSError.

    The socket of a killed runner is replaced, that of a living one is not.
    """
    lock = os.open(place.with_name(f"{place.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as held:
        os.close(lock)
        raise OSError(held.errno, "another runner listens there") from held
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    fresh = place.with_name(f".{place.name}.new")
    fresh.unlink(missing_ok=True)
    before = os.umask(0o177)
    try:
        with address(fresh) as name:
            listener.bind(name)
    finally:
        os.umask(before)
    listener.listen(_BACKLOG)
    fresh.rename(place)  # renamed last, so that it accepts connections as soon as it exists
    return listener, lock


def _raise_descriptors() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(_DESCRIPTORS, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


if __name__ == "__main__":
    sys.exit(main())
