"""Plain processes without isolation: an explicit choice for development on a machine where bubblewrap cannot start.

Law: nothing chooses this sandbox by itself, and its name is shown wherever its results are; the environment is as
empty here as in the real one.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
from collections.abc import Mapping
from pathlib import Path

from workers.sandbox import SandboxUnavailable
from workers.sandbox.launcher import Running, spawn
from workers.sandbox.mounts import View, environment
from workers.sandbox.session import BashSession

_MARK = "SHIPMATE_SANDBOX_SESSION"


class ProcessSandbox:
    """Makes sessions of plain processes. They see this host's files and network: for trusted repositories only."""

    name = "process"

    def __init__(self, home: Path, toolbox: Path | None = None, extra_ro: tuple[Path, ...] = ()) -> None:
        self._home = home / "process-home"
        self._view = View.of(toolbox, extra_ro)

    def open(self, workspace: Path, deps: Path | None = None) -> BashSession:
        """A session around `workspace`, at its own path (`root`). Raises `SandboxUnavailable`."""
        del deps  # nothing can be shown at /deps without a file system of its own
        place = os.path.realpath(workspace)
        mark = secrets.token_hex(16)
        view = self._view
        home = self._home
        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SandboxUnavailable(f"The sandbox's home folder cannot be made: {error.strerror}.") from error

        def start(command: list[str], *, stdin: int | None, env: Mapping[str, str], keep: tuple[int, ...]) -> Running:
            inside = {**environment(view), "HOME": str(home), **env, _MARK: mark}
            running = spawn(["/bin/bash", *command[1:]], stdin=stdin, keep=keep, env=inside, cwd=place)
            running.sweep = lambda: _sweep(running.process.pid, mark)
            return running

        return BashSession(start, place, Path(place), alone=False)

    def probe(self) -> tuple[str, ...]:
        """Nothing: it promises no wall, so that nothing can leak through one. Its name says what it is."""
        return ()


def _sweep(pid: int, mark: str) -> None:
    """Kill the program's process group, and whatever left it but still carries the session's mark."""
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
