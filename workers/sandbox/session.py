"""A session's two ways to run commands: a clean shell each time, and one persistent bash.

Law: a program is released (killed, waited for, its pipes closed) by the thread that reads it; `close` only kills.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shlex
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from workers.sandbox import Limits, Ran
from workers.sandbox.programs import INWARD, SCRIPT, Program, Starter
from workers.sandbox.reading import CapturedOutput, listen, text

_DEFAULT = Limits()
_BASH = ["/bin/bash", "--noprofile", "--norc"]
_LONGEST_ARGUMENT = 100_000  # the kernel's ceiling for one argument is 131,072 bytes
_PERSISTENT = "exec /bin/bash --noprofile --norc 9>&1"


def never() -> bool:
    """Return the default of `cancelled`."""
    return False


def nothing() -> str:
    """Return the default of `grown`."""
    return ""


class BashSession:
    """Implements `Session` over a way of starting programs. `root` is where the workspace appears to them."""

    def __init__(
        self,
        starter: Starter,
        root: str,
        folder: Path,
        *,
        grown: Callable[[], str] = nothing,
        greeting: str = "",
        renew: bool = False,
    ) -> None:
        """Take the parts. `folder` is on the watched disk; `grown` returns a sentence once too much was written.

        Each persistent bash reads `greeting` first. With `renew`, each `run` gets a fresh sandbox.
        """
        self.root = root
        self._disk = str(folder)
        self._starter = starter
        self._grown = grown
        self._greeting = greeting
        self._renew = renew
        self._lock = threading.Lock()
        self._talking = threading.Lock()
        self._programs: dict[int, Program] = {}
        self._shell: Program | None = None
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
        """Run `command` with bash in a clean shell at the workspace."""
        limits = limits or _DEFAULT
        with contextlib.ExitStack() as stack:
            given = _memory(stack, "stdin", stdin or b"")
            encoded = command.encode("utf-8", "surrogateescape")
            argv, script = [*_BASH, "-c", command], None
            if command == INWARD and self._starter.inward:
                argv = [self._starter.inward]
            if len(encoded) > _LONGEST_ARGUMENT:
                argv, script = [*_BASH, SCRIPT], _memory(stack, "command", encoded)
            running = self._begin(argv, given, env or {}, script, limits)
            stack.callback(self._end, running)
            heard = listen(running, limits, cancelled, self._disk, grown=self._grown)
            running.kill()
            ran = self._ran(heard, running.code(), limits)
        if self._renew and not self._closed:
            self._starter.renew()
        return ran

    def shell(self, command: str, *, limits: Limits | None = None, cancelled: Callable[[], bool] = never) -> Ran:
        """Run `command` in the persistent bash. One that must be killed takes the bash with it; the next is fresh."""
        limits = limits or _DEFAULT
        with self._talking:
            greeting = ""
            if self._shell is None or self._shell.ended():
                self._drop_shell()
                self._shell = self._begin([*_BASH, "-c", _PERSISTENT], None, {}, None, limits)
                greeting = self._greeting
            running = self._shell
            # The two halves meet only in printf's output, so that neither `set -x` nor `set -v` can show a mark.
            left, right = secrets.token_hex(12), secrets.token_hex(12)
            typed = (
                f"{greeting}\\builtin eval {shlex.quote(command)} </dev/null >&9 2>&9\n"
                f"{{ \\builtin printf '\\n%s%s %d\\n' {left} {right} \"$?\" >&9; }} 2>/dev/null\n"
            )
            heard = self._exchange(running, typed, limits, cancelled, f"{left}{right}".encode())
            if heard.marked is not None:
                code = heard.output[heard.marked + 48 :].split(b"\n", 1)[0].strip()
                del heard.output[max(0, heard.marked - 1) :]
                return self._ran(heard, int(code) if code.isdigit() and len(code) <= 3 else None, limits)
            running.kill()
            ran = self._ran(heard, running.code(), limits)
            self._drop_shell()
            return ran

    def restart(self) -> None:
        """End the persistent bash and all that it started."""
        shell = self._shell
        if shell is not None:
            shell.kill()
        with self._talking:
            self._drop_shell()

    def close(self) -> None:
        """Kill every process of the session and wait until none is left; a command under way reads as cancelled."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            programs = list(self._programs.values())
        for program in programs:
            program.kill()
        with self._talking:
            self._drop_shell()
        self._starter.close()

    def _begin(
        self, argv: list[str], stdin: int | None, env: Mapping[str, str], script: int | None, limits: Limits
    ) -> Program:
        with self._lock:
            if self._closed:
                raise RuntimeError("this sandbox session is closed")
        running = self._starter.start(argv, stdin=stdin, env=env, script=script, limits=limits)
        with self._lock:
            self._programs[id(running)] = running
            late = self._closed
        if late:
            running.kill()
        return running

    def _end(self, running: Program) -> None:
        running.release()
        with self._lock:
            self._programs.pop(id(running), None)

    def _drop_shell(self) -> None:
        if self._shell is not None:
            self._end(self._shell)
            self._shell = None

    def _exchange(
        self, running: Program, typed: str, limits: Limits, cancelled: Callable[[], bool], mark: bytes
    ) -> CapturedOutput:
        """Give the persistent bash a text to read and listen for its mark."""
        assert running.input is not None
        data = typed.encode("utf-8", "surrogateescape")
        feeder = threading.Thread(target=_feed, args=(running.input, data), daemon=True)
        feeder.start()
        heard = listen(running, limits, cancelled, self._disk, mark, self._grown)
        if heard.marked is None:
            running.kill()
        feeder.join()
        return heard

    def _ran(self, heard: CapturedOutput, code: int | None, limits: Limits) -> Ran:
        cancelled = heard.cancelled or (self._closed and heard.marked is None)
        killed = heard.timed_out or heard.flooded or bool(heard.filled) or cancelled
        output = text(heard.output, limits.output_bytes)
        return Ran(
            exit_code=None if killed or code is None else code if code >= 0 else 128 - code,
            output=output + (f"\n[ended: {heard.filled}]\n" if heard.filled else ""),
            seconds=heard.seconds,
            timed_out=heard.timed_out,
            flooded=heard.flooded or bool(heard.filled),
            cancelled=cancelled,
        )


def _feed(fd: int, data: bytes) -> None:
    with contextlib.suppress(OSError):
        while data:
            data = data[os.write(fd, data) :]


def _memory(stack: contextlib.ExitStack, name: str, data: bytes) -> int:
    """Return a memory file holding `data`, at its beginning, closed with the stack."""
    fd = os.memfd_create(name, os.MFD_CLOEXEC)
    stack.callback(os.close, fd)
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
    os.lseek(fd, 0, os.SEEK_SET)
    return fd
