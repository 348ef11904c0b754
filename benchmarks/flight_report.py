"""What many changes at once weigh, as a table."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.flight import lateness, weigh
from benchmarks.measures import ms
from benchmarks.report import Goal, Report, Table


def run(quick: bool) -> Report:
    """Report 40 changes when `quick`, else 200."""
    count = 40 if quick else 200
    weight = weigh(count)
    with tempfile.TemporaryDirectory(prefix="shipmate-bench-flight-") as folder:
        late = lateness(Path(folder), 3.0 if quick else 10.0)
    table = Table(f"{count} changes in flight in one build worker", ("what", "MiB", "MiB per change"))
    table.rows = [
        ("worker before the first change", f"{weight.idle:.0f}", ""),
        ("worker", f"{weight.worker:.0f}", f"{(weight.worker - weight.idle) / count:.2f}"),
        ("sandboxes (bubblewrap, shells)", f"{weight.sandboxes:.0f}", f"{weight.sandboxes / count:.2f}"),
        ("all", f"{weight.whole:.0f}", f"{weight.whole / count:.2f}"),
    ]
    table.notes = [
        "Proportional set size, by the kernel. Every change has asked once, run a command in its own sandbox, and",
        f"waits for the second reply. The last came there {weight.seconds:.0f} s after the first was asked for.",
    ]
    neighbour = Table("A thread that wants to go on every millisecond", ("while", "p99 late, ms"))
    neighbour.rows = [
        ("nothing else runs", ms(late.alone)),
        ("another thread reads a log of 10 MiB, over and over", ms(late.beside)),
    ]
    added = late.beside - late.alone
    return Report(
        "flight",
        [table, neighbour],
        [
            Goal(
                "200 changes in one worker under 1 GiB",
                f"{weight.whole:.0f} MiB for {count}",
                weight.whole < 1024 if not quick else None,
            ),
            Goal("a neighbour that reads 10 MB adds at most 5 ms p99", f"{ms(added)} ms", added <= 0.005),
        ],
        {"count": count, "worker_mib": weight.worker, "sandboxes_mib": weight.sandboxes, "added_seconds": added},
    )
