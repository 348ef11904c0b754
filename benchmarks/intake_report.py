"""intake, as tables: latency at a pace, the most per second, and what a dead broker changes."""

from __future__ import annotations

from benchmarks import intake
from benchmarks.intake import DELAY, INSERT, OURS, OURS_ALONE, OURS_POSTGRES, RATES, Results, Round
from benchmarks.measures import median, ms, quantile, spread, spread_ms
from benchmarks.report import Goal, Report, Table

TIMES_FASTER = 3.0
LATENCY_MS = 10.0
_DATABASES = {OURS: "SQLite", OURS_POSTGRES: "PostgreSQL"}
SLACK_SECONDS = 3.0
"""Slack takes a later answer for none, and delivers again."""


def run(quick: bool) -> Report:
    """Measure and tell."""
    results = intake.measured(quick)
    report = Report("intake: a delivery is kept, then answered")
    replies = _paced(f"Replies in threads, {RATES['reply']:.0f} events/s, open loop", results, "reply")
    replies.notes += [
        "Latency counts from the moment an event was due. Medians over rounds (smallest–largest round).",
        "A reply is kept (committed), answered, then looked up in the database together with others, then silence.",
        "Bolt + .delay publishes a Celery task before the answer; Bolt + SQLite commit writes a row per event.",
        "late: answers after Slack's 3 s, other statuses than 200, or none within 6 s after the last was sent.",
    ]
    mentions = _paced(f"Mentions that open changes, {RATES['mention']:.0f} events/s, open loop", results, "mention")
    mentions.notes.append("Each opens a change in a transaction of its own after the answer, and rings for workers.")
    report.tables = [replies, mentions, _most(results)]
    report.goals = _goals(results)
    report.numbers = {
        f"{server} | {kind}": {
            "p50": median([quantile(one.found.latencies, 0.5) for one in rounds]),
            "p99": median([quantile(one.found.latencies, 0.99) for one in rounds]),
            "per_second": median([one.found.per_second for one in rounds]),
            "cpu_per_event": median([_cpu(one) for one in rounds]),
            "rounds": len(rounds),
        }
        for (server, kind), rounds in results.rounds.items()
    }
    return report


def _paced(title: str, results: Results, kind: str) -> Table:
    columns = ("server", "p50 ms", "p95 ms", "p99 ms", "max ms", "200s/s", "late", "rows/200s", "CPU ms each")
    table = Table(title, columns)
    for (server, of_kind), rounds in results.rounds.items():
        if of_kind == kind:
            each = {q: [quantile(one.found.latencies, q) for one in rounds] for q in (0.5, 0.95, 0.99, 1.0)}
            quantiles = (spread_ms(each[0.5]), ms(median(each[0.95])), spread_ms(each[0.99]), ms(max(each[1.0])))
            rate = spread([one.found.per_second for one in rounds])
            cpu = spread([_cpu(one) * 1000 for one in rounds], "{:.2f}")
            table.rows.append((server, *quantiles, rate, str(sum(map(_late, rounds))), _rows(server, rounds), cpu))
    return table


def _most(results: Results) -> Table:
    columns = ("server", "200s/s", "ours is", "CPU ms each", "rows/200s", "dealt with after ms, mean / longest")
    table = Table(f"The most replies per second, closed loop, {intake.CONNECTIONS} connections", columns)
    ours = results.most(OURS)
    for (server, kind), rounds in results.rounds.items():
        if kind == "most":
            ratio = f"{ours / results.most(server):.1f}x"
            cpu = spread([_cpu(one) * 1000 for one in rounds], "{:.2f}")
            rate = spread([one.found.per_second for one in rounds])
            mean, longest = (median([one.settled[which] for one in rounds]) for which in (0, 1))
            settled = f"{ms(mean)} / {ms(longest)}" if longest else "-"
            table.rows.append((server, rate, ratio, cpu, _rows(server, rounds), settled))
    table.notes.append(
        "CPU is that of the server's process, with what it does after the answer; the peers do nothing after it. "
        "Dealt with: from receipt to the commit that says done, of every delivery of the round."
    )
    return table


def _goals(results: Results) -> list[Goal]:
    ratio = results.most(OURS) / results.most(DELAY)
    postgres = results.most(OURS_POSTGRES) / results.most(DELAY)
    against_insert = results.most(OURS) / results.most(INSERT)
    with_broker, without = (_p99(results, server, "mention") for server in (OURS, OURS_ALONE))
    counted = [(s, one) for (s, _), rounds in results.rounds.items() if s != intake.DELAY_ALONE for one in rounds]
    equal = sum(one.kept == one.found.ok for _, one in counted)
    more = sum(one.kept - one.found.ok for _, one in counted)
    explained = all(0 <= one.kept - one.found.ok <= one.found.sent - one.found.ok for _, one in counted)
    return [
        Goal(
            f"at least {TIMES_FASTER:.0f}x the throughput of publishing before the answer",
            f"{ratio:.1f}x on SQLite, {postgres:.1f}x on PostgreSQL ({against_insert:.1f}x a commit per event)",
            ratio >= TIMES_FASTER,
        ),
        Goal(
            f"{RATES['reply']:.0f} replies a second: p99 at most {LATENCY_MS:.0f} ms",
            ", ".join(f"{ms(_p99(results, server, 'reply'))} ms on {name}" for server, name in _DATABASES.items()),
            all(_p99(results, server, "reply") * 1000 <= LATENCY_MS for server in _DATABASES),
        ),
        Goal(
            "nothing is published before the answer: a killed broker changes nothing",
            f"mentions' p99 {with_broker * 1000:.1f} ms with the broker, {without * 1000:.1f} ms without",
            without < max(2 * with_broker, with_broker + 0.02),
        ),
        Goal(
            "every 200 is a row, counted after every round",
            f"rows equal 200s in {equal} of {len(counted)} rounds, {sum(one.kept for _, one in counted):,} rows"
            + (f"; {more} rows more, of deliveries kept after the generator had stopped waiting" if more else ""),
            explained,
        ),
    ]


def _p99(results: Results, server: str, kind: str) -> float:
    return median([quantile(one.found.latencies, 0.99) for one in results.of(server, kind)])


def _late(one: Round) -> int:
    slow = sum(latency > SLACK_SECONDS for latency in one.found.latencies)
    return slow + one.found.unanswered + sum(one.found.errors.values())


def _cpu(one: Round) -> float:
    return one.cpu_seconds / max(1, one.found.ok)


def _rows(server: str, rounds: list[Round]) -> str:
    kept, ok = sum(one.kept for one in rounds), sum(one.found.ok for one in rounds)
    return f"{kept}/{ok}" if server != intake.DELAY_ALONE else f"-/{ok}"
