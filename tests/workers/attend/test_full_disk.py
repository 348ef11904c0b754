"""Work on a full disk: it waits, one message says so, and it goes on when there is room."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from bot.cards import Words
from bot.domain.actor import Actor
from bot.domain.change import Phase, Place
from bot.domain.effects import Check, Prepare, Tidy
from bot.domain.events import Asked, Checked, Prepared, StageResult, StopPressed
from bot.domain.rules import Rules
from bot.domain.verdict import Evidence, Verdict
from bot.record import Door
from bot.store import Claim, DiskSpace, Store
from bot.store.disk_space import Left
from workers import ClaimLost, GiveUp, TryAgain
from workers.attend import tasks
from workers.attend.full_disk import DiskFull, DiskGuard
from workers.attend.keeper import Keeper
from workers.attend.tasks import MOST_ATTEMPTS, Attendant
from workers.chat import MessageGone
from workers.stages import Stage
from workers.stages.context import Tools

ANA = Actor(id="U1", name="ana")
PLACE = Place(team="T1", channel="C1", thread_ts="1.1", message_ts="1.1")
PREPARED = Prepared(base_branch="main", base_sha="a" * 40)


class Chat:
    """Remembers what was posted; refuses while `away`."""

    def __init__(self) -> None:
        self.said: dict[str, Words] = {}
        self.keys: dict[str, tuple[str, str, str]] = {}
        self.away = False

    def find(self, channel: str, thread: str, key: str) -> tuple[str, ...]:
        if self.away:
            raise TryAgain(1, "Slack is away")
        return tuple(ts for ts, known in self.keys.items() if known == (channel, thread, key))

    def post(self, channel: str, thread: str, words: Words, key: str) -> str:
        ts = f"{len(self.said)}.0"
        self.said[ts], self.keys[ts] = words, (channel, thread, key)
        return ts

    def update(self, _channel: str, ts: str, words: Words, _key: str) -> None:
        if ts not in self.said:
            raise MessageGone(ts)
        self.said[ts] = words


class Bench:
    """A change that waits to be prepared on a disk whose fill the test decides."""

    def __init__(self, folder: Path) -> None:
        self.full = True
        self.relieve: Callable[[], int] = lambda: 0
        self.store = Store(f"sqlite:///{folder / 'shipmate.db'}")
        self.store.migrate()
        self.door = Door(self.store, Rules(repositories=("acme/till",)))
        opened = self.door.open(Asked(by=ANA, place=PLACE, text="make the total include tax"), "k1")
        assert opened.change is not None
        self.id = opened.change.id
        self.chat = Chat()
        self.tidied: list[str] = []
        tools = SimpleNamespace(
            store=self.store, door=self.door, ring=lambda *_bell: None, lease_seconds=30.0, chat=self.chat,
            workspaces=SimpleNamespace(tidy=self.tidied.append),
        )  # fmt: skip
        self.tools = cast(Tools, tools)
        self.disk = self.a_disk()

    def a_disk(self) -> DiskGuard:
        bench = self

        class Filled(DiskSpace):
            def left(self) -> Left:
                return Left(Path("/srv"), 1000 if bench.full else 10**12, 200_000_000)

        return DiskGuard(Filled(), self._relieved)

    def _relieved(self) -> int:
        return self.relieve()

    def attend(self, stage: Callable[[], StageResult | None]) -> None:
        stages: dict[type, Stage] = {Prepare: lambda _context: stage(), Tidy: lambda _context: stage()}
        keeper = Keeper(self.store, 30.0)
        attendant = Attendant(self.tools, keeper, stages, owner="bench", disk=self.disk)
        while claim := self.store.outbox.claim(self.id, "build", "bench", 30.0):
            if not attendant.perform(claim):
                break
            if not isinstance(claim.effect, Prepare):
                break
        keeper.leave()

    @property
    def phase(self) -> Phase:
        change = self.store.changes.get(self.id)
        assert change is not None
        return change.phase


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(tasks, "LOOK_SECONDS", 0.0)
    return Bench(tmp_path)


def never() -> StageResult:
    raise AssertionError("this stage must not begin")


def failing(error: Exception) -> Callable[[], StageResult]:
    def stage() -> StageResult:
        raise error

    return stage


def test_what_can_be_made_again_gives_way_before_any_work_waits(bench: Bench) -> None:
    def relieve() -> int:
        bench.full = False
        return 1

    bench.relieve = relieve
    bench.attend(lambda: PREPARED)
    assert bench.phase is Phase.EDITING
    assert bench.chat.said == {}


def test_room_that_cannot_be_made_is_waited_for(bench: Bench) -> None:
    def relieve() -> int:
        raise OSError(errno.EIO, "broken")

    bench.relieve = relieve
    bench.attend(never)
    assert len(bench.chat.said) == 1


def test_work_waits_is_told_of_once_and_goes_on_by_itself(bench: Bench) -> None:
    for _ in range(MOST_ATTEMPTS + 3):
        bench.attend(never)
    assert bench.phase == "preparing"
    [told] = bench.chat.said.values()
    assert told.text.startswith("ana ")
    assert "is paused: our server is out of space" in told.text
    assert set(bench.tidied) == {bench.id}
    bench.full = False
    bench.attend(lambda: PREPARED)
    assert bench.phase is Phase.EDITING
    [told] = bench.chat.said.values()
    assert "was out of space" in told.text


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left"), GiveUp("The disk of the worker is full."), ValueError("cut off")]
)
def test_trouble_on_a_full_disk_is_put_down_to_the_disk(bench: Bench, error: Exception) -> None:
    bench.full = False

    def stage() -> StageResult:
        bench.full = True
        raise error

    bench.attend(stage)
    assert bench.phase == "preparing"
    assert len(bench.chat.said) == 1
    bench.full = False
    bench.attend(lambda: PREPARED)
    assert bench.phase is Phase.EDITING


def test_trouble_with_room_left_is_trouble(bench: Bench) -> None:
    bench.full = False
    bench.attend(failing(GiveUp("The repository is gone.")))
    assert bench.phase is Phase.STUCK
    assert bench.chat.said == {}


def test_what_slack_would_not_take_is_said_at_the_next_look(bench: Bench) -> None:
    bench.chat.away = True
    bench.attend(never)
    assert bench.chat.said == {}
    bench.chat.away = False
    bench.attend(never)
    assert len(bench.chat.said) == 1


def test_another_worker_does_not_say_it_again(bench: Bench) -> None:
    bench.attend(never)
    bench.disk = bench.a_disk()
    bench.attend(never)
    assert len(bench.chat.said) == 1


def test_tidying_needs_no_room(bench: Bench) -> None:
    bench.door.record(bench.id, StopPressed(by=ANA), "stop")
    bench.attend(lambda: None)
    assert bench.phase is Phase.STOPPED
    assert "Tidy" not in bench.store.outbox.open_kinds(bench.id)


@pytest.mark.parametrize(
    ("verdict", "believed"), [(Verdict.GREEN, True), (Verdict.RED, False), (Verdict.UNPROVEN, False)]
)
def test_only_green_is_believed_of_a_full_disk(bench: Bench, verdict: Verdict, believed: bool) -> None:
    claim = Claim(1, 1, bench.id, Check(tree="t"), again=False, attempts=1)
    found = Checked(evidence=Evidence(verdict=verdict, subject="t"))
    if believed:
        bench.disk.believes(claim, found)
    else:
        with pytest.raises(DiskFull):
            bench.disk.believes(claim, found)
    bench.full = False
    bench.disk.believes(claim, found)


def test_a_claim_that_is_lost_on_a_full_disk_is_lost(bench: Bench) -> None:
    claim = bench.store.outbox.claim(bench.id, "build", "bench", 30.0)
    change = bench.store.changes.get(bench.id)
    assert claim is not None
    assert change is not None
    bench.full = False
    with pytest.raises(ClaimLost), bench.disk.watched(claim, change, bench.tools):
        bench.full = True
        raise ClaimLost(bench.id)
    assert bench.chat.said == {}
