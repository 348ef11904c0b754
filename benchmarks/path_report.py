"""path, as tables: seconds by stage and by whose they are, what a person sees when, and calls by route."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks import path_runs
from benchmarks.measures import median, ms, spread, spread_ms
from benchmarks.path_runs import Run
from benchmarks.path_timing import PORTS, TO_MERGED, TO_UNDONE, Piece, Timing, timing
from benchmarks.report import Goal, Report, Table

OWN_SECONDS = 1.5
HEADS = ("stage", "waited", "model", "sandbox", "GitHub", "git", "Slack", "own", "all", "CI (not ours)")


def run(quick: bool) -> Report:
    """Measure and tell."""
    with path_runs.town() as town:
        done = list(path_runs.runs(town, 1 if quick else 4))
        logs, engine = town.home / "logs", town.store.engine
        merged = [timing(engine, logs, one.change_id, TO_MERGED) for one in done]
        undone = [timing(engine, logs, one.change_id, TO_UNDONE) for one in done]
    report = Report(f"path: {len(done)} times “{path_runs.REQUEST}” from message to merged, then undone")
    report.tables = [
        _stages("Milliseconds from message to merged, by stage (median of runs)", merged, TO_MERGED),
        _stages("Milliseconds from Undo to undone", undone, TO_UNDONE),
        _seen(merged),
        _calls("Calls of one change (each counts against a rate limit)", done),
    ]
    notes = report.tables[0].notes
    notes.append(
        "waited: from an effect's commit to its claim; for CI also from the webhook's arrival to the next look."
    )
    notes.append(
        "sandbox: the repository's own commands and the agent's, with the sandbox's start. git: ours and the remote's."
    )
    notes.append(
        "own: everything in a stage that is none of these, and recording. CI's and people's time are not in “all”."
    )
    notes.append(
        f"People's time {spread_ms([one.people for one in merged])} ms; in no piece "
        f"{spread_ms([one.unplaced for one in merged])} ms of {spread_ms([one.whole for one in merged])} ms."
    )
    report.goals = _goals(merged, undone)
    report.numbers = {
        "own_to_merged": [one.own(one.pieces) for one in merged],
        "own_to_undone": [one.own(one.pieces) for one in undone],
        "whole_to_merged": [one.whole for one in merged],
        "calls": [dict(one.calls) for one in done],
        "undo_calls": [dict(one.undo_calls) for one in done],
    }
    return report


def _stages(title: str, timings: list[Timing], stages: tuple[str, ...]) -> Table:
    table = Table(title, HEADS)
    names = list(dict.fromkeys(name for one in timings for name in one.pieces))
    assert set(stages) <= set(names), "a stage is missing"
    for name in names:
        table.rows.append((name, *_cells([one.pieces.get(name, Piece()) for one in timings], median)))
    sums = [_sum(one) for one in timings]
    table.rows.append(("sum", *_cells(sums, median)))
    if len(sums) > 1:
        table.rows.append(("sum, smallest to largest", *_cells(sums, _range)))
    return table


def _cells(pieces: list[Piece], of: Callable[[list[float]], float | str]) -> list[str]:
    columns = [[piece.waited for piece in pieces]]
    columns += [[piece.ports.get(port, 0.0) for piece in pieces] for port in PORTS]
    columns += [[piece.own for piece in pieces], [piece.total for piece in pieces], [piece.ci for piece in pieces]]
    found = [of(column) for column in columns]
    written = [value if isinstance(value, str) else ms(value) for value in found]
    return ["·" if value in {"0.0", "0–0"} else value for value in written]


def _range(values: list[float]) -> str:
    return f"{min(values) * 1000:,.0f}–{max(values) * 1000:,.0f}"


def _sum(one: Timing) -> Piece:
    total = Piece()
    for piece in one.pieces.values():
        total.waited, total.own, total.ci = total.waited + piece.waited, total.own + piece.own, total.ci + piece.ci
        for port, seconds in piece.ports.items():
            total.ports[port] = total.ports.get(port, 0.0) + seconds
    return total


def _seen(merged: list[Timing]) -> Table:
    table = Table("What the person sees when", ("moment", "ms after"), [])
    table.rows.append(("the reaction, after the message arrived", spread_ms([one.reaction for one in merged])))
    table.rows.append(("the card, after the message arrived", spread_ms([one.card for one in merged])))
    table.rows.append(("the card says ready, after CI was read", spread_ms([one.shown for one in merged])))
    for kind in ("React", "ShowCard", "Notify"):
        effects = [effect for one in merged for effect in one.talk.get(kind, [])]
        waited, took = spread_ms([w for w, _ in effects]), spread_ms([t for _, t in effects])
        table.rows.append((f"{kind}: waited / took, of {len(effects)}", f"{waited} / {took}"))
    table.notes.append("A card is edited at most once a second, which is what ShowCard waits for.")
    return table


def _calls(title: str, done: list[Run]) -> Table:
    table = Table(title, ("service", "route", "first change", "later changes", "undo"), [])
    counted = [one.calls for one in done]
    undone = [one.undo_calls for one in done]
    routes = sorted({route for one in (*counted, *undone) for route in one})
    for service in dict.fromkeys(route.split("|")[0] for route in routes):
        mine = [route for route in routes if route.startswith(f"{service}|")]
        for wanted, name in [*(([route], route.split("|")[1]) for route in mine), (mine, "in all")]:
            first, *later = [sum(one.get(route, 0) for route in wanted) for one in counted]
            undo = [sum(one.get(route, 0) for route in wanted) for one in undone]
            cells = (str(first), spread(later), spread(undo))
            table.rows.append((service, name.replace("/repos/{owner}/{repo}", "…"), *cells))
    table.notes.append("first: with an empty mirror, no token and nobody known yet. Others: median (smallest–largest).")
    return table


def _goals(merged: list[Timing], undone: list[Timing]) -> list[Goal]:
    own = [one.own(one.pieces) for one in merged]
    undo = [one.own(one.pieces) for one in undone]
    outside = [sum(piece.ports.get(port, 0.0) for piece in one.pieces.values() for port in ("github", "git", "slack"))
               for one in merged]  # fmt: skip
    return [
        Goal(
            f"Shipmate's own part from message to merged at most {OWN_SECONDS:g} s",
            f"{spread(own, '{:.2f}')} s; with its calls to git, GitHub and Slack "
            f"{median([a + b for a, b in zip(own, outside, strict=True)]):.2f} s",
            median(own) <= OWN_SECONDS,
        ),
        Goal(f"and of the undo at most {OWN_SECONDS:g} s", f"{spread(undo, '{:.2f}')} s", median(undo) <= OWN_SECONDS),
    ]
