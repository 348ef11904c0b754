"""Leases are kept alive while work goes on, and what nobody performs is found without any broker."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.domain.actor import Actor
from bot.domain.change import Place
from bot.domain.effects import Lane
from bot.domain.events import Asked, StopPressed
from bot.domain.rules import Rules
from bot.record import Door
from bot.store import Store
from workers.attend.keeper import Keeper
from workers.attend.sweep import Sweep

ANA = Actor(id="U1", name="ana")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(f"sqlite:///{tmp_path / 'shipmate.db'}")
    store.migrate()
    return store


@pytest.fixture
def door(store: Store) -> Door:
    return Door(store, Rules(repositories=("acme/till",)))


def a_change(door: Door, thread: str = "1.1") -> str:
    place = Place(team="T1", channel="C1", thread_ts=thread, message_ts=thread)
    change = door.open(Asked(by=ANA, place=place, text="make the total include tax"), f"k{thread}").change
    assert change is not None
    return change.id


def eventually(true: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    waiting = threading.Event()
    while not true():
        if time.monotonic() > deadline:
            return False
        waiting.wait(0.02)
    return True


def test_a_lease_outlives_its_first_length_while_it_is_kept(store: Store, door: Door) -> None:
    change_id = a_change(door)
    keeper = Keeper(store, lease_seconds=2.0)
    claim = store.outbox.claim(change_id, "build", "me", 2.0)
    assert claim is not None
    began = time.monotonic()
    with keeper.keeping(claim) as lost:
        assert eventually(lambda: time.monotonic() - began > 2.5)
        assert not lost.is_set()
        assert store.outbox.held([claim]) == {claim.effect_id}
    keeper.leave()


def test_a_stop_is_noticed_within_five_seconds(store: Store, door: Door) -> None:
    change_id = a_change(door)
    keeper = Keeper(store, lease_seconds=60)
    claim = store.outbox.claim(change_id, "build", "me", 60)
    assert claim is not None
    with keeper.keeping(claim) as lost:
        door.record(change_id, StopPressed(by=ANA), "stop")
        assert lost.wait(5.0)
    keeper.leave()


def test_leaving_gives_claims_back_at_once(store: Store, door: Door) -> None:
    change_id = a_change(door)
    keeper = Keeper(store, lease_seconds=60)
    claim = store.outbox.claim(change_id, "build", "me", 60)
    assert claim is not None
    with keeper.keeping(claim) as lost:
        keeper.leave()
        assert lost.is_set()
        taken = store.outbox.claim(change_id, "build", "another", 60)
    assert taken is not None
    assert taken.fence == claim.fence + 1
    assert taken.again


def test_a_claim_taken_while_leaving_is_given_back_too(store: Store, door: Door) -> None:
    change_id = a_change(door)
    keeper = Keeper(store, lease_seconds=60)
    keeper.leave()
    claim = store.outbox.claim(change_id, "build", "me", 60)
    assert claim is not None
    with keeper.keeping(claim) as lost:
        assert lost.is_set()
        assert store.outbox.claim(change_id, "build", "another", 60)


def test_the_sweep_performs_what_nobody_rang_for(store: Store, door: Door) -> None:
    first, second = a_change(door, "1.1"), a_change(door, "2.2")
    attended: set[tuple[str, Lane]] = set()
    sweep = Sweep(store, lambda change, lane: attended.add((change, lane)), frozenset({"build"}), 0.05)
    sweep.start()
    assert eventually(lambda: {(first, "build"), (second, "build")} <= attended)
    sweep.leave()
    assert all(lane == "build" for _change, lane in attended)


def test_the_sweep_takes_up_an_effect_whose_worker_died(store: Store, door: Door) -> None:
    change_id = a_change(door)
    assert store.outbox.claim(change_id, "build", "dead", 0.2)
    taken: list[str] = []
    sweep = Sweep(store, lambda change, _lane: taken.append(change), frozenset({"build"}), 0.05)
    sweep.start()
    assert eventually(lambda: change_id in taken)
    sweep.leave()


def test_of_two_sweeps_one_does_the_round(store: Store, door: Door) -> None:
    a_change(door)
    sweeps = [Sweep(store, lambda _change, _lane: None, frozenset({"build"}), 30.0) for _ in range(2)]
    assert sorted(sweep.round() for sweep in sweeps) == [0, 1]
