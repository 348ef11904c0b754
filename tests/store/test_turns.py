"""The transcript is written under a claim, and remembers lost calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from bot.domain import events as e
from bot.domain.change import Phase, Usage
from bot.store import Claim, ClaimRefused, Store, StoredTurn, TurnDone, tables
from bot.store.engine import db_now
from tests.stored_story import StoredStory
from tests.story import ANA

REPLY: list[dict[str, Any]] = [
    {"type": "text", "text": "Reading."},
    {"type": "tool_use", "id": "t1", "name": "bash", "input": {"c": "ls"}},
]
RESULTS: list[dict[str, Any]] = [{"type": "tool_result", "tool_use_id": "t1", "content": "till.py"}]
USED = Usage(turns=1, input_tokens=100, output_tokens=20)


@pytest.fixture
def stored(store: Store) -> StoredStory:
    return StoredStory(store).reaches(Phase.EDITING)


def test_a_turn_is_kept_as_it_came(store: Store, stored: StoredStory) -> None:
    claim = stored.claim()
    assert store.turns.begin(claim, 1, "h1") == 0
    assert store.turns.of(stored.id) == (StoredTurn(1, "h1", None, None, Usage(), None, None, 0, 1),)
    store.turns.save_reply(claim, 1, REPLY, "tool_use", USED)
    store.turns.save_results(claim, TurnDone(1, RESULTS, "tree1", 2))
    assert store.turns.of(stored.id) == (StoredTurn(1, "h1", REPLY, "tool_use", USED, RESULTS, "tree1", 2, 1),)


def test_turns_come_back_in_order(store: Store, stored: StoredStory) -> None:
    claim = stored.claim()
    for n in (2, 0, 1):
        store.turns.begin(claim, n, f"h{n}")
    assert [turn.n for turn in store.turns.of(stored.id)] == [0, 1, 2]
    assert store.turns.of("cnothere") == ()


def test_a_turn_asked_again_is_counted_as_waste(store: Store, stored: StoredStory) -> None:
    claim = stored.claim()
    assert [store.turns.begin(claim, 1, "h1") for _ in range(3)] == [0, 1, 2]
    store.turns.begin(claim, 2, "h2")
    assert store.turns.wasted(stored.id) == 2
    assert store.turns.wasted("cnothere") == 0


def test_a_turn_that_was_answered_is_never_begun_again(store: Store, stored: StoredStory) -> None:
    claim = stored.claim()
    store.turns.begin(claim, 1, "h1")
    store.turns.save_reply(claim, 1, REPLY, "tool_use", USED)
    with pytest.raises(LookupError):
        store.turns.begin(claim, 1, "h2")
    assert [(turn.reply, turn.begun) for turn in store.turns.of(stored.id)] == [(REPLY, 1)]


def test_a_reply_to_a_turn_that_was_never_begun_is_a_bug(store: Store, stored: StoredStory) -> None:
    with pytest.raises(LookupError):
        store.turns.save_reply(stored.claim(), 9, REPLY, "end_turn", USED)


SAVES: list[Callable[[Store, Claim], object]] = [
    lambda store, claim: store.turns.begin(claim, 2, "h2"),
    lambda store, claim: store.turns.save_reply(claim, 1, REPLY, "tool_use", USED),
    lambda store, claim: store.turns.save_results(claim, TurnDone(1, RESULTS, None, 0)),
]


def test_what_calls_in_vain_took_is_added_up_until_the_reply_comes(store: Store, stored: StoredStory) -> None:
    claim = stored.claim()
    store.turns.begin(claim, 1, "h1")
    store.turns.count_lost(claim, 1, Usage(seconds=40.5, wasted=1))
    store.turns.count_lost(claim, 1, Usage(seconds=2, wasted=1, micros=7))
    (row,) = store.turns.of(stored.id)
    assert row.usage == Usage(seconds=42.5, wasted=2, micros=7)
    assert 0 <= row.since < 60
    store.turns.save_reply(claim, 1, [], "end_turn", Usage(turns=1))
    with pytest.raises(LookupError):
        store.turns.count_lost(claim, 1, Usage(wasted=1))


@pytest.mark.parametrize("save", SAVES, ids=["begin", "reply", "results"])
def test_a_save_without_a_claim_is_refused(
    store: Store, stored: StoredStory, save: Callable[[Store, Claim], object]
) -> None:
    claim = stored.claim()
    store.turns.begin(claim, 1, "h1")
    before = store.turns.of(stored.id)
    stored.hears(e.StopPressed(by=ANA))
    with pytest.raises(ClaimRefused):
        save(store, claim)
    assert store.turns.of(stored.id) == before


def test_crashes_before_a_whole_turn_no_longer_count(store: Store, stored: StoredStory) -> None:
    for _ in range(3):
        store.outbox.snooze(stored.claim(), 0.0, counts=True)
    claim = stored.claim()
    assert claim.attempts == 4
    store.turns.begin(claim, 1, "h1")
    store.turns.save_reply(claim, 1, REPLY, "tool_use", USED)
    store.turns.save_results(claim, TurnDone(1, RESULTS, "tree1", 0))
    store.outbox.snooze(claim, 0.0, counts=True)
    assert stored.claim().attempts == 2


def test_the_next_worker_goes_on_with_the_saved_turns(store: Store, stored: StoredStory) -> None:
    first = stored.claim()
    store.turns.begin(first, 1, "h1")
    store.outbox.release(first)
    second = stored.claim(owner="w2")
    assert store.turns.begin(second, 1, "h1") == 1
    store.turns.save_reply(second, 1, REPLY, "tool_use", USED)
    with pytest.raises(ClaimRefused):
        store.turns.save_reply(first, 1, [], "end_turn", USED)
    assert store.turns.of(stored.id)[0].reply == REPLY


def test_the_model_that_was_asked_and_the_time_of_tools_are_kept(store: Store, stored: StoredStory) -> None:
    claim = stored.claim()
    store.turns.begin(claim, 1, "h1")
    paid = USED.model_copy(update={"micros": 1234, "seconds": 1.5})
    store.turns.save_reply(claim, 1, REPLY, "tool_use", paid, "claude-opus-5-5")
    worked = paid.model_copy(update={"seconds": 9.25})
    store.turns.save_results(claim, TurnDone(1, RESULTS, "tree1", 2, worked))
    (turn,) = store.turns.of(stored.id)
    assert (turn.model, turn.usage) == ("claude-opus-5-5", worked)


def test_what_a_turn_came_to_is_kept_with_the_beginning_of_the_next(store: Store, stored: StoredStory) -> None:
    claim = stored.claim()
    store.turns.begin(claim, 1, "h1")
    store.turns.save_reply(claim, 1, REPLY, "tool_use", USED)
    assert store.turns.begin(claim, 2, "h2", TurnDone(1, RESULTS, "tree1", 2)) == 0
    first, second = store.turns.of(stored.id)
    assert (first.results, first.tree, first.notes_read) == (RESULTS, "tree1", 2)
    assert (second.n, second.reply) == (2, None)


def test_a_beginning_without_a_claim_keeps_nothing_of_the_turn_before(store: Store, stored: StoredStory) -> None:
    claim = stored.claim()
    store.turns.begin(claim, 1, "h1")
    store.turns.save_reply(claim, 1, REPLY, "tool_use", USED)
    store.outbox.snooze(claim, 0.0, counts=True)
    with pytest.raises(ClaimRefused):
        store.turns.begin(claim, 2, "h2", TurnDone(1, RESULTS, "tree1", 2))
    (turn,) = store.turns.of(stored.id)
    assert turn.results is None


def test_a_statement_with_the_databases_clock_is_compiled_once() -> None:
    statement = select(tables.turns.c.n).where(tables.turns.c.at < db_now())
    assert statement._generate_cache_key() is not None
