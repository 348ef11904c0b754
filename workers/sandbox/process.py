"""Plain processes without isolation: an explicit choice for development on a machine where bubblewrap cannot start.

Law: nothing chooses this sandbox by itself, and its name is shown wherever its results are; the environment is as
empty here as in the real one.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import threading
from collections.abc import Mapping
from pathlib import Path

from workers.sandbox import Limits, SandboxUnavailable
from workers.sandbox.launcher import Running, spawn
from workers.sandbox.mounts import View, environment
from workers.sandbox.programs import SCRIPT
from workers.sandbox.session import BashSession
from workers.workspace import Workspace

_MARK = "SHIPMATE_SANDBOX_SESSION"
# If the worker is killed while the program starts, nobody would end it. So it first checks that our pipe is still open.
_LIMITED = (
    "read -t 0 -u {life} && exit 125; exec {life}<&-; "
    "ulimit -c 0 -n 8192 -f {blocks}; echo 800 2>/dev/null >/proc/self/oom_score_adj; "
)


class ProcessSandbox:
    """Makes sessions of plain processes. They see this host's files and network: for trusted repositories only."""

    name = "process"

    def __init__(self, home: Path, toolbox: Path | None = None, extra_ro: tuple[Path, ...] = ()) -> None:
        self._home = home / "process-home"
        self._view = View.of(toolbox, extra_ro)

    def open(self, workspace: Path | Workspace, deps: Path | None = None, egress: Path | None = None) -> BashSession:
        """Return a session around `workspace`, at its own path (`root`). Raises `SandboxUnavailable`."""
        if egress is not None:
            raise SandboxUnavailable(
                "Plain processes cannot be kept to some hosts: they reach whatever this host does."
            )
        del deps  # nothing can be shown at /deps without a file system of its own
        if isinstance(workspace, Workspace) and workspace.lower is not None:
            raise SandboxUnavailable("Plain processes cannot see a workspace that is laid over another folder.")
        place = os.path.realpath(workspace.written if isinstance(workspace, Workspace) else workspace)
        try:
            self._home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SandboxUnavailable(f"The sandbox's home folder cannot be made: {error.strerror}.") from error
        return BashSession(_Starter(place, {**environment(self._view), "HOME": str(self._home)}), place, Path(place))

    def probe(self) -> tuple[str, ...]:
        """Return no leak: this sandbox promises no isolation, and its name says so."""
        return ()


class _Starter:
    """Starts plain processes, which carry a mark to be found by."""

    inward = ""

    def __init__(self, place: str, environment: Mapping[str, str]) -> None:
        self._place = place
        self._environment = environment
        self._mark = secrets.token_hex(16)
        self._life = os.pipe2(os.O_CLOEXEC)
        self._lock = threading.Lock()
        self._closed = False

    def start(
        self, argv: list[str], *, stdin: int | None, env: Mapping[str, str], script: int | None, limits: Limits
    ) -> Running:
        """See `Starter`."""
        life = self._life[0]
        preamble = _LIMITED.format(life=life, blocks=limits.file_bytes // 1024)
        argv = [word.replace(SCRIPT, f"/proc/self/fd/{script}") for word in argv]
        running = spawn(
            ["/bin/bash", "--noprofile", "--norc", "-c", f'{preamble}exec "$@"', "bash", *argv],
            stdin=stdin,
            keep=(life,) if script is None else (life, script),
            env={**self._environment, **env, _MARK: self._mark},
            cwd=self._place,
        )
        running.sweep = lambda: _sweep(running.process.pid, self._mark)
        return running

    def renew(self) -> None:
        """Do nothing: plain processes cannot be cleaned up after."""

    def close(self) -> None:
        """Forget the pipe that ties the programs to this process."""
        with self._lock:
            if not self._closed:
                self._closed = True
                for fd in self._life:
                    os.close(fd)


def _sweep(pid: int, mark: str) -> None:
    """Kill the program's process group, and processes that left it but still carry the session's mark."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    for _ in range(20):
        found = _marked(f"{_MARK}={mark}".encode())
        if not found:
            return
        for process in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)


def _marked(mark: bytes) -> list[int]:
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/environ", "rb") as file:
                if mark in file.read():
                    found.append(int(name))
    return found
