"""runner, as tables."""

from __future__ import annotations

from benchmarks import runner
from benchmarks.measures import ms, quantile
from benchmarks.report import Goal, Report, Table


def run(quick: bool) -> Report:
    """Measure and tell."""
    results = runner.measured(quick)
    report = Report("runner: sandboxes in a process of their own, and what the way there costs")
    table = Table("The same in the worker's own process and in a runner's", ("what", "way", "p50 ms", "p95 ms"))
    for what, ways in results.taken.items():
        for name, samples in ways.items():
            table.rows.append((what, name, ms(quantile(samples, 0.5)), ms(quantile(samples, 0.95))))
    table.notes.append(
        f"The runner holds {results.resident / 2**20:.0f} MiB with {runner.AT_ONCE} sessions and their shells open."
    )
    report.tables.append(table)
    more = {
        what: quantile(ways["through a runner"], 0.5) - quantile(ways["in the worker"], 0.5)
        for what, ways in results.taken.items()
        if len(ways) == 2
    }
    shell, clean = more["/bin/true in the persistent shell"], more["/bin/true in a clean shell"]
    slowest = max(results.cancel)
    report.goals = [
        Goal("a command costs at most 1 ms more through a runner",
             f"{ms(shell)} ms more in the shell, {ms(clean)} ms in a clean one", max(shell, clean) <= 0.001),
        Goal("a command that is no longer wanted ends within half a second", f"{ms(slowest)} ms at the most",
             slowest <= 0.5),
    ]  # fmt: skip
    report.numbers = {
        "p50": {
            what: {name: quantile(found, 0.5) for name, found in ways.items()} for what, ways in results.taken.items()
        },
        "cancel": results.cancel,
        "resident": results.resident,
    }
    return report
