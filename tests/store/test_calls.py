"""A single call is written under a claim before it is made, and what was answered is found by what was asked."""

from __future__ import annotations

import pytest

from bot.domain import events as e
from bot.domain.change import Phase
from bot.store import ClaimRefused, Store
from tests.stored_story import StoredStory
from tests.story import ANA

REPLY = {"content": [{"type": "text", "text": "Fine."}], "usage": {"turns": 1}}


@pytest.fixture
def stored(store: Store) -> StoredStory:
    return StoredStory(store).reaches(Phase.JUDGING)


def test_an_answer_is_found_by_what_was_asked(store: Store, stored: StoredStory) -> None:
    claim = stored.claim()
    assert store.calls.answer(stored.id, "h1") is None
    assert store.calls.begin(claim, "h1") == 0
    assert store.calls.answer(stored.id, "h1") is None
    store.calls.save(claim, "h1", REPLY)
    assert store.calls.answer(stored.id, "h1") == REPLY
    assert store.calls.answer(stored.id, "h2") is None
    assert store.calls.answer("cnothere", "h1") is None


def test_a_call_begun_again_is_counted_as_waste(store: Store, stored: StoredStory) -> None:
    claim = stored.claim()
    assert [store.calls.begin(claim, "h1") for _ in range(3)] == [0, 1, 2]
    store.calls.begin(claim, "h2")
    assert (store.calls.wasted(stored.id), store.calls.wasted("cnothere")) == (2, 0)


def test_a_call_that_was_never_begun_cannot_be_answered(store: Store, stored: StoredStory) -> None:
    with pytest.raises(LookupError):
        store.calls.save(stored.claim(), "h1", REPLY)


def test_without_the_claim_nothing_is_written(store: Store, stored: StoredStory) -> None:
    claim = stored.claim()
    store.calls.begin(claim, "h1")
    stored.hears(e.StopPressed(by=ANA))
    with pytest.raises(ClaimRefused):
        store.calls.begin(claim, "h2")
    with pytest.raises(ClaimRefused):
        store.calls.save(claim, "h1", REPLY)
    assert store.calls.answer(stored.id, "h1") is None
