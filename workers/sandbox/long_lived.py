"""The worker's side of a long-lived sandbox: start it when it is needed, and start programs in it through its process
1.

Starting a sandbox costs more than most commands, so the commands of a session share one.

Law: if process 1 does not obey within seconds, the whole sandbox is killed.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workers.sandbox import Limits, SandboxUnavailable
from workers.sandbox.init_process import INWARD, LONGEST, STUBBORN, WORD
from workers.sandbox.launcher import Launcher, Running, readable
from workers.sandbox.programs import SCRIPT, compiled

PROGRAM = compiled(Path(__file__).with_name("init_process.py").read_bytes(), "init_process")
# Compiled here once: compiling in each sandbox would take time and memory.
_START = (
    f"import marshal,posix,sys;b=posix.read(int(sys.argv[1]),{LONGEST});h,_,b=b.partition(b'\\n');t,n,_=h.split();"
    "n=int(n);exec(marshal.loads(b[:n])if t.decode()==sys.implementation.cache_tag else compile(b[n:],'init','exec'))"
)
_START_SECONDS = 20.0
_OBEY_SECONDS = 6.0
_SCRIPT_FD = 10


@dataclass
class RunningProgram:
    """A program in a living sandbox; `line` is the socket of its overseer."""

    output: int
    input: int | None
    line: socket.socket
    sandbox: Running
    _code: int | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def watch(self) -> int:
        """Return a descriptor that is readable once the overseer has answered or is gone."""
        return self.line.fileno()

    def ended(self) -> bool:
        """Return whether it has ended."""
        return self.code() is not None

    def code(self) -> int | None:
        """Return its exit code; that of a killed program if its overseer died without an answer."""
        with self._lock:
            if self._code is None and self.line.fileno() >= 0:
                try:
                    said = self.line.recv(64, socket.MSG_DONTWAIT)
                except BlockingIOError:
                    return None
                except OSError:
                    said = b""
                self._code = int.from_bytes(said, "little", signed=True) if len(said) == WORD else -9
                if self._code == STUBBORN:
                    self.sandbox.kill()
                    self._code = -9
            return self._code

    def kill(self) -> None:
        """Have it killed. If that takes too long, kill the whole sandbox."""
        if self.code() is not None:
            return
        with contextlib.suppress(OSError):
            self.line.send(b"k", socket.MSG_DONTWAIT)
        if not readable(self.line.fileno(), _OBEY_SECONDS):
            self.sandbox.kill()
        self.code()

    def release(self) -> None:
        """Kill it and close its descriptors."""
        if self.line.fileno() >= 0:
            self.kill()
            with self._lock:
                self.line.close()
        for fd in (self.output, self.input):
            if fd is not None and fd >= 0:
                os.close(fd)
        self.output, self.input = -1, None


def process_one(ours: socket.socket, theirs: socket.socket) -> list[str]:
    """Return the arguments of the Python that is process 1 and keeps `theirs`; its program waits for it there."""
    ours.send(PROGRAM)
    return ["-I", "-S", "-c", _START, str(theirs.fileno())]


class LongLivedSandbox:
    """Implements `Starter`: one sandbox, started for the first program, and again if it has died."""

    inward = INWARD.decode()

    def __init__(
        self,
        begin: Callable[[list[str], int], Running],
        environment: Mapping[str, str],
        grown: Callable[[], str] = lambda: "",
        name: str = "",
        beside: Sequence[str] = (),
    ) -> None:
        """Take the parts. `begin` starts a sandbox whose process 1 is Python with the arguments it is given, and
        inherits a descriptor.

        `environment` is given to every program; `grown` returns a sentence once the sandbox has exceeded its disk
        limit. `beside` is a program that runs as long as the sandbox does; it prints a line once it serves.
        """
        self._begin = begin
        self._environment = environment
        self._grown = grown
        self._beside = list(beside)
        self._attendant: RunningProgram | None = None
        self._launcher = Launcher(f"sandbox-{name}", self._tend)
        self._lock = threading.Lock()
        self._sandbox: Running | None = None
        self._control: socket.socket | None = None

    def start(
        self, argv: list[str], *, stdin: int | None, env: Mapping[str, str], script: int | None, limits: Limits
    ) -> RunningProgram:
        """Start a program; see `Starter`."""
        with self._lock:
            given = {**self._environment, **env}
            sandbox, control = self._alive()
            try:
                return self._started(sandbox, control, argv, stdin, given, script, limits)
            except SandboxUnavailable:  # it died before the program started, so a fresh sandbox may work
                self._drop()
                return self._started(*self._alive(), argv, stdin, given, script, limits)

    def _started(
        self, sandbox: Running, control: socket.socket, argv: list[str], stdin: int | None, env: Mapping[str, str],
        script: int | None, limits: Limits,
    ) -> RunningProgram:  # fmt: skip
        with contextlib.ExitStack() as closing:
            made = _pipes(closing, stdin)
            line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            closing.callback(theirs.close)
            given = [theirs.fileno(), made.stdin, made.stdout]
            if script is not None:
                given.append(script)
                argv = [word.replace(SCRIPT, f"/proc/self/fd/{_SCRIPT_FD}") for word in argv]
            asked = _message(argv, env, limits, script is not None)
            try:
                socket.send_fds(control, [asked], given)
            except OSError as error:
                line.close()
                made.close()
                raise SandboxUnavailable("The sandbox ended before the command began. Try again.") from error
            return RunningProgram(made.output, made.input, line, sandbox)

    def _tend(self) -> None:
        """Kill the sandbox if it exceeds its disk limit between two commands."""
        sandbox = self._sandbox
        if sandbox is not None and not sandbox.ended() and self._grown():
            sandbox.kill()

    def renew(self) -> None:
        """End the sandbox; the next program starts a fresh one."""
        with self._lock:
            self._drop()

    def close(self) -> None:
        """End the sandbox for good."""
        self.renew()
        self._launcher.stop()

    def _alive(self) -> tuple[Running, socket.socket]:
        if self._sandbox is not None and self._control is not None:
            if not self._sandbox.ended():
                return self._sandbox, self._control
            self._drop()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            argv, fd = process_one(ours, theirs), theirs.fileno()
            sandbox = self._launcher.launch(lambda: self._begin(argv, fd))
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        ours.settimeout(_START_SECONDS)
        try:
            if ours.recv(16) != b"ready":
                raise OSError
        except OSError as error:
            ours.close()
            said = _said(sandbox)
            sandbox.release()
            raise SandboxUnavailable(f"The sandbox did not begin: {said}") from error
        ours.settimeout(None)
        self._sandbox, self._control = sandbox, ours
        if self._beside:
            try:
                self._attend(sandbox, ours)
            except BaseException:
                self._drop()
                raise
        return sandbox, ours

    def _attend(self, sandbox: Running, control: socket.socket) -> None:
        """Start the companion program and wait until it serves. Without it, the sandbox is useless."""
        program = self._started(sandbox, control, self._beside, None, self._environment, None, Limits())
        self._attendant = program
        if not readable(program.output, _START_SECONDS) or os.read(program.output, 64) != b"ready\n":
            raise SandboxUnavailable("The sandbox's way out did not begin. Try again.")

    def _drop(self) -> None:
        if self._attendant is not None:
            attendant, self._attendant = self._attendant, None
            attendant.release()
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._sandbox is not None:
            self._sandbox.release()
            self._sandbox = None


@dataclass
class _Pipes:
    stdin: int
    stdout: int
    output: int
    input: int | None

    def close(self) -> None:
        os.close(self.output)
        if self.input is not None:
            os.close(self.input)


def _pipes(closing: contextlib.ExitStack, stdin: int | None) -> _Pipes:
    output, stdout = os.pipe2(os.O_CLOEXEC)
    closing.callback(os.close, stdout)
    os.set_blocking(output, False)
    given, input_ = stdin, None
    if given is None:
        given, input_ = os.pipe2(os.O_CLOEXEC)
        closing.callback(os.close, given)
    return _Pipes(given, stdout, output, input_)


def _message(argv: list[str], env: Mapping[str, str], limits: Limits, script: bool) -> bytes:
    variables = [f"{name}={value}" for name, value in env.items()]
    kept = [str(_SCRIPT_FD)] if script else []
    head = [str(limits.file_bytes), str(limits.processes), str(len(kept)), str(len(variables))]
    words = [*head, *kept, *variables, *argv]
    if any("\0" in word for word in words):
        raise ValueError("embedded null byte")
    return b"\0".join(word.encode("utf-8", "surrogateescape") for word in words)


def _said(sandbox: Running) -> str:
    poll = select.poll()
    poll.register(sandbox.output, select.POLLIN)
    return os.read(sandbox.output, 4096).decode(errors="replace").strip() if poll.poll(200) else "it said nothing"
