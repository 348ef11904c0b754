"""Measure many changes at once in one build worker: their memory, and how a long log of one slows the others.

Law: the changes are real, each with its own thread, conversation and sandbox; what is weighed is what the kernel says.
"""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measures import quantile
from benchmarks.path_runs import Town, town
from workers.agent.framing import shorten
from workers.ecosystems.python import read as python
from workers.main import SWITCH_SECONDS
from workers.sandbox import Limits
from workers.sandbox.bubblewrap import Bubblewrap

REQUEST = "make the total include tax"
DEADLINE = 300.0
LOG_BYTES = 10 << 20


@dataclass(frozen=True)
class Weight:
    """MiB of proportional set size: the worker alone, and everything that its sandboxes run; `count` changes."""

    count: int
    idle: float
    worker: float
    sandboxes: float
    seconds: float

    @property
    def whole(self) -> float:
        return self.worker + self.sandboxes


def weigh(count: int) -> Weight:
    """Return `count` changes that have run a command each and wait for the model's second reply, all at the same
    time.
    """
    with town(build_threads=count + 8) as here:
        worker = here.processes.pid("build")
        idle = pss(worker)
        here.model.fail_next("slow", times=count, turn=2, delay_ms=int(DEADLINE * 1000))
        began = time.monotonic()
        for _ in range(count):
            here.phone.say("ana", "#till", f"@Shipmate {REQUEST}")
        _until(lambda: _waiting(here) >= count)
        seconds = time.monotonic() - began
        return Weight(count, idle, pss(worker), sum(pss(pid) for pid in below(worker)), seconds)


def _waiting(here: Town) -> int:
    """Return how many changes wait for their second reply."""
    return sum(call.turn == 2 and call.outcome == "started" for call in here.model.calls())


def _until(fact: object) -> None:
    assert callable(fact)
    deadline = time.monotonic() + DEADLINE
    while not fact():
        if time.monotonic() > deadline:
            raise TimeoutError("the changes did not all come to their second turn")
        time.sleep(0.5)


def pss(pid: int) -> float:
    """MiB; 0 for a process that is gone."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def below(pid: int) -> set[int]:
    """Return every descendant of a process."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int((folder / "stat").read_text().rsplit(") ", 1)[1].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(folder.name))
    found: set[int] = set()
    todo = [pid]
    while todo:
        for child in children.get(todo.pop(), []):
            found.add(child)
            todo.append(child)
    return found


@dataclass(frozen=True)
class Lateness:
    """Seconds by which a thread that wants to go on each millisecond is late, alone and beside a long log."""

    alone: float
    beside: float


def lateness(folder: Path, seconds: float) -> Lateness:
    """Return the 99th percentile of a neighbour's lateness, while another thread reads and reads into a log of 10
    MiB.
    """
    sandbox = Bubblewrap(folder)
    place = folder / "place"
    place.mkdir(parents=True)
    session = sandbox.open(place)
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)  # as the worker does
    try:
        alone = quantile(_late(seconds), 0.99)
        stop = threading.Event()

        def read() -> None:
            command = f"yes 'tests/test_total.py::test_total PASSED in 0.01 s' | head -c {LOG_BYTES}"
            while not stop.is_set():
                ran = session.run(command, limits=Limits(output_bytes=LOG_BYTES * 2))
                assert len(ran.output) == LOG_BYTES, (len(ran.output), ran.output[-200:])
                for parse in (python.pytest, python.unittest):
                    parse(ran.output)
                shorten(ran.output, 24_000)

        reader = threading.Thread(target=read)
        reader.start()
        try:
            beside = quantile(_late(seconds), 0.99)
        finally:
            stop.set()
            reader.join()
    finally:
        sys.setswitchinterval(usual)
        session.close()
    return Lateness(alone, beside)


def _late(seconds: float) -> list[float]:
    found = []
    until = time.perf_counter() + seconds
    while (now := time.perf_counter()) < until:
        time.sleep(0.001)
        found.append(time.perf_counter() - now - 0.001)
    return found
