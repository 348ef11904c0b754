"""intake: how fast deliveries are kept and answered, beside a Bolt app that publishes, or inserts, before the answer.

Law: after every round the rows kept are counted and compared with the 200s that were given; a round in which fewer are
kept than were answered fails the run.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field

from benchmarks import intake_servers as servers
from benchmarks.grounds import Ground, ground
from benchmarks.intake_servers import Server
from benchmarks.load import Found, Job
from benchmarks.measures import median
from benchmarks.started import ROOT, plain_environment
from shipmate.embedded.playground_keys import PlaygroundKeys
from tests import postgres

RATES = {"reply": 500.0, "mention": 25.0, "most": 0.0}
"""Events per second of each kind of round; 0: a closed loop."""
CONNECTIONS = 32

OURS, OURS_POSTGRES, OURS_ALONE = "Shipmate, SQLite", "Shipmate, PostgreSQL", "Shipmate, broker killed"
DELAY, INSERT, DELAY_ALONE = "Bolt + .delay", "Bolt + SQLite commit", "Bolt + .delay, broker killed"


class Lost(Exception):
    """Fewer deliveries are kept than were answered with 200."""


@dataclass
class Round:
    """One measurement of one server."""

    found: Found
    kept: int
    cpu_seconds: float
    settled: tuple[float, float]
    """Seconds from receipt until it was dealt with: mean and longest."""


@dataclass
class Results:
    """Rounds by (server, kind)."""

    rounds: dict[tuple[str, str], list[Round]] = field(default_factory=dict)

    def add(self, server: str, kind: str, one: Round) -> None:
        self.rounds.setdefault((server, kind), []).append(one)

    def of(self, server: str, kind: str) -> list[Round]:
        return self.rounds.get((server, kind), [])

    def most(self, server: str) -> float:
        """Return answers per second in the closed loop: the median over rounds."""
        return median([one.found.per_second for one in self.of(server, "most")])


def measured(quick: bool) -> Results:
    """Return every server in turn, round after round; then the peer once more with its broker killed."""
    rounds, seconds = (1, {"reply": 1.5, "mention": 1.0, "most": 1.0})
    if not quick:
        rounds, seconds = 3, {"reply": 3.0, "mention": 2.0, "most": 2.0}
    results = Results()
    with ground("intake") as here, _servers(here) as (keys, lined_up):
        secret = keys.slack_signing_secret
        for number in range(rounds):
            for server in lined_up:
                for kind in ("reply", "mention", "most"):
                    if kind in server.kinds:
                        results.add(server.name, kind, measure(server, secret, kind, seconds[kind], f"{number}{kind}"))
        if not quick:
            delay = next(server for server in lined_up if server.name == DELAY)
            here.processes.kill("delay-broker")
            dead = load(delay, secret, "reply", 5.0, 2.0, "dead")
            results.add(DELAY_ALONE, "reply", Round(dead, 0, 0.0, servers.NOTHING_MORE))
    return results


def measure(server: Server, secret: str, kind: str, seconds: float, prefix: str) -> Round:
    """Return one round, and the proof that everything answered is kept."""
    cpu = server.cpu_seconds()
    found = load(server, secret, kind, RATES[kind], seconds, prefix)
    kept = server.kept(prefix)
    settled = server.settle(prefix)
    one = Round(found, kept, server.cpu_seconds() - cpu, settled)
    if kept < found.ok:
        raise Lost(f"{server.name}, {kind}: {found.ok} were answered with 200, {kept} are kept")
    return one


def load(server: Server, secret: str, kind: str, rate: float, seconds: float, prefix: str) -> Found:
    """Return the generator, in a process of its own."""
    what = "mention" if kind == "mention" else "reply"
    job = Job(server.port, secret, prefix, what, rate, seconds, CONNECTIONS)
    said = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(asdict(job)),
        env=plain_environment(),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        timeout=seconds + 60,
        check=True,
    )
    return Found(**json.loads(said.stdout))


@contextlib.contextmanager
def _servers(here: Ground) -> Iterator[tuple[PlaygroundKeys, list[Server]]]:
    keys = here.slack()
    every, paced = frozenset({"reply", "mention", "most"}), frozenset({"reply", "mention"})
    with postgres.cluster() as cluster, ThreadPoolExecutor() as starters:
        homes = {name: here.home(name, keys) for name in ("sqlite", "alone")}
        homes["postgres"] = here.home("postgres", keys, cluster.create())
        starting = [
            starters.submit(servers.shipmate, here, homes["sqlite"], OURS, every),
            starters.submit(servers.bolt_delay, here, keys, DELAY),
            starters.submit(servers.shipmate, here, homes["postgres"], OURS_POSTGRES, every),
            starters.submit(servers.bolt_insert, here, keys, INSERT),
            starters.submit(servers.shipmate, here, homes["alone"], OURS_ALONE, paced, kill_broker=True),
        ]
        lined_up = [started.result() for started in starting]
        try:
            yield keys, lined_up
        finally:
            # The bot goes before its database does, or its last seconds are spent complaining.
            here.processes.end("postgres-bot")
