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
from typing import Protocol

from workers.sandbox import Limits, Ran
from workers.sandbox.launcher import Launcher, Running
from workers.sandbox.reading import Heard, listen

_DEFAULT = Limits()
# The sandbox dies with the thread that started it, from some instant during its start on. Were we killed before that,
# nobody would end it; so the first thing inside asks whether the other end of a pipe of ours is still held.
_LIMITED = (
    "read -t 0 -u {life} && exit 125; exec {life}<&-; "
    "ulimit -c 0 -n 8192 -f {blocks}; {processes}echo 800 2>/dev/null >/proc/self/oom_score_adj; "
)
_ONCE = 'exec bash --noprofile --norc -c "$1"'
_FROM_FILE = "exec bash --noprofile --norc /proc/self/fd/{fd}"
_LONGEST_ARGUMENT = 100_000  # the kernel's ceiling for one argument is 131,072 bytes
_FILLED = "\n[ended: it used up more than half of what was left on the disk]\n"
_PERSISTENT = "exec bash --noprofile --norc 9>&1"


def never() -> bool:
    """The default of `cancelled`."""
    return False


class Starter(Protocol):
    """How one kind of sandbox starts a program around its workspace."""

    def __call__(
        self, command: list[str], *, stdin: int | None, env: Mapping[str, str], keep: tuple[int, ...]
    ) -> Running: ...


class BashSession:
    """Implements `Session` over a way of starting programs. `root` is where the workspace appears to them."""

    def __init__(self, start: Starter, root: str, folder: Path, *, alone: bool = True) -> None:
        """`folder` is the workspace on the host; `alone`: the kernel counts this sandbox's processes by themselves."""
        self.root = root
        self._disk = str(folder)
        self._alone = alone
        self._start = start
        self._launcher = Launcher(f"sandbox-{folder.name}")
        self._lock = threading.Lock()
        self._talking = threading.Lock()
        self._running: set[int] = set()
        self._programs: dict[int, Running] = {}
        self._shell: Running | None = None
        self._closed = False
        self._life = os.pipe2(os.O_CLOEXEC)

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
            keep: tuple[int, ...] = ()
            argv = [self._limited(limits) + _ONCE, "bash", command]
            if len(command.encode("utf-8", "surrogateescape")) > _LONGEST_ARGUMENT:
                keep = (_memory(stack, "command", command.encode("utf-8", "surrogateescape")),)
                argv = [self._limited(limits) + _FROM_FILE.format(fd=keep[0])]
            running = self._begin(["bash", "--noprofile", "--norc", "-c", *argv], given, env or {}, keep)
            stack.callback(self._end, running)
            heard = listen(running, limits, cancelled, self._disk)
            running.kill()
            return self._ran(heard, running.process.returncode, limits)

    def shell(self, command: str, *, limits: Limits | None = None, cancelled: Callable[[], bool] = never) -> Ran:
        """Run `command` in the persistent bash. One that must be killed takes the bash with it; the next is fresh."""
        limits = limits or _DEFAULT
        with self._talking:
            if self._shell is None or self._shell.process.poll() is not None:
                self._drop_shell()
                argv = ["bash", "--noprofile", "--norc", "-c", self._limited(limits) + _PERSISTENT]
                self._shell = self._begin(argv, None, {}, ())
            running = self._shell
            # The two halves meet only in printf's output, so that neither `set -x` nor `set -v` can show a mark.
            left, right = secrets.token_hex(12), secrets.token_hex(12)
            text = (
                f"eval {shlex.quote(command)} </dev/null >&9 2>&9\n"
                f"{{ printf '\\n%s%s %d\\n' {left} {right} $? >&9; }} 2>/dev/null\n"
            )
            heard = _exchange(running, text, limits, cancelled, self._disk, f"{left}{right}".encode())
            if heard.marked is not None:
                code = heard.output[heard.marked + 48 :].split(b"\n", 1)[0].strip()
                heard.output = heard.output[: max(0, heard.marked - 1)]
                return self._ran(heard, int(code) if code.isdigit() else None, limits)
            running.kill()
            self._drop_shell()
            return self._ran(heard, running.process.returncode, limits)

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
        self._launcher.stop()
        for fd in self._life:
            os.close(fd)

    def _begin(self, command: list[str], stdin: int | None, env: Mapping[str, str], keep: tuple[int, ...]) -> Running:
        with self._lock:
            if self._closed:
                raise RuntimeError("this sandbox session is closed")
        keep = (*keep, self._life[0])
        running = self._launcher.launch(lambda: self._start(command, stdin=stdin, env=env, keep=keep))
        with self._lock:
            self._programs[id(running)] = running
            late = self._closed
        if late:
            running.kill()
        return running

    def _end(self, running: Running) -> None:
        running.release()
        with self._lock:
            self._programs.pop(id(running), None)

    def _drop_shell(self) -> None:
        if self._shell is not None:
            self._end(self._shell)
            self._shell = None

    def _limited(self, limits: Limits) -> str:
        processes = f"ulimit -u {limits.processes}; " if self._alone else ""
        return _LIMITED.format(life=self._life[0], processes=processes, blocks=limits.file_bytes // 1024)

    def _ran(self, heard: Heard, code: int | None, limits: Limits) -> Ran:
        cancelled = heard.cancelled or (self._closed and heard.marked is None)
        killed = heard.timed_out or heard.flooded or heard.filled or cancelled
        output = heard.output[: limits.output_bytes].decode("utf-8", "replace")
        return Ran(
            exit_code=None if killed or code is None else code if code >= 0 else 128 - code,
            output=output + (_FILLED if heard.filled else ""),
            seconds=heard.seconds,
            timed_out=heard.timed_out,
            flooded=heard.flooded or heard.filled,
            cancelled=cancelled,
        )


def _exchange(
    running: Running, text: str, limits: Limits, cancelled: Callable[[], bool], disk: str, mark: bytes
) -> Heard:
    """Give the persistent bash a text to read and listen for its mark."""
    assert running.input is not None
    data = text.encode("utf-8", "surrogateescape")
    feeder = threading.Thread(target=_feed, args=(running.input, data), daemon=True)
    feeder.start()
    heard = listen(running, limits, cancelled, disk, mark)
    if heard.marked is None:
        running.kill()
    feeder.join()
    return heard


def _feed(fd: int, data: bytes) -> None:
    with contextlib.suppress(OSError):
        while data:
            data = data[os.write(fd, data) :]


def _memory(stack: contextlib.ExitStack, name: str, data: bytes) -> int:
    """A memory file holding `data`, at its beginning, closed with the stack."""
    fd = os.memfd_create(name, os.MFD_CLOEXEC)
    stack.callback(os.close, fd)
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
    os.lseek(fd, 0, os.SEEK_SET)
    return fd
