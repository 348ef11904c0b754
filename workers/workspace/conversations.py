"""Git commands that answer one question after another, kept running for whoever asks the same mirror next.

Law: a conversation is lent to one borrower at a time, and kept only where every answer was read to its end; after any
failure it is ended. What they answer depends on their arguments and on objects alone, which never change.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from workers.workspace.git import Git, end

MOST_IDLE = 6
"""Over all mirrors: each is a process that waits."""
IDLE_SECONDS = 60.0

_Key = tuple[str, int, tuple[str, ...]]
_idle: list[tuple[float, _Key, subprocess.Popen[bytes]]] = []
_lock = threading.Lock()


@contextmanager
def conversation(git: Git, *args: str) -> Iterator[subprocess.Popen[bytes]]:
    """A running command of `git`, with stdin and stdout as pipes; nothing else is using it."""
    state = git.gitdir.stat()
    key = (str(git.gitdir), state.st_ino, args)
    process = _taken(key) or git.start(*args)
    try:
        yield process
    except BaseException:
        end(process)
        raise
    _give_back(key, process)


def _taken(key: _Key) -> subprocess.Popen[bytes] | None:
    with _lock:
        at = next((at for at in range(len(_idle) - 1, -1, -1) if _idle[at][1] == key), None)
        found = None if at is None else _idle.pop(at)[2]
    if found is not None and found.poll() is not None:
        end(found)
        return None
    return found


def _give_back(key: _Key, process: subprocess.Popen[bytes]) -> None:
    now = time.monotonic()
    with _lock:
        _idle.append((now, key, process))
        kept = [one for one in _idle if now - one[0] < IDLE_SECONDS][-MOST_IDLE:]
        gone = [one[2] for one in _idle if one not in kept]
        _idle[:] = kept
    for one in gone:
        end(one)


def end_all() -> None:
    """End what waits for the next borrower."""
    with _lock:
        gone = [one[2] for one in _idle]
        _idle.clear()
    for one in gone:
        end(one)


atexit.register(end_all)
os.register_at_fork(after_in_child=_idle.clear)  # they talk to the process that this one was forked from
