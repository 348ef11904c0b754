"""The servers that take deliveries in the intake benchmark: ours on both databases, and the peers.

Law: every server starts from nothing, with a folder and a broker of its own, and can say how much it kept.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import Engine, func, select

from benchmarks.grounds import Ground, Home
from benchmarks.peers.bolt_delay import QUEUE
from benchmarks.started import plain_environment
from bot.store import Store
from bot.store.engine import reading
from bot.store.tables import deliveries
from shipmate.embedded import ports
from shipmate.embedded.playground_keys import PlaygroundKeys
from shipmate.supervise.processes import answers

SETTLE_SECONDS = 30.0
NOTHING_MORE = (0.0, 0.0)
"""A peer does nothing after its answer."""


@dataclass(frozen=True)
class Server:
    """`kept(prefix)`: how many deliveries of a round are kept; `settle(prefix)`: wait until they are dealt with, and
    the seconds from receipt to done, mean and longest.

    `kinds` are what the server is asked to take: "reply", "mention", "most" (replies in a closed loop).
    """

    name: str
    port: int
    pid: int
    kept: Callable[[str], int]
    settle: Callable[[str], tuple[float, float]]
    kinds: frozenset[str]

    def cpu_seconds(self) -> float:
        """Processor time that the server's process has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def shipmate(ground: Ground, home: Home, name: str, kinds: frozenset[str], *, kill_broker: bool = False) -> Server:
    """Return the real bot, `python -m bot.main`; no workers, so that only the intake is measured."""
    home.start_broker()
    running = home.start_bot()
    if kill_broker:
        ground.processes.kill(home.broker_name)
    engine = Store(home.database_url).engine
    return Server(
        name,
        home.settings.bot.web.port,
        ground.processes.pid(running),
        lambda prefix: _rows(engine, prefix),
        lambda prefix: _settled(engine, prefix),
        kinds,
    )


def bolt_delay(ground: Ground, keys: PlaygroundKeys, name: str) -> Server:
    """Bolt that publishes to Celery before the answer."""
    url = ground.broker("delay")
    file = written(ground.folder / "delay-redis-url", url)
    redis = connect(url)

    def kept(_prefix: str) -> int:
        return int(redis.llen(QUEUE))

    def empty(_prefix: str) -> tuple[float, float]:
        redis.delete(QUEUE)
        return NOTHING_MORE

    empty("")
    port, pid = _peer(ground, keys, "peer-delay", ["--redis-url-file", str(file)])
    empty("")
    return Server(name, port, pid, kept, empty, frozenset({"reply", "most"}))


def bolt_insert(ground: Ground, keys: PlaygroundKeys, name: str) -> Server:
    """Bolt that commits a SQLite row per event before the answer."""
    path = ground.folder / "peer.db"
    port, pid = _peer(ground, keys, "peer-insert", ["--insert", str(path)])

    def kept(prefix: str) -> int:
        database = sqlite3.connect(path)
        try:
            return int(
                database.execute("SELECT count(*) FROM deliveries WHERE key LIKE ?", (f"Ev{prefix}%",)).fetchone()[0]
            )
        finally:
            database.close()

    return Server(name, port, pid, kept, lambda _prefix: NOTHING_MORE, frozenset({"reply", "most"}))


def connect(url: str) -> Redis:
    """Return a plain client for the broker of a `redis+socket` URL."""
    parts = urlsplit(url)
    retry = Retry(NoBackoff(), 0)
    password = unquote(parts.password or "")
    return Redis(unix_socket_path=unquote(parts.path), password=password, retry=retry, socket_timeout=30)


def _peer(ground: Ground, keys: PlaygroundKeys, name: str, arguments: list[str]) -> tuple[int, int]:
    port = ports.choose(("bot",), usual=False)["bot"]
    secret = written(ground.folder / f"{name}-secret", keys.slack_signing_secret)
    argv = [sys.executable, "-m", "benchmarks.peers.bolt_delay", "--port", str(port), "--secret-file", str(secret)]
    pid = ground.processes.start(name, [*argv, *arguments], plain_environment())
    ground.processes.wait(name, lambda: answers("127.0.0.1", port, "/healthz"))
    return port, pid


def written(path: Path, text: str) -> Path:
    """Return a file that only this user can read, since command lines are visible to all users."""
    path.touch(0o600)
    path.write_text(text)
    return path


def _rows(engine: Engine, prefix: str, *, undone: bool = False) -> int:
    query = select(func.count()).select_from(deliveries).where(deliveries.c.key.like(f"event:Ev{prefix}%"))
    with reading(engine) as connection:
        return int(connection.execute(query.where(deliveries.c.done_at.is_(None)) if undone else query).scalar() or 0)


def _settled(engine: Engine, prefix: str) -> tuple[float, float]:
    """Return seconds from receipt to done by the database's clock, mean and longest; raises `TimeoutError`."""
    began = time.monotonic()
    while _rows(engine, prefix, undone=True):
        if time.monotonic() - began > SETTLE_SECONDS:
            raise TimeoutError("the listeners did not come to an end")
        time.sleep(0.02)
    took = deliveries.c.done_at - deliveries.c.received_at
    query = select(func.avg(took), func.max(took)).where(deliveries.c.key.like(f"event:Ev{prefix}%"))
    with reading(engine) as connection:
        mean, longest = connection.execute(query).one()
    return float(mean or 0.0), float(longest or 0.0)
