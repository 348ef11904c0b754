"""A pool of running git commands that answer many questions each, such as `cat-file --batch`.

Starting git costs more than most answers, so a finished command waits for the next question to the same mirror.

Law: a command has one user at a time, and returns to the pool only if every answer was read to its end; after any
failure it is killed. Its answers depend only on its arguments and on git objects, which never change.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from workers.workspace.git import Git, end

MOST_IDLE = 6
"""Over all mirrors: each is a process that waits."""
IDLE_SECONDS = 60.0

_Key = tuple[str, int, tuple[str, ...]]


@dataclass(eq=False)
class Talk:
    """A running command and its private folder; `finish` is called once it has ended."""

    process: subprocess.Popen[bytes]
    finish: Callable[[], None] = lambda: None
    folder: Path | None = None
    since: float = 0.0
    key: _Key = field(default=("", 0, ()))

    def end(self) -> None:
        end(self.process)
        self.finish()


_idle: list[Talk] = []
_lock = threading.Lock()


@contextmanager
def conversation(git: Git, *args: str) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a running git command with stdin and stdout as pipes, for one user alone."""
    with talk(git, args, lambda: Talk(git.start(*args))) as found:
        yield found.process


@contextmanager
def talk(git: Git, name: tuple[str, ...], begin: Callable[[], Talk]) -> Iterator[Talk]:
    """Yield a running command by its name; `begin` starts one if none is waiting.

    The name must contain everything that the answers depend on.
    """
    key = (str(git.gitdir), git.gitdir.stat().st_ino, name)
    found = _taken(key) or begin()
    found.key = key
    try:
        yield found
    except BaseException:
        found.end()
        raise
    _give_back(found)


def _taken(key: _Key) -> Talk | None:
    with _lock:
        at = next((at for at in range(len(_idle) - 1, -1, -1) if _idle[at].key == key), None)
        found = None if at is None else _idle.pop(at)
    if found is not None and found.process.poll() is not None:
        found.end()
        return None
    return found


def _give_back(found: Talk) -> None:
    if found.process.poll() is not None:
        found.end()
        return
    found.since = time.monotonic()
    with _lock:
        _idle.append(found)
        fresh = [one for one in _idle if found.since - one.since < IDLE_SECONDS][-MOST_IDLE:]
        gone = [one for one in _idle if one not in fresh]
        _idle[:] = fresh
    for one in gone:
        one.end()


def end_all() -> None:
    """End all commands that wait in the pool."""
    with _lock:
        gone = list(_idle)
        _idle.clear()
    for one in gone:
        one.end()


atexit.register(end_all)
os.register_at_fork(after_in_child=_idle.clear)  # they talk to the process that this one was forked from
