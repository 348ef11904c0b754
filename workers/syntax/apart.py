"""Tests are read in a process of their own, which dies where a text makes a grammar slow, large or fall over.

tree-sitter's grammars are C that strangers' source is given to, and a few kilobytes can keep some of them busy for
minutes without a word. So the process limits its own processor time and memory, the kernel ends it, and the file counts
as unreadable. It holds none of the worker's environment, stays for the next file, and goes when idle for a minute.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from dataclasses import asdict, replace
from threading import Lock

from pydantic import TypeAdapter, ValidationError

from workers.ecosystems.suite import Test
from workers.syntax.reading import FORMS, form, read
from workers.syntax.tree import Unreadable

LARGEST = 1 << 19
"""Characters of a file that is read."""
_SECONDS, _IDLE, _MEMORY = 5, 60, 1 << 31
_READ = TypeAdapter(tuple[list[Test], bool] | None)
_BUSY = Lock()
_children: dict[int, subprocess.Popen[bytes]] = {}
"""The reading process of this process, by its own id: one that was forked must not share it."""


def tests(path: str, text: str) -> tuple[list[Test], bool] | None:
    """Return the tests of a file and whether it asserts anything; None where that cannot be read.

    Of languages that are not read there are no tests, and something may be asserted.
    """
    text = text.encode("utf-8", "replace").decode()
    how = form(path.encode("utf-8", "replace").decode(), text)
    if how is None:
        return [], True
    if len(text) > LARGEST:
        return None
    request = json.dumps([FORMS.index(how), text]).encode() + b"\n"
    with _BUSY:
        answer = _asked(request)
    if answer is None:
        return None
    every, asserts = answer
    return [replace(one, path=path) for one in every], asserts


def _asked(request: bytes) -> tuple[list[Test], bool] | None:
    """Return the answer of the process that is there, else of a new one, which one that had just left needs."""
    child = _children.get(os.getpid())
    if child is None or child.poll() is not None:
        command = [sys.executable, "-I", "-m", "workers.syntax.apart", str(_SECONDS)]
        pipe, quiet = subprocess.PIPE, subprocess.DEVNULL
        child = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=quiet, env={}, cwd="/")
        _children[os.getpid()] = child
    given, answered = child.stdin, child.stdout
    if given is None or answered is None:
        return None
    try:
        given.write(request)
        given.flush()
        return _READ.validate_json(answered.readline())
    except (OSError, ValidationError):
        child.kill()
        return _asked(request) if child.wait() == -signal.SIGALRM else None


def main() -> None:
    """Answer requests until there are none, each within the processor seconds that the argument says."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    while True:
        signal.alarm(_IDLE)
        line = sys.stdin.buffer.readline()
        if not line:
            return
        signal.alarm(_IDLE)
        signal.setitimer(signal.ITIMER_PROF, int(sys.argv[1]))
        index, text = json.loads(line)
        try:
            every, asserts = read(text, FORMS[index])
            answer = json.dumps([[asdict(one) for one in every], asserts])
        except (Unreadable, MemoryError):
            answer = "null"
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.buffer.write(answer.encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
