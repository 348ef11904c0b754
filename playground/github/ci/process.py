"""One command of a step, with its limits: wall clock, output, and an end for everything it started.

Law: the environment is made from nothing; the launching thread outlives the command (bubblewrap dies with it).
"""

from __future__ import annotations

import os
import select
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_SHELL = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")


@dataclass(frozen=True)
class Ended:
    """`code` is the exit status; `why` says what ended it when it was us (`timeout`, `output`, `cancelled`)."""

    code: int
    why: str = ""


def run_script(
    script: str, *, workdir: Path, folder: str, env: Mapping[str, str], wrap: Sequence[str] | None, path: str,
    seconds: float, output: Callable[[bytes], bool], cancelled: Callable[[], bool],
) -> Ended:  # fmt: skip
    """Run a bash script in `workdir/folder`. `output` takes each chunk and answers False when there was too much."""
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in env.items())
    prelude = f'{exports}export GITHUB_WORKSPACE="$PWD"\n'
    if folder:
        prelude += f"cd -- {shlex.quote(folder)} || exit 1\n"
    prefix = [part.replace("{workdir}", str(workdir)) for part in wrap or ()]
    command = [*prefix, *_SHELL, prelude + script]
    outer = command[0] if os.sep in command[0] else shutil.which(command[0], path=f"{path}:/usr/bin:/bin") or command[0]
    try:
        process = subprocess.Popen(
            [outer, *command[1:]], cwd=workdir, env={} if wrap else {"PATH": path}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, close_fds=True,
        )  # fmt: skip
    except OSError as error:
        output(f"The command could not be started: {error.strerror}\n".encode())
        return Ended(127, "start")
    try:
        return _watch(process, seconds, output, cancelled)
    finally:
        _end(process)


def _watch(
    process: subprocess.Popen[bytes], seconds: float, output: Callable[[bytes], bool], cancelled: Callable[[], bool]
) -> Ended:
    assert process.stdout is not None
    pipe = process.stdout.fileno()
    deadline = time.monotonic() + seconds
    gone_at: float | None = None
    while True:
        ready, _, _ = select.select([pipe], [], [], 0.1)
        if ready:
            chunk = os.read(pipe, 65536)
            if not chunk:
                return _last(process, deadline, cancelled)
            if not output(chunk):
                return Ended(1, "output")
        if cancelled():
            return Ended(130, "cancelled")
        if time.monotonic() > deadline:
            return Ended(124, "timeout")
        if process.poll() is not None:
            gone_at = gone_at or time.monotonic()
            if not ready and time.monotonic() - gone_at > 0.3:  # a background child still holds the pipe
                return Ended(process.returncode)


def _last(process: subprocess.Popen[bytes], deadline: float, cancelled: Callable[[], bool]) -> Ended:
    """Return whether the output has ended; the process itself may take a little longer."""
    while process.poll() is None:
        if cancelled():
            return Ended(130, "cancelled")
        if time.monotonic() > deadline:
            return Ended(124, "timeout")
        time.sleep(0.01)
    return Ended(process.returncode)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the whole group, also what outlived its leader."""
    for _ in range(2):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            break
    process.wait()
    if process.stdout:
        process.stdout.close()
