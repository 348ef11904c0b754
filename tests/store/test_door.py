"""State, journal and effects are written together, once, whoever repeats or races."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import event as engine_events

from bot.domain import events as e
from bot.domain.change import Phase
from bot.domain.rules import Refusal
from bot.record import Recorded
from bot.store import Claim, ClaimRefused, Store
from tests.desk import Desk
from tests.story import ANA, BEN, HEAD, MALLORY, WAYS, Story, asked, moved, note, place, prepared


def at_once(*calls: Callable[[], Recorded]) -> list[Recorded]:
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(60) for future in [pool.submit(call) for call in calls]]


@pytest.mark.parametrize("phase", list(WAYS))
def test_the_stored_change_is_the_told_change(store: Store, phase: Phase) -> None:
    desk = Desk(store).reaches(phase)
    assert desk.change.phase is phase
    assert desk.outcomes() == ["moved"] * len(WAYS[phase])
    assert desk.change.version == len(WAYS[phase])
    assert store.journal.verify(desk.id)


def test_asking_writes_the_change_its_effects_and_rings(store: Store) -> None:
    desk = Desk(store)
    recorded = desk.hears(asked())
    assert recorded.change == desk.change
    assert recorded.lanes == {"talk": 0.0, "build": 0.0}
    assert store.outbox.open_kinds(desk.id) == ("React", "ShowCard", "Prepare")


def test_the_same_key_twice_changes_nothing(store: Store) -> None:
    desk = Desk(store).reaches(Phase.EDITING)
    first = desk.hears(note(), key="message-1")
    before = (desk.change, store.journal.of(desk.id), store.outbox.open_kinds(desk.id))
    second = desk.hears(note(), key="message-1")
    assert (first.repeated, second.repeated) == (False, True)
    assert (desk.change, store.journal.of(desk.id), store.outbox.open_kinds(desk.id)) == before
    assert second.lanes == {}


def test_a_repeated_refusal_is_told_again(store: Store) -> None:
    desk = Desk(store).reaches(Phase.READY)
    first = desk.hears(lambda story: story.approves(ANA), key="tap-1")
    desk.hears(Story.approves)
    second = desk.hears(lambda story: story.approves(ANA), key="tap-1")
    assert first.refusal == second.refusal == Refusal(code="own_change")
    assert second.repeated


def test_a_refused_request_makes_no_change_and_a_later_one_does(store: Store) -> None:
    desk = Desk(store)
    refused = desk.hears(asked(by=MALLORY))
    assert refused.refusal == Refusal(code="guest")
    assert store.changes.get(desk.id) is None
    assert desk.hears(asked()).refusal is None
    assert desk.outcomes() == ["refused", "moved"]
    assert store.journal.verify(desk.id)


def test_a_second_request_in_a_thread_is_refused(store: Store) -> None:
    desk = Desk(store).reaches(Phase.PREPARING)
    assert desk.hears(asked("and something else")).refusal == Refusal(code="already")


def test_one_thread_asked_in_many_times_at_once_is_one_change(store: Store) -> None:
    desk = Desk(store)
    answers = at_once(*[lambda n=n: desk.door.open(asked(), f"key-{n}") for n in range(12)])
    assert sum(answer.refusal is None for answer in answers) == 1
    assert {answer.refusal.code for answer in answers if answer.refusal} == {"already"}
    assert desk.outcomes().count("moved") == 1
    assert store.outbox.open_kinds(desk.id) == ("React", "ShowCard", "Prepare")
    assert store.journal.verify(desk.id)


def test_one_delivery_repeated_at_once_is_recorded_once(store: Store) -> None:
    desk = Desk(store)
    answers = at_once(*[lambda: desk.door.open(asked(), "delivery-1")] * 8)
    assert sorted(answer.repeated for answer in answers) == [False] + [True] * 7
    assert desk.outcomes() == ["moved"]


def test_fifty_approvals_at_once_are_one_merge(store: Store) -> None:
    desk = Desk(store).reaches(Phase.READY)
    press = Story(known=desk.change).approves()
    answers = at_once(*[lambda n=n: desk.door.record(desk.id, press, f"tap-{n}") for n in range(50)])
    assert sum(answer.refusal is None for answer in answers) == 1
    assert desk.change.phase is Phase.MERGING
    assert len(desk.change.approvals) == 1
    assert store.outbox.open_kinds(desk.id).count("Merge") == 1
    assert store.journal.verify(desk.id)


@pytest.mark.parametrize("other", [Story.closes, lambda story: e.StopPressed(by=ANA)], ids=["close", "stop"])
def test_a_yes_against_a_no_ends_in_one_of_them(store: Store, other: Callable[[Story], e.Event]) -> None:
    for n in range(4):
        desk = Desk(store, request=asked(at=place(f"1700000000.00{n:04}"))).reaches(Phase.READY)
        yes, no = Story(known=desk.change).approves(), other(Story(known=desk.change))
        assert isinstance(no, e.StopPressed | e.ClosePressed)
        answers = at_once(
            partial(desk.door.record, desk.id, yes, f"{desk.id}-yes"),
            partial(desk.door.record, desk.id, no, f"{desk.id}-no"),
        )
        kinds = store.outbox.open_kinds(desk.id)
        assert [answer.refusal is None for answer in answers].count(True) == 1
        assert (desk.change.phase is Phase.MERGING) == ("Merge" in kinds)
        assert (desk.change.phase in {Phase.STOPPED, Phase.DECLINED}) == ("Tidy" in kinds)
        assert store.journal.verify(desk.id)


def test_an_approval_against_a_push_merges_the_approved_head_or_nothing(store: Store) -> None:
    for n in range(4):
        desk = Desk(store, request=asked(at=place(f"1700000000.00{n:04}"))).reaches(Phase.READY)
        claim, press = desk.claim(), Story(known=desk.change).approves()
        approved, found = at_once_or_refused(
            partial(desk.door.record, desk.id, press, f"{desk.id}-yes"),
            partial(desk.door.record_result, claim, moved()),
        )
        if isinstance(found, ClaimRefused):
            assert desk.change.phase is Phase.MERGING
            assert [approval.head_sha for approval in desk.change.approvals] == [HEAD]
        else:
            assert isinstance(approved, Recorded)
            assert approved.refusal is not None
            assert desk.change.approvals == ()
            assert "Merge" not in store.outbox.open_kinds(desk.id)


def at_once_or_refused(*calls: Callable[[], Recorded]) -> list[Recorded | ClaimRefused]:
    def outcome(call: Callable[[], Recorded]) -> Recorded | ClaimRefused:
        try:
            return call()
        except ClaimRefused as refused:
            return refused

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(outcome, calls))


def test_a_result_without_its_claim_is_refused_and_writes_nothing(store: Store) -> None:
    desk = Desk(store).reaches(Phase.PREPARING)
    claim = desk.claim()
    desk.hears(e.StopPressed(by=ANA))
    before = (desk.change, store.journal.of(desk.id), store.outbox.open_kinds(desk.id))
    with pytest.raises(ClaimRefused):
        desk.door.record_result(claim, prepared())
    with pytest.raises(ClaimRefused):
        desk.door.record_meanwhile(claim, e.ProgressMade(words="still here"), 1)
    assert (desk.change, store.journal.of(desk.id), store.outbox.open_kinds(desk.id)) == before


def test_a_result_is_recorded_once_per_claim(store: Store) -> None:
    desk = Desk(store).reaches(Phase.PREPARING)
    claim = desk.claim()
    desk.door.record_result(claim, prepared())
    with pytest.raises(ClaimRefused):
        desk.door.record_result(claim, prepared())
    assert desk.outcomes() == ["moved", "moved"]


def test_what_is_said_meanwhile_keeps_the_claim(store: Store) -> None:
    desk = Desk(store).reaches(Phase.EDITING)
    claim = desk.claim()
    assert not desk.door.record_meanwhile(claim, e.ProgressMade(words="Reading"), 1).repeated
    assert desk.door.record_meanwhile(claim, e.ProgressMade(words="Reading"), 1).repeated
    assert desk.change.progress == "Reading"
    assert store.outbox.held([claim]) == {claim.effect_id}


def test_a_stop_withdraws_what_is_being_done(store: Store) -> None:
    desk = Desk(store).reaches(Phase.EDITING)
    claim = desk.claim()
    desk.hears(e.StopPressed(by=BEN))
    assert store.outbox.held([claim]) == frozenset()
    assert store.outbox.renew([claim], 30) == frozenset()
    assert "Edit" not in store.outbox.open_kinds(desk.id)
    assert "Tidy" in store.outbox.open_kinds(desk.id)


def test_a_failure_half_way_writes_nothing_at_all(store: Store) -> None:
    desk = Desk(store).reaches(Phase.READY)
    before = (desk.change, store.journal.of(desk.id), store.outbox.open_kinds(desk.id))

    def breaks(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT INTO journal"):
            raise RuntimeError("the power went")

    engine_events.listen(store.engine, "before_cursor_execute", breaks)
    with pytest.raises(RuntimeError, match="the power went"):
        desk.hears(Story.approves)
    engine_events.remove(store.engine, "before_cursor_execute", breaks)
    assert (desk.change, store.journal.of(desk.id), store.outbox.open_kinds(desk.id)) == before


def test_a_tap_on_a_change_that_is_not_here_is_answered(store: Store) -> None:
    assert Desk(store).door.record("cnothere", note(), "k").refusal == Refusal(code="ended")


def test_words_of_any_kind_are_kept_as_they_came(store: Store) -> None:
    text = "Zażółć \x00 gęślą 🚢 \u202e '; DROP TABLE changes; -- \ufffe"
    desk = Desk(store, request=asked(text))
    desk.hears(asked(text))
    assert desk.change.request == text
    claim = Claim(10**6, 1, desk.id, desk.claim().effect, again=False, attempts=1)
    with pytest.raises(ClaimRefused):
        desk.door.record_result(claim, prepared())
    assert store.journal.verify(desk.id)
