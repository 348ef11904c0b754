"""dispatch, as a table."""

from __future__ import annotations

from benchmarks import dispatch
from benchmarks.dispatch import Results
from benchmarks.measures import ms, quantile
from benchmarks.report import Goal, Report, Table

START_MS = 10.0
SITUATIONS = {"broker": "", "no broker": ", broker killed (sweep)"}


def run(quick: bool) -> Report:
    """Measure and tell."""
    results = dispatch.measured(quick)
    report = Report("dispatch: from an effect's commit to its start")
    table = Table("One change at a time, idle workers, threads pool", ("way", "p50 ms", "p95 ms", "max ms", "samples"))
    for (database, situation, lane), samples in sorted(results.ours.items(), key=lambda item: item[0][1]):
        table.rows.append(_row(f"Shipmate, {database}, {lane} lane{SITUATIONS[situation]}", samples))
    table.rows.append(_row("plain Celery: .delay to the task's first line", results.peer))
    table.notes += [
        "Ours: outbox.created_at to started_at. It holds the commit, the ring, Celery's way, and the claim (a commit).",
        "SQLite's clock has whole milliseconds. The peer's time is the message alone: nothing is kept before or after.",
    ]
    ringing = [s for (_, situation, _), all_ in results.ours.items() if situation == "broker" for s in all_]
    median, peer = quantile(ringing, 0.5), quantile(results.peer, 0.5)
    table.notes.append(
        f"Ours is {median / peer:.1f}x the bare message: {ms(median)} ms against {ms(peer)} ms at the median."
    )
    report.tables = [table]
    report.goals = _goals(results)
    report.numbers = {
        **{" | ".join(key): {"p50": quantile(s, 0.5), "p95": quantile(s, 0.95)} for key, s in results.ours.items()},
        "peer": {"p50": quantile(results.peer, 0.5), "p95": quantile(results.peer, 0.95)},
        "broker_back_seconds": results.back,
    }
    return report


def _goals(results: Results) -> list[Goal]:
    swept = [s for (_, situation, _), all_ in results.ours.items() if situation == "no broker" for s in all_]
    period = results.sweep_seconds
    ringing: dict[str, list[float]] = {}
    for (database, situation, _), samples in results.ours.items():
        if situation == "broker":
            ringing.setdefault(database, []).extend(samples)
    goals = [
        Goal(
            f"at most {START_MS:.0f} ms at the median",
            ", ".join(f"{ms(quantile(samples, 0.5))} ms on {name}" for name, samples in ringing.items()),
            all(quantile(samples, 0.5) * 1000 <= START_MS for samples in ringing.values()),
        ),
        Goal(
            f"without a broker, within about one period of the sweep ({period:g} s)",
            f"p50 {quantile(swept, 0.5):.2f} s, longest {max(swept):.2f} s",
            max(swept) <= 1.5 * period,
        ),
    ]
    if results.back is not None:
        goals.append(Goal("ringing works again once the broker is back", f"after {results.back:.1f} s", True))
    return goals


def _row(name: str, samples: list[float]) -> tuple[str, ...]:
    return (name, *(ms(quantile(samples, q)) for q in (0.5, 0.95, 1)), str(len(samples)))
