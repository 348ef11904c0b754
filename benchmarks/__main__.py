"""`python -m benchmarks`: run benchmarks and print what they found."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import signal
import sys
import time
from datetime import UTC, datetime
from types import FrameType

from rich.console import Console

from benchmarks.report import Report
from bot.log import configure

BENCHMARKS = {
    "intake": "deliveries per second and their latency, beside Bolt apps that publish or insert before the answer",
    "dispatch": "from an event's commit to its stage's start, with the broker and without, beside a plain Celery task",
    "harness": "thirty turns of the agent against an instant model, beside the bare client library and mini-swe-agent",
    "flight": "many changes in one worker: their memory, and what one with a long log does to its neighbours",
    "workspace": "from a claim to the first command in its sandbox, beside git clone; one command in the sandbox",
    "runner": "the same commands in a sandbox of the worker's own process and through a runner without secrets",
    "path": "one scripted change from message to merge and undo: where the time goes, and how many calls it takes",
}
EPILOG = """\
Everything runs on 127.0.0.1 with processes and folders of its own, which are gone afterwards. Needs what `make test`
needs (PostgreSQL's programs among it). The load and the servers share this machine: read ratios within one run, not
single numbers across machines. Exit code 0 when every goal was met, 1 when one was missed.

  python -m benchmarks                   all of them, about 4 minutes
  python -m benchmarks intake --quick    one of them, one short round
  python -m benchmarks path --json       the tables' values as one JSON object on standard output
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the chosen benchmarks one after the other."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measures Shipmate's real processes.\n\n"
        + "\n".join(f"  {name:<9} {what}" for name, what in BENCHMARKS.items()),
    )  # fmt: skip
    parser.add_argument("names", nargs="*", metavar="name", help="which to run (none named: all)")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds, under a minute in all")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.names) - set(BENCHMARKS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    signal.signal(signal.SIGTERM, _interrupt)
    configure("ERROR")  # what the benchmark breaks on purpose need not be logged
    console = Console(stderr=asked.json, width=max(Console().width, 128))
    console.print(_machine(), highlight=False)
    reports = []
    try:
        for name in BENCHMARKS:
            if not asked.names or name in asked.names:
                reports.append(_run(name, asked.quick))
                reports[-1].show(console)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    console.print(f"\n{_machine()}", highlight=False)
    if asked.json:
        json.dump(
            {"machine": _machine(), "quick": asked.quick, "reports": [one.as_json() for one in reports]}, sys.stdout
        )
    return int(any(goal.met is False for report in reports for goal in report.goals))


def _run(name: str, quick: bool) -> Report:
    began = time.monotonic()
    report: Report = importlib.import_module(f"benchmarks.{name}_report").run(quick)
    report.seconds = round(time.monotonic() - began, 1)
    return report


def _machine() -> str:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"{when}, Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores, load {load}"


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
