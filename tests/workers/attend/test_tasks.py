"""What becomes of an effect: recorded, put off, told, or left to whoever holds the claim now."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.domain.actor import Actor
from bot.domain.change import Phase, Place
from bot.domain.effects import Edit, Prepare
from bot.domain.events import Asked, Prepared, RetryPressed, StageResult, StopPressed
from bot.domain.rules import Rules
from bot.record import Door
from bot.store import Store, StoreDown
from workers import ClaimLost, GiveUp, TryAgain
from workers.attend.keeper import Keeper
from workers.attend.tasks import DOING, MOST_ATTEMPTS, Attendant
from workers.stages import Stage
from workers.stages.context import StageContext, Tools
from workers.stages.registry import STAGES

ANA = Actor(id="U1", name="ana")
PLACE = Place(team="T1", channel="C1", thread_ts="1.1", message_ts="1.1")
PREPARED = Prepared(base_branch="main", base_sha="a" * 40)


class Bench:
    """A store, a door and an attendant whose only build stage is given by the test."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(f"sqlite:///{folder / 'shipmate.db'}")
        self.store.migrate()
        self.door = Door(self.store, Rules(repositories=("acme/till",)))
        self.rung: list[tuple[str, dict[Any, float]]] = []
        self.ran: list[StageContext] = []
        opened = self.door.open(Asked(by=ANA, place=PLACE, text="make the total include tax"), "k1")
        assert opened.change is not None
        self.id = opened.change.id
        tools = SimpleNamespace(
            store=self.store, door=self.door, ring=lambda *bell: self.rung.append(bell), lease_seconds=30.0
        )
        self.tools = cast(Tools, tools)

    def attend(self, stage: Callable[[StageContext], StageResult | None], *, leaves: bool = False) -> None:
        def prepare(context: StageContext) -> StageResult | None:
            self.ran.append(context)
            if leaves:
                keeper.leave()
            return stage(context)

        def edit(_context: StageContext) -> StageResult | None:
            raise TryAgain(60.0, "this bench has no agent", polling=True)

        stages: dict[type, Stage] = {Prepare: prepare, Edit: edit}
        keeper = Keeper(self.store, 30.0)
        Attendant(self.tools, keeper, stages, owner="bench").attend(self.id, "build")
        keeper.leave()

    def phase(self) -> Phase:
        change = self.store.changes.get(self.id)
        assert change is not None
        return change.phase


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def raising(error: Exception) -> Callable[[StageContext], StageResult | None]:
    def stage(_context: StageContext) -> StageResult | None:
        raise error

    return stage


def test_what_a_stage_found_is_recorded_and_the_next_lanes_are_rung(bench: Bench) -> None:
    bench.attend(lambda _context: PREPARED)
    assert bench.phase() is Phase.EDITING
    assert bench.rung == [(bench.id, {"build": 0.0}), (bench.id, {"build": 60.0})]
    assert "Edit" in bench.store.outbox.open_kinds(bench.id)


def test_try_again_puts_the_effect_off_and_is_no_attempt(bench: Bench) -> None:
    for _ in range(MOST_ATTEMPTS + 3):
        bench.attend(raising(TryAgain(0.0, "busy")))
    assert bench.phase() is Phase.PREPARING
    assert bench.ran[-1].claim.attempts == 1
    assert bench.ran[-1].claim.again


def test_an_effect_that_was_put_off_is_not_due_before_its_time(bench: Bench) -> None:
    bench.attend(raising(TryAgain(60.0, polling=True)))
    bench.attend(lambda _context: PREPARED)
    assert len(bench.ran) == 1
    assert bench.store.nudge(bench.id)
    bench.attend(lambda _context: PREPARED)
    assert bench.phase() is Phase.EDITING


def test_giving_up_is_told_on_the_card(bench: Bench) -> None:
    bench.attend(raising(GiveUp("The repository is gone.", "Ask the operator.")))
    change = bench.store.changes.get(bench.id)
    assert change is not None
    assert change.phase is Phase.STUCK
    assert change.failure is not None
    assert (change.failure.reason, change.failure.advice) == ("The repository is gone.", "Ask the operator.")


def test_a_bug_is_tried_again_and_then_told_with_a_reference(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.attend.tasks.BUG_PAUSE", 0.0)
    for _ in range(MOST_ATTEMPTS):
        bench.attend(raising(ZeroDivisionError("oh")))
    change = bench.store.changes.get(bench.id)
    assert change is not None
    assert change.phase is Phase.STUCK
    assert change.failure is not None
    assert change.failure.reference
    assert "oh" not in change.failure.reason
    assert len(bench.ran) == MOST_ATTEMPTS - 2


def test_a_full_disk_is_told_and_the_next_try_goes_on(bench: Bench) -> None:
    bench.attend(raising(OSError(errno.ENOSPC, "No space left on device")))
    change = bench.store.changes.get(bench.id)
    assert change is not None
    assert change.failure is not None
    assert (change.phase, change.failure.reference) == (Phase.STUCK, "")
    assert "out of space" in change.failure.reason
    bench.door.record(bench.id, RetryPressed(by=ANA), "retry")
    bench.attend(lambda _context: PREPARED)
    assert bench.phase() is Phase.EDITING


def test_a_stage_that_was_stopped_meanwhile_changes_nothing(bench: Bench) -> None:
    def stage(_context: StageContext) -> StageResult:
        bench.door.record(bench.id, StopPressed(by=ANA), "stop")
        return PREPARED

    bench.attend(stage)
    assert bench.phase() is Phase.STOPPED


def test_securing_a_withdrawn_claim_stops_the_stage(bench: Bench) -> None:
    def stage(context: StageContext) -> StageResult:
        context.secure()
        bench.door.record(bench.id, StopPressed(by=ANA), "stop")
        with pytest.raises(ClaimLost):
            context.secure()
        with pytest.raises(ClaimLost):
            context.still_mine()
        raise ClaimLost(bench.id)

    bench.attend(stage)
    assert bench.phase() is Phase.STOPPED


def test_a_claim_that_keeps_ending_without_a_result_is_told(bench: Bench) -> None:
    for _ in range(MOST_ATTEMPTS):
        assert bench.store.outbox.claim(bench.id, "build", "crashing", 0.0)
    bench.attend(lambda _context: PREPARED)
    assert bench.phase() is Phase.STUCK
    assert bench.ran == []


def test_a_database_that_goes_away_leaves_the_effect_for_later(bench: Bench) -> None:
    bench.attend(raising(StoreDown("gone")))
    assert bench.phase() is Phase.PREPARING
    assert bench.store.outbox.open_kinds(bench.id)[-1] == "Prepare"


def test_progress_is_recorded_while_the_claim_stays(bench: Bench) -> None:
    bench.attend(lambda _context: PREPARED)
    assert bench.store.nudge(bench.id)
    claim = bench.store.outbox.claim(bench.id, "build", "me", 30.0)
    change = bench.store.changes.get(bench.id)
    assert claim is not None
    assert change is not None
    context = StageContext(claim, change, bench.tools)
    context.say("Reading the tests")
    context.say("Changing the total")
    after = bench.store.changes.get(bench.id)
    assert after is not None
    assert after.progress == "Changing the total"
    assert bench.store.outbox.held([claim]) == {claim.effect_id}


def test_a_hint_that_comes_while_the_forge_is_asked_is_not_lost(bench: Bench) -> None:
    def stage(_context: StageContext) -> StageResult:
        assert not bench.store.nudge(bench.id)
        raise TryAgain(60.0, "CI is running", polling=True)

    bench.attend(stage)
    bench.attend(lambda _context: PREPARED)
    assert bench.phase() is Phase.EDITING


def test_a_hint_does_not_cut_short_what_a_service_asked_us_to_wait(bench: Bench) -> None:
    def stage(_context: StageContext) -> StageResult:
        bench.store.nudge(bench.id)
        raise TryAgain(60.0, "too many requests")

    bench.attend(stage)
    assert not bench.store.nudge(bench.id)
    bench.attend(lambda _context: PREPARED)
    assert len(bench.ran) == 1


def test_a_worker_that_ends_does_not_take_up_again_what_it_gave_back(bench: Bench) -> None:
    bench.attend(raising(GiveUp("There is no sandbox any more.", "")), leaves=True)
    assert len(bench.ran) == 1
    assert bench.phase() is Phase.PREPARING
    assert bench.store.outbox.claim(bench.id, "build", "another", 30.0)


def test_every_effect_has_words_for_a_sentence_to_people() -> None:
    assert set(DOING) == {kind.__name__ for kind in STAGES}
