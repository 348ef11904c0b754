"""workspace, as tables."""

from __future__ import annotations

from benchmarks import workspace
from benchmarks.measures import median, ms, quantile, spread_ms
from benchmarks.report import Goal, Report, Table

LARGE = 5_000
"""Files from which on a repository counts as a large one."""


def run(quick: bool) -> Report:
    """Measure and tell."""
    results = workspace.measured(quick)
    report = Report("workspace: from a claim to the first command in its sandbox, and one command there")
    sizes = sorted(results.ready)
    ours = {files: median(results.ready[files]["overlay"]) for files in sizes}
    for files in sizes:
        table = Table(f"Ready to work, a repository of {files:,} files", ("way", "ms", "times ours"))
        for name, samples in results.ready[files].items():
            table.rows.append((name, spread_ms(samples), f"{median(samples) / ours[files]:.1f}"))
        for name, samples in results.export[files].items():
            table.rows.append((f"export of three changed files, {name}", spread_ms(samples), ""))
        table.notes.append(
            "Ours ends with the first command in the whole sandbox, history shown; git's ways only write files. "
            f"A claim that changed three files takes {results.disk[files] / 1024:.0f} KiB of disk."
        )
        report.tables.append(table)
    commands = Table("One external command (/bin/true)", ("way", "p50 ms", "p95 ms"))
    for name, samples in results.command.items():
        commands.rows.append((name, ms(quantile(samples, 0.5)), ms(quantile(samples, 0.95))))
    report.tables.append(commands)
    itself = quantile(results.command["the command itself (bash -c)"], 0.5)
    clean = quantile(results.command["clean shell in the same sandbox"], 0.5) - itself
    shell = quantile(results.command["persistent shell"], 0.5)
    small, large = sizes[0], sizes[-1]
    report.goals = [
        Goal("ready within 30 ms, whatever the size", " and ".join(f"{ms(ours[f])} ms" for f in sizes),
             max(ours.values()) <= 0.030),
        Goal("independent of the repository's size", f"{ours[large] / ours[small]:.2f} times as long",
             ours[large] <= 1.3 * ours[small]),
        _clone(results),
        Goal("a command costs at most 3 ms over itself", f"{ms(shell)} ms in all, in the shell; "
             f"{ms(clean)} ms over itself, in a clean one", max(shell, clean) <= 0.003),
    ]  # fmt: skip
    report.numbers = {
        "ready": _medians(results.ready),
        "export": _medians(results.export),
        "command_p50": {name: quantile(found, 0.5) for name, found in results.command.items()},
        "disk": {str(files): size for files, size in results.disk.items()},
    }
    return report


def _clone(results: workspace.Results) -> Goal:
    """Real repositories alone can tell: what is made for a benchmark has no history to speak of."""
    wanted = "50 times faster than cloning a small real repository, 900 times a large one"
    given = sorted(results.given)
    if not given:
        return Goal(wanted, "none was given (SHIPMATE_BENCH_REPOSITORIES); see also benchmarks.large", None)
    ways = {files: results.ready[files] for files in given}
    times = {files: median(one["git clone"]) / median(one["overlay"]) for files, one in ways.items()}
    told = ", ".join(f"{times[files]:,.0f} times with {files:,} files" for files in given)
    return Goal(wanted, told, all(times[files] >= (900 if files > LARGE else 50) for files in given))


def _medians(found: dict[int, dict[str, list[float]]]) -> dict[str, dict[str, float]]:
    return {str(files): {name: median(samples) for name, samples in ways.items()} for files, ways in found.items()}
