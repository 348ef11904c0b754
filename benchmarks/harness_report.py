"""harness, as tables: milliseconds a turn beside the bare library and mini-swe-agent; bytes, cache and dollars."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from benchmarks.harness import Harness, Session, installed, instant_model, peer
from benchmarks.instant_model import TURNS
from benchmarks.measures import median, ms, quantile, spread, spread_ms
from benchmarks.report import Goal, Report, Table

OURS, BARE, MINI = "Shipmate", "bare SDK loop", "mini-swe-agent"
MOST_MS = 15.0
TIMES_LESS = 2.5
LEAST_SHARE = 0.95
ROUNDS = 7


def run(quick: bool) -> Report:
    """Measure in turns, round by round, so that a busy moment strikes everybody."""
    rounds = 2 if quick else ROUNDS
    found: dict[str, list[Session]] = {OURS: [], BARE: []}
    peers = Path(os.environ.get("SHIPMATE_BENCH_PEERS") or Path(tempfile.gettempdir()) / "shipmate-bench-peers")
    python, missing = installed(peers)
    with tempfile.TemporaryDirectory(prefix="shipmate-bench-") as folder, instant_model() as url:
        home = Path(folder)
        harness = Harness(home / "ours", url)
        who = {OURS: harness.session, BARE: peer("sdk_loop", Path(sys.executable), url, home)}
        if python is not None:
            found[MINI] = []
            who[MINI] = peer("mini_swe", python, url, home)
        harness.session()  # the first one fills the mirror and the cached checkout
        for _ in range(rounds):
            for name, session in who.items():
                found[name].append(session())
        harness.close()
    report = Report(f"harness: {TURNS} turns against an instant model, bash and edits, {rounds} rounds")
    report.tables = [_times(found), _tokens(found)]
    if missing:
        report.tables[0].notes.append(f"{MINI} was left out: {missing}.")
    report.goals = _goals(found)
    report.numbers = {
        name: {"per_turn": [one.per_turn for one in all_], "bytes": all_[-1].sent, "share": all_[-1].share,
               "dollars": all_[-1].dollars, "spent": all_[-1].spent}
        for name, all_ in found.items()
    }  # fmt: skip
    return report


def _times(found: dict[str, list[Session]]) -> Table:
    table = Table(
        "Milliseconds a turn, from request to request",
        ("who", "mean of a session", "p50", "p99", "CPU ms each", "ours by"),
    )
    base = _middle(found, OURS)
    for name, sessions in found.items():
        gaps = [gap for one in sessions for gap in one.gaps]
        ratio = "" if name == OURS else f"{_middle(found, name) / base:.1f}x less"
        cpu = spread_ms([one.cpu / TURNS for one in sessions])
        means = spread_ms([one.per_turn for one in sessions])
        table.rows.append((name, means, ms(quantile(gaps, 0.5)), ms(quantile(gaps, 0.99)), cpu, ratio))
    ours = found[OURS]
    parts = {port: median([one.spent.get(port, 0.0) for one in ours]) / TURNS for port in ours[0].spent}
    own = base - sum(parts.values())
    told = ", ".join(f"{port} {ms(seconds)}" for port, seconds in parts.items())
    table.notes.append(f"Ours a turn: {told}, saving and the rest {ms(max(own, 0.0))} ms (model: with streaming).")
    table.notes.append(
        "Ours: bubblewrap, exported after every turn, each reply and result committed to SQLite before the next step. "
        "The bare loop keeps nothing; mini-swe-agent rewrites its trajectory after every step. Neither has a sandbox."
    )
    table.notes.append(
        "CPU: with all children. Ours counts the sandbox's start and end too; starting up counts for nobody."
    )
    return table


def _tokens(found: dict[str, list[Session]]) -> Table:
    columns = ("who", "KiB sent", "tokens in", "from cache, turn 2 on", "dollars of input")
    table = Table("What a session sends, by the rules of caching and the price list", columns)
    for name, sessions in found.items():
        one = sessions[-1]
        whole = sum(map(sum, one.usage))
        table.rows.append(
            (name, f"{one.sent / 1024:.0f}", f"{whole:,}", f"{one.share:.1%}", spread([one.dollars], "{:.4f}"))
        )
    table.notes.append("Tokens are estimated at four characters each; the replies are the same for everybody.")
    return table


def _middle(found: dict[str, list[Session]], name: str) -> float:
    return median([one.per_turn for one in found[name]])


def _goals(found: dict[str, list[Session]]) -> list[Goal]:
    ours = _middle(found, OURS) * 1000
    share = found[OURS][-1].share
    goals = [
        Goal(f"at most {MOST_MS:g} ms a turn", f"{ours:.1f} ms", ours <= MOST_MS),
        Goal(f"at least {LEAST_SHARE:.0%} of the input from the cache", f"{share:.1%}", share >= LEAST_SHARE),
    ]
    if MINI not in found:
        return [*goals, Goal(f"at least {TIMES_LESS:g}x less than {MINI}", "it could not be run", None)]
    ratio = _middle(found, MINI) * 1000 / ours
    return [*goals, Goal(f"at least {TIMES_LESS:g}x less than {MINI}", f"{ratio:.1f}x", ratio >= TIMES_LESS)]
