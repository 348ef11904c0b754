"""The default sandbox: bubblewrap with its own user, process, network and mount namespaces.

Law: bubblewrap itself is started with an empty environment. `--clearenv` alone leaves ours readable in
`/proc/1/environ` inside.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import subprocess
import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from workers.sandbox import Limits, SandboxUnavailable, leftovers
from workers.sandbox import probe as inside
from workers.sandbox.gauge import Gauge
from workers.sandbox.launcher import Running, SandboxStartFailed, spawn
from workers.sandbox.long_lived import LongLivedSandbox
from workers.sandbox.mounts import (
    EGRESS,
    EGRESS_PORT,
    FILES,
    GREETING,
    HOME,
    WORKSPACE,
    View,
    arguments,
    environment,
    given,
    program,
)
from workers.sandbox.seccomp import UnknownArchitecture, assemble
from workers.sandbox.session import BashSession, nothing
from workers.sandbox.spare import SPARES
from workers.workspace import Workspace, WorkspaceLimit, overlay

SETUP_LIMIT = WorkspaceLimit(bytes=8 << 30, files=1_000_000)
"""How much an installation may write, including files that it removes again."""
_OLDEST = (0, 8)
_BRIDGE = Path(__file__).with_name("bridge.py").read_text(encoding="utf-8")
_INSTALL = "Install it with: apt-get install bubblewrap."


class Bubblewrap:
    """Opens bubblewrap sessions.

    `home` is a folder of ours for short-lived files, `toolbox` a virtual environment whose programs come first on the
    PATH inside, `extra_ro` further folders shown read-only at their own paths.
    """

    name = "bubblewrap"

    def __init__(self, home: Path, toolbox: Path | None = None, extra_ro: tuple[Path, ...] = ()) -> None:
        self._home = home
        self._view = View.of(toolbox, extra_ro)
        self._checked = False
        self._lock = threading.Lock()

    def open(self, workspace: Path | Workspace, deps: Path | None = None, egress: Path | None = None) -> BashSession:
        """Return a session around `workspace`, mounted read-write at /workspace, with `deps` read-only at /deps.

        The socket `egress` is its only way out; without it, there is no network. Raises `SandboxUnavailable`.
        """
        return self._open(workspace, replace(self._view, deps=deps, egress=egress))

    def open_setup(self, workspace: Path, result: Path, proxy: Path, show: tuple[Path, ...] = ()) -> BashSession:
        """Return a session that installs: `result` is writable at /deps, and the socket `proxy` is the only way out.

        `show` are files shown read-only at their own paths. Each `run` finds an unused sandbox. Raises
        `SandboxUnavailable`.
        """
        seen = (*self._view.read_only, *show)
        grown = Gauge(result, SETUP_LIMIT, relative=True).grown
        return self._open(workspace, replace(self._view, read_only=seen, deps=result, proxy=proxy), grown, renew=True)

    def _open(
        self, workspace: Path | Workspace, view: View, grown: Callable[[], str] = nothing, *, renew: bool = False
    ) -> BashSession:
        self._require()
        beside = _bridge(view)
        if isinstance(workspace, Path):
            folder = Path(os.path.realpath(workspace))
            plain = LongLivedSandbox(_beginning(folder, view, None), environment(view), grown, folder.name, beside)
            return BashSession(plain, WORKSPACE, folder, grown=grown, renew=renew)
        place = Path(os.path.realpath(workspace.place))
        over = None if workspace.lower is None else place
        folder = place / (workspace.written.name if over is None else overlay.MERGED)
        view = replace(view, history=workspace.history)
        gauge = Gauge(place / workspace.written.name, workspace.limit, relative=over is None)
        sandbox = LongLivedSandbox(_beginning(folder, view, over), environment(view), gauge.grown, place.name, beside)
        greeting = GREETING if workspace.history is not None else ""
        return BashSession(sandbox, WORKSPACE, place, grown=gauge.grown, greeting=greeting, renew=renew)

    def probe(self) -> tuple[str, ...]:
        """Plant canaries, look for them from inside, and name every leak. Raises `SandboxUnavailable`."""
        self._home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._home, prefix="probe-") as folder:
            workspace = Path(folder) / "workspace"
            workspace.mkdir()
            session = self.open(workspace)
            try:
                return inside.look(session, Path(folder))
            finally:
                session.close()

    def _require(self) -> str:
        """Return bubblewrap's path, after checking once that it can start here. Raises `SandboxUnavailable`."""
        bwrap = program()
        if bwrap is None:
            raise SandboxUnavailable(f"bubblewrap is not installed. {_INSTALL}")
        with self._lock:
            if not self._checked:
                leftovers.remove()
                _check(bwrap, self._view)
                self._checked = True
        return bwrap


def _bridge(view: View) -> list[str]:
    """Return the program that connects a sandbox's loopback to its proxy, if it has one."""
    return [interpreter(view), "-I", "-S", "-c", _BRIDGE, EGRESS, str(EGRESS_PORT)] if view.egress else []


def _beginning(folder: Path, view: View, over: Path | None) -> Callable[[list[str], int], Running]:
    """Return a function that starts a sandbox around `folder`; `over` is the place of its overlay, if it has one."""

    def begin(argv: list[str], keep: int) -> Running:
        return _begin(folder, view, over, argv, keep)

    return begin


def _begin(folder: Path, view: View, over: Path | None, argv: list[str], keep: int) -> Running:
    bwrap = program()
    if bwrap is None:
        raise SandboxUnavailable(f"bubblewrap is not installed. {_INSTALL}")
    if folder.is_symlink():  # an installation may write beside its workspace, so it could replace it by a link
        raise SandboxUnavailable("The folder to work in was replaced by a link.")
    with contextlib.ExitStack() as stack:
        files = {name: _data(stack, content) for name, content in given(view)}
        seccomp = _data(stack, assemble())
        env = {**environment(view), leftovers.MARK: leftovers.mark()}
        options = [*arguments(folder, view, env, files, seccomp)[:-1], "--as-pid-1", "--", interpreter(view), *argv]
        try:
            spare = SPARES.take()
        except (SandboxStartFailed, OSError) as failure:
            raise SandboxUnavailable(explain(str(failure))) from failure
        laid = ("", "") if over is None else (overlay.OPTIONS, overlay.MERGED)
        empty = stack.enter_context(open(os.devnull, "rb"))
        try:
            running = spawn(
                [bwrap, *options],
                stdin=empty.fileno(),
                keep=(*files.values(), seccomp, keep),
                announce=True,
                begin=lambda command, fds: spare.become(command, fds, str(over or "/"), laid),
            )
        except (SandboxStartFailed, OSError) as failure:
            spare.end()
            raise SandboxUnavailable(explain(str(failure))) from failure
        if spare.group:
            running.forget = spare.group.remove
        SPARES.refill()
        return running


def interpreter(view: View) -> str:
    """Return the Python that is process 1 inside: the system's, else the toolbox's; never a repository's own."""
    for place in ("/usr/bin/python3", "/usr/local/bin/python3", *(str(folder / "python3") for folder in view.path)):
        if os.access(place, os.X_OK):
            return place
    raise SandboxUnavailable(
        "Python is not installed where a sandbox sees it. Install it with: apt-get install python3."
    )


def _data(stack: contextlib.ExitStack, content: bytes) -> int:
    fd = os.memfd_create("sandbox", os.MFD_CLOEXEC)
    stack.callback(os.close, fd)
    os.write(fd, content)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def _check(bwrap: str, view: View) -> None:
    """Start a real sandbox once. Raises `SandboxUnavailable`, which says what is wrong and how to fix it."""
    try:
        said = subprocess.run([bwrap, "--version"], capture_output=True, env={}, timeout=20, check=False).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SandboxUnavailable(f"bubblewrap could not be started: {error}.") from error
    found = re.search(rb"(\d+)\.(\d+)", said)
    version = (int(found[1]), int(found[2])) if found else (0, 0)
    if version < _OLDEST:
        raise SandboxUnavailable(f"bubblewrap {version[0]}.{version[1]} is too old: 0.8 or newer is needed. {_INSTALL}")
    try:
        assemble()
    except UnknownArchitecture as error:
        raise SandboxUnavailable(f"The sandbox cannot protect this machine: {error}.") from error
    with tempfile.TemporaryDirectory(prefix="shipmate-check-") as folder:
        place = Path(os.path.realpath(folder))
        session = BashSession(LongLivedSandbox(_beginning(place, view, None), environment(view)), WORKSPACE, place)
        try:
            ran = session.run("exec 3<>/workspace/.w && echo inside", limits=Limits(wall_seconds=30))
        finally:
            session.close()
    if ran.output.strip() != "inside":
        raise SandboxUnavailable(explain(ran.output))


def explain(said: str) -> str:
    """Return bubblewrap's error in our words, and how to fix it on this host."""
    first = said.strip().splitlines()[0][:300] if said.strip() else "it said nothing"
    if "namespace" in said or "uid map" in said or "Permission denied" in said:
        return (
            f"The kernel does not let bubblewrap make a user namespace ({first}). As root: "
            "sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=15000; where AppArmor restricts "
            "them (Ubuntu 24.04), install the profile `bwrap-userns-restrict` from apparmor-profiles, or: "
            "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0."
        )
    if "cgroup.procs" in said:
        return f"The control group of the sandbox is gone ({first}). Try again."
    if "proc" in said:
        return (
            f"bubblewrap cannot mount /proc here ({first}). In a container, run it with "
            "security_opt systempaths=unconfined, or use the separate runner container."
        )
    return f"bubblewrap does not work on this host: {first}"


def wrap_command(workdir: Path, toolbox: Path | None = None) -> tuple[str, ...]:
    """Return a command prefix that runs a program in the same sandbox: `workdir` read-write at /workspace, no network.

    It needs nothing but bash, env and bubblewrap, starts from an empty environment, and dies with the thread that
    starts it. Raises `SandboxUnavailable` when bubblewrap is missing.
    """
    bwrap = program()
    if bwrap is None:
        raise SandboxUnavailable(f"bubblewrap is not installed. {_INSTALL}")
    view = View.of(toolbox)
    numbers = {name: 10 + at for at, (name, _) in enumerate(FILES)}
    argv = arguments(Path(os.path.realpath(workdir)), view, environment(view), numbers, 9)
    contents = [(9, assemble()), *((numbers[name], content) for name, content in FILES)]
    given = " ".join(f"{fd}< <(printf {shlex.quote(_octal(content))})" for fd, content in contents)
    return (
        "/usr/bin/env",
        "-i",
        "/bin/bash",
        "--noprofile",
        "--norc",
        "-c",
        f'exec "$@" {given}',
        "bash",
        bwrap,
        *argv,
    )


def _octal(content: bytes) -> str:
    return "".join(f"\\{byte:03o}" for byte in content)


__all__ = ["HOME", "WORKSPACE", "Bubblewrap", "explain", "wrap_command"]
