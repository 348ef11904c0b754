"""Claims, leases and fences: one holder at a time, and whoever lost a claim writes nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from bot.domain import events as e
from bot.domain.change import Phase
from bot.domain.effects import Edit, Notify, Prepare, React, ShowCard
from bot.store import Claim, ClaimRefused, Due, Store
from tests.stored_story import StoredStory
from tests.story import ANA, asked, note, place, prepared

T = TypeVar("T")
EXPIRED = 0.001


def until(fact: Callable[[], T | None], seconds: float = 10.0) -> T:
    """What `fact` says once it says something."""
    deadline = time.monotonic() + seconds
    while not (found := fact()):
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.005)
    return found


def taken_over(store: Store, stored: StoredStory) -> Claim:
    return until(lambda: store.outbox.claim(stored.id, "build", "w2", 30.0))


@pytest.fixture
def stored(store: Store) -> StoredStory:
    return StoredStory(store).reaches(Phase.PREPARING)


def test_a_claim_is_exclusive_while_its_lease_lives(store: Store, stored: StoredStory) -> None:
    claim = stored.claim()
    assert (claim.effect, claim.fence, claim.again, claim.attempts) == (Prepare(), 1, False, 1)
    assert store.outbox.claim(stored.id, "build", "w2", 30.0) is None


def test_the_lanes_of_a_change_are_claimed_apart(store: Store, stored: StoredStory) -> None:
    build, talk = stored.claim("build"), stored.claim("talk")
    assert build.effect == Prepare()
    assert talk.effect == React(name="eyes")
    assert store.outbox.held([build, talk]) == {build.effect_id, talk.effect_id}


def test_effects_of_a_lane_are_claimed_in_order_one_after_the_other(store: Store, stored: StoredStory) -> None:
    first = stored.claim("talk")
    assert store.outbox.claim(stored.id, "talk", "w2", 30.0) is None
    store.outbox.finish(first)
    second = stored.claim("talk")
    assert (first.effect, second.effect) == (React(name="eyes"), ShowCard())


def test_another_change_is_not_held_up(store: Store, stored: StoredStory) -> None:
    other = StoredStory(store, request=asked(at=place("1700000000.000777"))).reaches(Phase.PREPARING)
    assert {stored.claim().change_id, other.claim().change_id} == {stored.id, other.id}


def test_an_expired_lease_is_taken_over_and_the_loser_writes_nothing(store: Store, stored: StoredStory) -> None:
    lost = stored.claim(lease=EXPIRED)
    won = taken_over(store, stored)
    assert (won.effect_id, won.fence, won.again, won.attempts) == (lost.effect_id, lost.fence + 1, True, 2)
    with pytest.raises(ClaimRefused):
        stored.door.record_result(lost, prepared())
    with pytest.raises(ClaimRefused):
        store.outbox.finish(lost)
    with pytest.raises(ClaimRefused):
        store.outbox.snooze(lost, 5, counts=True)
    store.outbox.release(lost)
    assert store.outbox.held([lost]) == frozenset()
    assert store.outbox.held([won]) == {won.effect_id}
    stored.door.record_result(won, prepared())
    assert stored.change.phase is Phase.EDITING


def test_an_expired_claim_is_refused_although_nobody_took_it_over(store: Store, stored: StoredStory) -> None:
    claim = stored.claim(lease=EXPIRED)
    until(lambda: Due(stored.id, "build") in store.outbox.due())
    with pytest.raises(ClaimRefused):
        stored.door.record_result(claim, prepared())
    assert store.outbox.renew([claim], 30) == frozenset()


def test_renewing_keeps_a_claim_and_says_which_are_lost(store: Store, stored: StoredStory) -> None:
    alive = stored.claim(lease=5.0)
    other = StoredStory(store, request=asked(at=place("1700000000.000777"))).reaches(Phase.PREPARING)
    withdrawn = other.claim()
    other.hears(e.StopPressed(by=ANA))
    assert store.outbox.renew([alive, withdrawn], 30.0) == {alive.effect_id}
    assert store.outbox.renew([], 30.0) == frozenset()
    assert store.outbox.held([]) == frozenset()


def test_waiting_is_not_an_attempt_unless_it_counts(store: Store, stored: StoredStory) -> None:
    store.outbox.snooze(stored.claim(), 0.0, counts=False)
    waited = stored.claim()
    assert (waited.attempts, waited.again, waited.fence) == (1, True, 2)
    store.outbox.snooze(waited, 0.0, counts=True)
    assert stored.claim().attempts == 2


def test_what_snoozes_is_not_due_until_then(store: Store, stored: StoredStory) -> None:
    store.outbox.snooze(stored.claim(), 3600.0, counts=False)
    assert store.outbox.claim(stored.id, "build", "w2", 30.0) is None
    assert Due(stored.id, "build") not in store.outbox.due()


def test_a_hint_from_outside_wakes_what_snoozes(store: Store, stored: StoredStory) -> None:
    store.outbox.snooze(stored.claim(), 3600.0, counts=False)
    assert store.nudge(stored.id) is True
    assert store.nudge(stored.id) is False
    assert stored.claim().effect == Prepare()
    assert store.nudge("cnothere") is False


def test_a_snoozed_claim_is_over(store: Store, stored: StoredStory) -> None:
    claim = stored.claim()
    store.outbox.snooze(claim, 0.0, counts=False)
    with pytest.raises(ClaimRefused):
        stored.door.record_result(claim, prepared())


def test_a_released_claim_goes_to_the_next_worker_and_was_no_attempt(store: Store, stored: StoredStory) -> None:
    claim = stored.claim()
    store.outbox.release(claim)
    following = stored.claim(owner="w2")
    assert (following.effect_id, following.attempts, following.again) == (claim.effect_id, 1, True)
    store.outbox.release(claim)
    assert store.outbox.held([following]) == {following.effect_id}


def test_every_crash_is_counted(store: Store, stored: StoredStory) -> None:
    stored.claim(lease=EXPIRED)
    counted = [until(lambda: store.outbox.claim(stored.id, "build", "w", EXPIRED)).attempts for _ in range(3)]
    assert counted == [2, 3, 4]


def test_eight_workers_perform_an_effect_once(store: Store, stored: StoredStory) -> None:
    def attend(worker: int) -> list[Claim]:
        found = [store.outbox.claim(stored.id, "build", f"w{worker}", 30.0) for _ in range(4)]
        return [claim for claim in found if claim]

    with ThreadPoolExecutor(8) as pool:
        claims = [claim for found in pool.map(attend, range(8)) for claim in found]
    assert len(claims) == 1


def test_eight_workers_drain_a_lane_without_doing_anything_twice(store: Store, stored: StoredStory) -> None:
    desks = [
        StoredStory(store, request=asked(at=place(f"1700000000.00{n:04}"))).reaches(Phase.PREPARING) for n in range(5)
    ]

    def attend(worker: int) -> list[int]:
        done = []
        for each in desks:
            while claim := store.outbox.claim(each.id, "talk", f"w{worker}", 30.0):
                store.outbox.finish(claim)
                done.append(claim.effect_id)
        return done

    with ThreadPoolExecutor(8) as pool:
        done = [effect for found in pool.map(attend, range(8)) for effect in found]
    assert len(done) == len(set(done)) == 2 * len(desks)


def test_due_lists_what_nobody_performs(store: Store, stored: StoredStory) -> None:
    assert set(store.outbox.due()) == {Due(stored.id, "build"), Due(stored.id, "talk")}
    claim = stored.claim()
    assert set(store.outbox.due()) == {Due(stored.id, "talk")}
    store.outbox.finish(claim)
    assert set(store.outbox.due()) == {Due(stored.id, "talk")}


def test_a_change_without_effects_has_nothing_to_claim(store: Store) -> None:
    assert store.outbox.claim("cnothere", "build", "w1", 30.0) is None


def test_many_events_make_one_card_update(store: Store) -> None:
    stored = StoredStory(store).reaches(Phase.EDITING)
    for n in range(5):
        stored.hears(note(f"note {n}"))
    assert store.outbox.open_kinds(stored.id).count("ShowCard") == 1


def test_a_card_update_in_progress_is_followed_by_another(store: Store, stored: StoredStory) -> None:
    store.outbox.finish(stored.claim("talk"))
    showing = stored.claim("talk")
    assert showing.effect == ShowCard()
    stored.hears(note())
    assert store.outbox.open_kinds(stored.id).count("ShowCard") == 2


def test_card_updates_are_spaced(store: Store, stored: StoredStory) -> None:
    while claim := store.outbox.claim(stored.id, "talk", "w1", 30.0):
        store.outbox.finish(claim)
    recorded = stored.hears(e.StopPressed(by=ANA))
    assert 0.0 < recorded.lanes["talk"] <= 1.0
    assert recorded.lanes["build"] == 0.0
    assert store.outbox.claim(stored.id, "talk", "w1", 30.0) is None
    claim = until(lambda: store.outbox.claim(stored.id, "talk", "w1", 30.0))
    assert claim.effect == ShowCard()


def test_a_notice_does_not_wait_for_the_card(store: Store) -> None:
    stored = StoredStory(store).reaches(Phase.EDITING)
    while claim := store.outbox.claim(stored.id, "talk", "w1", 30.0):
        store.outbox.finish(claim)
    recorded = stored.hears(e.StageFailed(stage="edit", reason="The disk is full."))
    assert recorded.lanes == {"talk": 0.0}
    assert stored.claim("talk").effect == Notify(moment="stuck")


def test_a_new_build_withdraws_the_one_before(store: Store) -> None:
    stored = StoredStory(store).reaches(Phase.STUCK)
    stored.hears(note("there is room now"))
    claim = stored.claim()
    assert claim.effect == Edit()
    stored.hears(e.StopPressed(by=ANA))
    assert [kind for kind in store.outbox.open_kinds(stored.id) if kind != "ShowCard"] == ["React", "Notify", "Tidy"]
