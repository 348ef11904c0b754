"""What it costs that sandboxes live in another process: the same commands through a runner and without one.

Law: both ways are taken in turn in one run, each with the whole sandbox.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from workers.sandbox import Limits, Sandbox, Session
from workers.sandbox.bubblewrap import Bubblewrap
from workers.sandbox.runner.box import RunnerSandbox
from workers.workspace.removal import remove

ROOT = str(Path(__file__).resolve().parents[1])
AT_ONCE = 200
LONG = "head -c 8000000 /dev/zero | tr '\\0' x"


@dataclass
class Results:
    """Seconds per way; `resident` is the runner's memory in bytes with `AT_ONCE` sessions open."""

    taken: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    """{what: {"in the worker": [...], "through a runner": [...]}}"""
    cancel: list[float] = field(default_factory=list)
    resident: int = 0


def measured(quick: bool) -> Results:
    """Measure everything, with a runner and folders that are gone afterwards."""
    results = Results()
    place = Path(tempfile.mkdtemp(prefix="shipmate-bench-"))
    argv = [sys.executable, "-m", "workers.sandbox.runner", "--root", str(place)]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": ROOT}
    runner = subprocess.Popen(argv, env=env, stderr=subprocess.DEVNULL)
    try:
        far = RunnerSandbox(place)
        if leaks := far.probe():
            raise RuntimeError(f"the runner leaks: {leaks}")
        boxes: dict[str, Sandbox] = {"in the worker": Bubblewrap(place / "box"), "through a runner": far}
        sessions = {name: box.open(_folder(place, name.split()[-1])) for name, box in boxes.items()}
        _commands(results, sessions, 5 if quick else 20)
        for name, box in boxes.items():
            folder = _folder(place, f"open-{name.split()[-1]}")
            _note(results, "open, first command, close", name, partial(_whole, box, folder), 10)
        for session in sessions.values():
            session.close()
        _cancelled(results, far.open(_folder(place, "cancel")), 3 if quick else 10)
        _many(results, far, _folder(place, "many"), runner.pid)
    finally:
        runner.terminate()
        runner.wait()
        remove(place)
    return results


def _folder(place: Path, name: str) -> Path:
    folder = place / "checkouts" / name / "1"
    folder.mkdir(parents=True)
    return folder


def _commands(results: Results, sessions: dict[str, Session], rounds: int) -> None:
    for session in sessions.values():
        session.shell("true")
        session.run("true")
    for _ in range(rounds):
        for name, session in sessions.items():
            _note(results, "/bin/true in the persistent shell", name, partial(session.shell, "/bin/true"), 20)
            _note(results, "/bin/true in a clean shell", name, partial(session.run, "/bin/true"), 20)
    wide = Limits(output_bytes=16 << 20)
    for name, session in sessions.items():
        _note(results, "8 MB of output", name, partial(session.run, LONG, limits=wide), 5)


def _note(results: Results, what: str, name: str, call: Callable[[], object], count: int) -> None:
    found = results.taken.setdefault(what, {}).setdefault(name, [])
    for _ in range(count):
        began = time.perf_counter()
        call()
        found.append(time.perf_counter() - began)


def _whole(box: Sandbox, folder: Path) -> None:
    session = box.open(folder)
    session.run("/bin/true")
    session.close()


def _is_past(moment: float) -> bool:
    return time.perf_counter() >= moment


def _cancelled(results: Results, session: Session, count: int) -> None:
    """Time it: seconds from the wish that a command end to its end."""
    for _ in range(count):
        until = time.perf_counter() + 0.3
        session.run("sleep 30", cancelled=partial(_is_past, until))
        results.cancel.append(time.perf_counter() - until)
    session.close()


def _many(results: Results, box: RunnerSandbox, folder: Path, pid: int) -> None:
    """Measure `AT_ONCE` sessions with a living shell each, and what one command costs among them."""
    with ThreadPoolExecutor(8) as pool:
        sessions = list(pool.map(lambda _: box.open(folder), range(AT_ONCE)))
        list(pool.map(lambda session: session.shell("true"), sessions))
        status = Path(f"/proc/{pid}/status").read_text()
        results.resident = int(status.split("VmRSS:")[1].split()[0]) * 1024
        _note(
            results, f"/bin/true in the shell, {AT_ONCE} sessions open", "through a runner",
            lambda: sessions[0].shell("/bin/true"), 100,
        )  # fmt: skip
        list(pool.map(lambda session: session.close(), sessions))
