"""The worker's test build: crash points around every stage, every port and every record. `python -m` it.

Steps: `Kind` of an effect (before and after its stage), `record.Event`, `turns.begin|save_reply`,
`model.turn`, `calls.begin|save`, `reviewer.structured`, `forge.*`, `chat.*`, `mirror.*`, `artifacts.*`,
`outbox.finish|snooze`.

Law: it is the real worker in every other way. What imports it took long to load forks it anew after a crash, so that
dozens of crashes fit into one test; the fork has done nothing but imports.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from dataclasses import replace

from bot.domain.events import StageResult
from bot.record import Door, Recorded
from bot.store import Claim
from tests.journeys import crash
from tests.journeys.crash import Crashing, around
from workers import main as worker
from workers.attend import tasks
from workers.stages.context import Tools
from workers.stages.registry import STAGES

_PR_SET_PDEATHSIG = 1
MOST_CRASHES = 50
"""How often a stage begins before it is given up: a crash ends all that is under way, not only where it lies."""


class CrashingDoor:
    """The door of stages, with a crash point before and after the record of each kind of event."""

    def __init__(self, inner: Door) -> None:
        self._inner = inner

    def record_result(self, claim: Claim, event: StageResult) -> Recorded:
        recorded: Recorded = around(f"record.{event.kind}", self._inner.record_result)(claim, event)
        return recorded

    def record_meanwhile(self, claim: Claim, event: StageResult, n: int) -> Recorded:
        recorded: Recorded = around(f"record.{event.kind}", self._inner.record_meanwhile)(claim, event, n)
        return recorded


def fit(tools: Tools) -> Tools:
    """The tools, with a crash point around everything that leaves this process."""
    store = tools.store
    store.turns = Crashing(store.turns, "turns")  # type: ignore[assignment]  # a stand-in with the same methods
    store.calls = Crashing(store.calls, "calls")  # type: ignore[assignment]  # likewise
    for name in ("finish", "snooze"):
        setattr(store.outbox, name, around(f"outbox.{name}", getattr(store.outbox, name)))
    return replace(
        tools,
        door=CrashingDoor(tools.door),  # type: ignore[arg-type]  # it records, and nothing else is asked of it
        forge=Crashing(tools.forge, "forge"),
        chat=Crashing(tools.chat, "chat"),
        model=Crashing(tools.model, "model"),
        reviewer=Crashing(tools.reviewer, "reviewer"),
        artifacts=Crashing(tools.artifacts, "artifacts"),  # type: ignore[arg-type]  # likewise
        workspaces=Crashing(tools.workspaces, "workspaces", {"mirror": "mirror"}),
    )


def work() -> int:
    """The worker with its crash points, in this process."""
    crash.arm()
    tasks.MOST_ATTEMPTS = MOST_CRASHES
    stages = {kind: around(kind.__name__, stage) for kind, stage in STAGES.items()}
    return worker.main(sys.argv[1:], fit=fit, stages=stages)


def main() -> int:
    """Fork a worker, and another one whenever it was killed, until asked to stop."""
    children: list[int] = []
    stopping: list[int] = []

    def stop(number: int, _frame: object) -> None:
        stopping.append(number)
        if children:
            os.kill(children[-1], number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    while not stopping:
        child = os.fork()
        if child == 0:
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            os._exit(work())
        children.append(child)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status != -signal.SIGKILL:
            return 0 if stopping else status
    return 0


if __name__ == "__main__":
    sys.exit(main())
