"""The sandbox that a worker chooses with SHIPMATE_SANDBOX=runner.

Law: a worker does not trust the runner's own probe alone. It also runs a probe of its own through the runner, which
looks for the worker's environment, files, sockets and network.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from workers.sandbox import SandboxUnavailable, probe
from workers.sandbox.runner.client import RunnerFailed, RunnerGone, RunnerSession, ask, reached
from workers.sandbox.runner.messages import Alive, Leaks, Message, Open, Opened, OpenSetup, Ping, Probe
from workers.sandbox.runner.shared import PLACES, RUNNER, SOCKETS, NotShared, Shared
from workers.sandbox.runner.workspaces import described
from workers.workspace import Workspace

START_SECONDS = 30.0
_PAUSE_SECONDS = 0.1


class RunnerSandbox:
    """Makes sessions in the runner behind `socket`. `root` is the folder shared with it, at the same path there."""

    name = "runner"

    def __init__(self, root: Path, socket: Path | None = None, start_seconds: float = START_SECONDS) -> None:
        """Take the parts. The first probe waits up to `start_seconds` for a runner that is starting."""
        self._root = root.absolute()
        self._socket = (socket or root / SOCKETS / RUNNER).absolute()
        self._start_seconds = start_seconds
        self._layers: bool | None = None

    def open(self, workspace: Path | Workspace, deps: Path | None = None, egress: Path | None = None) -> RunnerSession:
        """Return a session around `workspace` in the shared folder. Raises `SandboxUnavailable`, `RunnerGone`."""
        shared = self._shared()

        def wish() -> Open:
            packages, way_out = (shared.relative(one) if one else None for one in (deps, egress))
            if isinstance(workspace, Path):
                return Open(folder=shared.relative(workspace), deps=packages, egress=way_out)
            return Open(workspace=described(shared, workspace), deps=packages, egress=way_out)

        return self._session(wish)

    def layers(self, _folder: Path) -> bool:
        """Return whether workspaces may be laid over shared checkouts: the runner mounts them, not this process."""
        if self._layers is None:
            try:
                found = self._once(Ping())
            except (RunnerGone, SandboxUnavailable):
                return False
            self._layers = isinstance(found, Alive) and found.layers
        return self._layers

    def open_setup(self, workspace: Path, result: Path, proxy: Path) -> RunnerSession:
        """Return a session that installs: `result` is writable at /deps, and the socket `proxy` is the only way out."""
        shared = self._shared()
        return self._session(
            lambda: OpenSetup(
                folder=shared.relative(workspace), result=shared.relative(result), proxy=shared.relative(proxy)
            )
        )

    def probe(self) -> tuple[str, ...]:
        """Return the leaks that the runner finds, and those that this process finds through it.

        Raises `SandboxUnavailable`.
        """
        try:
            self._await()
            found = self._once(Probe())
            leaks = found.leaks if isinstance(found, Leaks) else ("the runner did not look for leaks",)
            places = self._root / PLACES
            places.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.TemporaryDirectory(dir=places, prefix="probe-") as folder:
                workspace = Path(folder) / "workspace"
                workspace.mkdir()
                session = self.open(workspace)
                try:
                    return (*leaks, *probe.look(session, Path(folder)))
                finally:
                    session.close()
        except RunnerGone as gone:
            raise SandboxUnavailable(f"{gone.why} Start one: shipmate runner.") from gone
        except RunnerFailed as fault:
            raise SandboxUnavailable(f"The sandbox runner failed: {fault}") from fault

    def _await(self) -> None:
        """Wait until the runner can be reached. It opens its socket after its own probe has passed."""
        deadline = time.monotonic() + self._start_seconds
        while True:
            try:
                connection = reached(self._socket)
            except RunnerGone:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE_SECONDS)  # a socket that is not there yet cannot be waited on
            else:
                connection.close()
                return

    def _shared(self) -> Shared:
        return Shared(self._root)

    def _once(self, message: Message) -> Message:
        connection = reached(self._socket)
        try:
            return ask(connection, message)
        finally:
            connection.close()

    def _session(self, wish: Callable[[], Open | OpenSetup]) -> RunnerSession:
        try:
            message = wish()
        except NotShared as elsewhere:
            raise SandboxUnavailable(f"The runner cannot be given this folder: {elsewhere}.") from elsewhere
        connection = reached(self._socket)
        try:
            answer = ask(connection, message)
            if not isinstance(answer, Opened):
                raise RunnerGone("gave another answer than was due")
            return RunnerSession(self._socket, connection, answer)
        except BaseException:
            connection.close()
            raise
