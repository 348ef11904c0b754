"""The interface of a program that runs in a sandbox, and of the ways to start one.

Law: everything a program reports is untrusted. Only its exit code comes from the kernel; its output is bytes.
"""

from __future__ import annotations

import marshal
import shlex
import sys
from collections.abc import Mapping
from typing import Protocol

from workers.sandbox import Limits


class Program(Protocol):
    """A started program."""

    @property
    def output(self) -> int:
        """Return the read end of stdout and stderr, non-blocking."""
        ...

    @property
    def input(self) -> int | None:
        """Return the write end of stdin, where the program reads from a pipe."""
        ...

    @property
    def watch(self) -> int:
        """Return a descriptor that can be read once the program has ended."""
        ...

    def ended(self) -> bool:
        """Return whether it has ended by itself or was killed."""
        ...

    def code(self) -> int | None:
        """Return its exit code, negative for a signal; None while it runs."""
        ...

    def kill(self) -> None:
        """Kill it and all that it started, and wait until that is gone (at most 10 seconds)."""
        ...

    def release(self) -> None:
        """Kill what is left and close every file descriptor. Calling it twice is harmless."""
        ...


SCRIPT = "{script}"
"""Stands in a program's arguments for the path of its script."""


_START = (
    "import marshal,sys;r=sys.stdin.buffer;t,n,m=r.readline().split();c,s=r.read(int(n)),r.read(int(m));"
    "exec(marshal.loads(c)if t.decode()==sys.implementation.cache_tag else compile(s,'inward','exec'))"
)
INWARD = f"exec python3 -I -S -c {shlex.quote(_START)}"
"""The command that runs one of our small Python programs, given on stdin as `compiled` writes it."""


def compiled(source: bytes, name: str) -> bytes:
    """Return a program, compiled for this version of Python to save time, with its source for other versions."""
    code = marshal.dumps(compile(source, name, "exec", dont_inherit=True))
    return f"{sys.implementation.cache_tag or 'none'} {len(code)} {len(source)}\n".encode() + code + source


class Starter(Protocol):
    """A way to start programs around a workspace, for one kind of sandbox."""

    inward: str
    """A program that does the work of the command `INWARD` without a shell, or "" if there is none."""

    def start(
        self, argv: list[str], *, stdin: int | None, env: Mapping[str, str], script: int | None, limits: Limits
    ) -> Program:
        """Start a program. `stdin` is a descriptor, or None for a pipe; `script` a descriptor shown as `SCRIPT`.

        Raises `SandboxUnavailable`.
        """
        ...

    def renew(self) -> None:
        """Remove what earlier programs left, as far as this kind of sandbox can."""
        ...

    def close(self) -> None:
        """End everything that was started. Calling it twice is harmless."""
        ...
