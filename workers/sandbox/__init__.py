"""Run repository code in a sandbox: no secret, no network, no git directory, and nothing outlives it.

Law: only a `Session` runs code of a repository or a model, and `close()` kills its whole process tree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from workers.workspace import Workspace


@dataclass(frozen=True)
class Limits:
    """Ceilings of one command: seconds on the wall clock, bytes of output kept before the command is killed."""

    wall_seconds: float = 300.0
    output_bytes: int = 1 << 20
    processes: int = 1024
    file_bytes: int = 2 << 30


@dataclass(frozen=True)
class Ran:
    """The result of a command. `exit_code` is None when it was killed (`timed_out`, `flooded` or `cancelled` says why).

    `output` is stdout and stderr as they came, decoded with replacement. Filling the disk counts as a flood, and
    the end of `output` says so.
    """

    exit_code: int | None
    output: str
    seconds: float
    timed_out: bool = False
    flooded: bool = False
    cancelled: bool = False


class Session(Protocol):
    """One sandbox around one workspace, for one claim. `root` is where the workspace appears inside: "/workspace".

    It begins with the first command and lives until `close`. Commands share its scratch folders, never their processes:
    what a `run` started is gone when it returns, and what a `shell` started lives until that shell does.
    """

    root: str

    def run(
        self,
        command: str,
        *,
        limits: Limits | None = None,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        cancelled: Callable[[], bool] = ...,
    ) -> Ran:
        """Run `command` with bash in a clean shell at /workspace. `cancelled` is polled at least every 0.5 s."""
        ...

    def shell(self, command: str, *, limits: Limits | None = None, cancelled: Callable[[], bool] = ...) -> Ran:
        """Run `command` in the session's persistent bash (directory, variables and functions are kept)."""
        ...

    def restart(self) -> None:
        """End the persistent bash and everything it started; the next `shell` begins a fresh one."""
        ...

    def close(self) -> None:
        """Kill every process of the session and wait until none is left. Calling it twice is harmless."""
        ...


class Sandbox(Protocol):
    """A way to open sessions. The card shows `name` unless it is the default."""

    name: str

    def open(self, workspace: Path | Workspace, deps: Path | None = None, egress: Path | None = None) -> Session:
        """Return a session around a workspace or a plain folder, with the packages of `deps` read-only at /deps.

        The socket `egress` of a proxy is its only way out; without one it has no network. Raises `SandboxUnavailable`
        with a sentence that says how to fix it.
        """
        ...

    def probe(self) -> tuple[str, ...]:
        """Return leaks found by a probe run inside (empty means none): secrets, files, sockets, network."""
        ...


class SandboxUnavailable(Exception):
    """The sandbox cannot start on this host; the message says why and how to fix it."""
