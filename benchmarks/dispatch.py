"""dispatch: from the commit that orders an effect to the claim that starts it, with the broker and without.

Law: our times are the outbox's own (`created_at` to `started_at`, on the database's clock), so that they hold the
commit, the ring, Celery and the claim. The peer's hold the message alone.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from sqlalchemy import Engine, select

from benchmarks.grounds import REPOSITORY, Ground, Home, ground
from benchmarks.intake_servers import connect, written
from benchmarks.peers import celery_task
from benchmarks.started import plain_environment
from bot.domain.actor import Actor
from bot.domain.change import Place
from bot.domain.events import Asked, StopPressed
from bot.doorbell import Doorbell
from bot.record import Door
from bot.store import Store
from bot.store.engine import reading
from bot.store.tables import outbox
from playground.slack.client import SlackPhone
from playground.slack.config import ANA, TILL, SlackStandInConfig
from shipmate.embedded.playground_keys import PlaygroundKeys
from shipmate.supervise.processes import LANES, worker_process
from tests import postgres

FIRST = {"React": "talk", "Prepare": "build"}
"""The first effect of a new change on each lane."""
WHO = Actor(id=ANA.id, name=ANA.real_name)
WAIT_SECONDS = 15.0
QUIET_SECONDS = 1.5
"""After the last change was stopped, its card is edited once more within this time."""
BACK_SECONDS = 40.0


@dataclass
class Results:
    """Seconds by (database, situation, lane); so is `peer`; `back`: until ringing worked again, if it did."""

    ours: dict[tuple[str, str, str], list[float]] = field(default_factory=dict)
    peer: list[float] = field(default_factory=list)
    sweep_seconds: float = 0.0
    back: float | None = None


@dataclass
class Shop:
    """A Shipmate whose workers are asked directly, as the bot asks them."""

    home: Home
    phone: SlackPhone
    store: Store
    door: Door
    bell: Doorbell
    asked: int = 0

    def ask(self) -> str:
        """Open a change for a new message; its id."""
        said = self.phone.say("ana", f"#{TILL.name}", f"A message to look at ({self.asked})")
        self.asked += 1
        place = Place(
            team=SlackStandInConfig.team_id, channel=said["channel"], thread_ts=said["ts"], message_ts=said["ts"]
        )
        request = Asked(by=WHO, place=place, text="make the total include tax")
        recorded = self.door.open(request, f"bench:{said['ts']}")
        assert recorded.change is not None, recorded
        self.bell.ring_lanes(recorded.change.id, recorded.lanes)
        return recorded.change.id

    def stop(self, *change_ids: str) -> None:
        """Withdraw what is left of changes: there is no GitHub here, and their next attempts would be in the way."""
        for change_id in change_ids:
            recorded = self.door.record(change_id, StopPressed(by=WHO), f"bench:stop:{change_id}")
            self.bell.ring_lanes(change_id, recorded.lanes)

    def started(self, change_id: str) -> dict[str, float] | None:
        """Return seconds from order to start by lane, once both lanes have started."""
        found = waits(self.store.engine, change_id)
        return found if len(found) == len(FIRST) else None

    def took(self, change_id: str) -> dict[str, float]:
        """Return the same once it is there."""
        return until(lambda: self.started(change_id), f"{change_id} to start", WAIT_SECONDS)


def measured(quick: bool) -> Results:
    """Return both databases and the peer in alternation, then SQLite once more without its broker."""
    samples, alone = (12, 3) if quick else (60, 12)
    results = Results()
    with ground("dispatch") as here, postgres.cluster() as cluster:
        keys = here.slack()
        nowhere = {"GITHUB_TOKEN": "ghp_bench", "GITHUB_API_URL": "http://127.0.0.1:9/api/v3"}
        homes = {
            "SQLite": here.home("sqlite", keys, **nowhere),
            "PostgreSQL": here.home("postgres", keys, cluster.create(), **nowhere),
        }
        with ThreadPoolExecutor() as starters:
            shops = dict(zip(homes, starters.map(lambda home: _shop(home, keys), homes.values()), strict=True))
        ask_peer = _peer(here)
        for number in range(samples + 3):
            for database, shop in shops.items():
                asked = shop.ask()
                took = shop.took(asked)
                shop.stop(asked)
                if number >= 3:  # the first ones open connections
                    _add(results, database, "broker", took)
            taken = ask_peer(number)
            results.peer += [taken] if number >= 3 else []
            time.sleep(0.05)
        time.sleep(QUIET_SECONDS)
        results.sweep_seconds = shops["SQLite"].home.settings.worker.work.sweep_seconds
        _without_broker(here, shops["SQLite"], alone, results)
        if not quick:
            results.back = _back(shops["SQLite"])
        here.processes.end(*(f"{name}-{lane}" for name in ("sqlite", "postgres") for lane in LANES))
        for shop in shops.values():
            shop.bell.close()
            shop.store.close()
    return results


def waits(engine: Engine, change_id: str) -> dict[str, float]:
    """Return seconds from order to first start of a change's first effect on each lane, where it has started."""
    query = select(outbox.c.kind, outbox.c.created_at, outbox.c.started_at).where(
        outbox.c.change_id == change_id, outbox.c.kind.in_(FIRST), outbox.c.started_at.is_not(None)
    )
    with reading(engine) as connection:
        return {FIRST[row.kind]: row.started_at - row.created_at for row in connection.execute(query)}


def until(look: Callable[[], dict[str, float] | None], what: str, seconds: float) -> dict[str, float]:
    """Return the first answer of `look`. Raises `TimeoutError`."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:g} s for {what}")
        time.sleep(0.005)
    return found


def _add(results: Results, database: str, situation: str, took: Mapping[str, float]) -> None:
    for lane, seconds in took.items():
        results.ours.setdefault((database, situation, lane), []).append(seconds)


def _without_broker(here: Ground, shop: Shop, samples: int, results: Results) -> None:
    here.processes.kill(shop.home.broker_name)
    chance = random.Random(1)
    asked = []
    for _ in range(samples):
        asked.append(shop.ask())
        time.sleep(chance.uniform(0.1, 0.7))  # so that changes come at every moment of the sweep's period
    for change_id in asked:
        _add(results, "SQLite", "no broker", shop.took(change_id))
    shop.stop(*asked)


def _back(shop: Shop) -> float | None:
    """Return seconds from the broker's return until a ring is heard again, rather than a sweep."""
    shop.home.start_broker()
    began = time.monotonic()
    while time.monotonic() - began < BACK_SECONDS:
        asked_at = time.monotonic() - began
        asked = [shop.ask() for _ in range(2)]
        heard = all(max(shop.took(change_id).values()) < 0.1 for change_id in asked)
        shop.stop(*asked)
        if heard:
            return asked_at
        time.sleep(0.3)
    return None


def _shop(home: Home, keys: PlaygroundKeys) -> Shop:
    home.start_broker()
    workers = [worker_process(home.settings, (lane,)) for lane in LANES]
    home.processes.start_specs(workers, f"{home.name}-")
    store = Store(home.database_url)
    assert home.settings.worker.rules.repositories == (REPOSITORY,)
    bell = Doorbell(home.settings.worker.storage.redis_url.get_secret_value())
    return Shop(home, SlackPhone(keys.slack_url), store, Door(store, home.settings.worker.rules), bell)


def _peer(here: Ground) -> Callable[[int], float]:
    url = here.broker("peer")
    file = written(here.folder / "peer-redis-url", url)
    argv = [sys.executable, "-m", "benchmarks.peers.celery_task", "--redis-url-file", str(file)]
    here.processes.start("peer-worker", argv, plain_environment())
    _, task = celery_task.create(url)
    redis = connect(url)

    def ask(number: int) -> float:
        task.delay(number, time.time())
        answer = redis.blpop([celery_task.SAID], timeout=20)
        assert isinstance(answer, (list, tuple)), "the peer's worker does not answer"
        said, taken = bytes(answer[1]).split()  # type: ignore[arg-type]  # bytes: the client decodes nothing
        assert int(said) == number
        return float(taken)

    return ask
