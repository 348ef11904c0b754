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
from tests.stored_story import StoredStory
from tests.story import ANA, BEN, HEAD, MALLORY, WAYS, Story, asked, moved, note, place, prepared


def at_once(*calls: Callable[[], Recorded]) -> list[Recorded]:
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(60) for future in [pool.submit(call) for call in calls]]


@pytest.mark.parametrize("phase", list(WAYS))
def test_the_stored_change_is_the_told_change(store: Store, phase: Phase) -> None:
    stored = StoredStory(store).reaches(phase)
    assert stored.change.phase is phase
    assert stored.outcomes() == ["moved"] * len(WAYS[phase])
    assert stored.change.version == len(WAYS[phase])
    assert store.journal.verify(stored.id)


def test_asking_writes_the_change_its_effects_and_rings(store: Store) -> None:
    stored = StoredStory(store)
    recorded = stored.hears(asked())
    assert recorded.change == stored.change
    assert recorded.lanes == {"talk": 0.0, "build": 0.0}
    assert store.outbox.open_kinds(stored.id) == ("React", "ShowCard", "Prepare")


def test_the_same_key_twice_changes_nothing(store: Store) -> None:
    stored = StoredStory(store).reaches(Phase.EDITING)
    first = stored.hears(note(), key="message-1")
    before = (stored.change, store.journal.of(stored.id), store.outbox.open_kinds(stored.id))
    second = stored.hears(note(), key="message-1")
    assert (first.repeated, second.repeated) == (False, True)
    assert (stored.change, store.journal.of(stored.id), store.outbox.open_kinds(stored.id)) == before
    assert second.lanes == {}


def test_a_repeated_refusal_is_told_again(store: Store) -> None:
    stored = StoredStory(store).reaches(Phase.READY)
    first = stored.hears(lambda story: story.approves(ANA), key="tap-1")
    stored.hears(Story.approves)
    second = stored.hears(lambda story: story.approves(ANA), key="tap-1")
    assert first.refusal == second.refusal == Refusal(code="own_change")
    assert second.repeated


def test_a_refused_request_makes_no_change_and_a_later_one_does(store: Store) -> None:
    stored = StoredStory(store)
    refused = stored.hears(asked(by=MALLORY))
    assert refused.refusal == Refusal(code="guest")
    assert store.changes.get(stored.id) is None
    assert stored.hears(asked()).refusal is None
    assert stored.outcomes() == ["refused", "moved"]
    assert store.journal.verify(stored.id)


def test_a_second_request_in_a_thread_is_refused(store: Store) -> None:
    stored = StoredStory(store).reaches(Phase.PREPARING)
    assert stored.hears(asked("and something else")).refusal == Refusal(code="already")


def test_one_thread_asked_in_many_times_at_once_is_one_change(store: Store) -> None:
    stored = StoredStory(store)
    answers = at_once(*[lambda n=n: stored.door.open(asked(), f"key-{n}") for n in range(12)])
    assert sum(answer.refusal is None for answer in answers) == 1
    assert {answer.refusal.code for answer in answers if answer.refusal} == {"already"}
    assert stored.outcomes().count("moved") == 1
    assert store.outbox.open_kinds(stored.id) == ("React", "ShowCard", "Prepare")
    assert store.journal.verify(stored.id)


def test_one_delivery_repeated_at_once_is_recorded_once(store: Store) -> None:
    stored = StoredStory(store)
    answers = at_once(*[lambda: stored.door.open(asked(), "delivery-1")] * 8)
    assert sorted(answer.repeated for answer in answers) == [False] + [True] * 7
    assert stored.outcomes() == ["moved"]


def test_fifty_approvals_at_once_are_one_merge(store: Store) -> None:
    stored = StoredStory(store).reaches(Phase.READY)
    press = Story(known=stored.change).approves()
    answers = at_once(*[lambda n=n: stored.door.record(stored.id, press, f"tap-{n}") for n in range(50)])
    assert sum(answer.refusal is None for answer in answers) == 1
    assert stored.change.phase is Phase.MERGING
    assert len(stored.change.approvals) == 1
    assert store.outbox.open_kinds(stored.id).count("Merge") == 1
    assert store.journal.verify(stored.id)


@pytest.mark.parametrize("other", [Story.closes, lambda story: e.StopPressed(by=ANA)], ids=["close", "stop"])
def test_a_yes_against_a_no_ends_in_one_of_them(store: Store, other: Callable[[Story], e.Event]) -> None:
    for n in range(4):
        stored = StoredStory(store, request=asked(at=place(f"1700000000.00{n:04}"))).reaches(Phase.READY)
        yes, no = Story(known=stored.change).approves(), other(Story(known=stored.change))
        assert isinstance(no, e.StopPressed | e.ClosePressed)
        answers = at_once(
            partial(stored.door.record, stored.id, yes, f"{stored.id}-yes"),
            partial(stored.door.record, stored.id, no, f"{stored.id}-no"),
        )
        kinds = store.outbox.open_kinds(stored.id)
        assert [answer.refusal is None for answer in answers].count(True) == 1
        assert (stored.change.phase is Phase.MERGING) == ("Merge" in kinds)
        assert (stored.change.phase in {Phase.STOPPED, Phase.DECLINED}) == ("Tidy" in kinds)
        assert store.journal.verify(stored.id)


def test_an_approval_against_a_push_merges_the_approved_head_or_nothing(store: Store) -> None:
    for n in range(4):
        stored = StoredStory(store, request=asked(at=place(f"1700000000.00{n:04}"))).reaches(Phase.READY)
        claim, press = stored.claim(), Story(known=stored.change).approves()
        approved, found = at_once_or_refused(
            partial(stored.door.record, stored.id, press, f"{stored.id}-yes"),
            partial(stored.door.record_result, claim, moved()),
        )
        if isinstance(found, ClaimRefused):
            assert stored.change.phase is Phase.MERGING
            assert [approval.head_sha for approval in stored.change.approvals] == [HEAD]
        else:
            assert isinstance(approved, Recorded)
            assert approved.refusal is not None
            assert stored.change.approvals == ()
            assert "Merge" not in store.outbox.open_kinds(stored.id)


def at_once_or_refused(*calls: Callable[[], Recorded]) -> list[Recorded | ClaimRefused]:
    def outcome(call: Callable[[], Recorded]) -> Recorded | ClaimRefused:
        try:
            return call()
        except ClaimRefused as refused:
            return refused

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(outcome, calls))


def test_a_result_without_its_claim_is_refused_and_writes_nothing(store: Store) -> None:
    stored = StoredStory(store).reaches(Phase.PREPARING)
    claim = stored.claim()
    stored.hears(e.StopPressed(by=ANA))
    before = (stored.change, store.journal.of(stored.id), store.outbox.open_kinds(stored.id))
    with pytest.raises(ClaimRefused):
        stored.door.record_result(claim, prepared())
    with pytest.raises(ClaimRefused):
        stored.door.record_meanwhile(claim, e.ProgressMade(words="still here"), 1)
    assert (stored.change, store.journal.of(stored.id), store.outbox.open_kinds(stored.id)) == before


def test_a_result_is_recorded_once_per_claim(store: Store) -> None:
    stored = StoredStory(store).reaches(Phase.PREPARING)
    claim = stored.claim()
    stored.door.record_result(claim, prepared())
    with pytest.raises(ClaimRefused):
        stored.door.record_result(claim, prepared())
    assert stored.outcomes() == ["moved", "moved"]


def test_what_is_said_meanwhile_keeps_the_claim(store: Store) -> None:
    stored = StoredStory(store).reaches(Phase.EDITING)
    claim = stored.claim()
    assert not stored.door.record_meanwhile(claim, e.ProgressMade(words="Reading"), 1).repeated
    assert stored.door.record_meanwhile(claim, e.ProgressMade(words="Reading"), 1).repeated
    assert stored.change.progress == "Reading"
    assert store.outbox.held([claim]) == {claim.effect_id}


def test_a_stop_withdraws_what_is_being_done(store: Store) -> None:
    stored = StoredStory(store).reaches(Phase.EDITING)
    claim = stored.claim()
    stored.hears(e.StopPressed(by=BEN))
    assert store.outbox.held([claim]) == frozenset()
    assert store.outbox.renew([claim], 30) == frozenset()
    assert "Edit" not in store.outbox.open_kinds(stored.id)
    assert "Tidy" in store.outbox.open_kinds(stored.id)


def test_a_failure_half_way_writes_nothing_at_all(store: Store) -> None:
    stored = StoredStory(store).reaches(Phase.READY)
    before = (stored.change, store.journal.of(stored.id), store.outbox.open_kinds(stored.id))

    def breaks(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT INTO journal"):
            raise RuntimeError("the power went")

    engine_events.listen(store.engine, "before_cursor_execute", breaks)
    with pytest.raises(RuntimeError, match="the power went"):
        stored.hears(Story.approves)
    engine_events.remove(store.engine, "before_cursor_execute", breaks)
    assert (stored.change, store.journal.of(stored.id), store.outbox.open_kinds(stored.id)) == before


def test_a_tap_on_a_change_that_is_not_here_is_answered(store: Store) -> None:
    assert StoredStory(store).door.record("cnothere", note(), "k").refusal == Refusal(code="ended")


def test_words_of_any_kind_are_kept_as_they_came(store: Store) -> None:
    text = "Zażółć \x00 gęślą 🚢 \u202e '; DROP TABLE changes; -- \ufffe"
    stored = StoredStory(store, request=asked(text))
    stored.hears(asked(text))
    assert stored.change.request == text
    claim = Claim(10**6, 1, stored.id, stored.claim().effect, again=False, attempts=1)
    with pytest.raises(ClaimRefused):
        stored.door.record_result(claim, prepared())
    assert store.journal.verify(stored.id)
