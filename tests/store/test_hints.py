"""A webhook is a hint: it wakes what waits, it is not lost while the forge is being asked, and it forces nothing."""

from __future__ import annotations

import pytest

from bot.domain.change import Phase
from bot.domain.effects import ReadCi
from bot.store import Store
from tests.stored_story import StoredStory
from tests.story import HEAD, ci


@pytest.fixture
def stored(store: Store) -> StoredStory:
    return StoredStory(store).reaches(Phase.IN_CI)


def test_a_hint_while_the_forge_is_asked_makes_it_asked_once_more(store: Store, stored: StoredStory) -> None:
    claim = stored.claim()
    assert store.nudge(stored.id) is False
    assert store.outbox.snooze(claim, 3600.0, counts=False) == 0.0
    again = stored.claim()
    assert again.effect == ReadCi(head_sha=HEAD)
    assert store.outbox.snooze(again, 3600.0, counts=False) == 3600.0


def test_a_hint_is_handed_on_to_what_follows(store: Store, stored: StoredStory) -> None:
    claim = stored.claim()
    store.nudge(stored.id)
    stored.door.record_result(claim, ci("pending"))
    assert store.outbox.snooze(stored.claim(), 3600.0, counts=False) == 0.0


def test_a_hint_does_not_cut_short_what_a_service_asked_for(store: Store, stored: StoredStory) -> None:
    claim = stored.claim()
    store.nudge(stored.id)
    assert store.outbox.snooze(claim, 3600.0, counts=False, hintable=False) == 3600.0
    assert store.nudge(stored.id) is False
    assert store.outbox.claim(stored.id, "build", "w2", 30.0) is None


def test_a_hint_for_one_change_leaves_others_asleep(store: Store, stored: StoredStory) -> None:
    store.outbox.snooze(stored.claim(), 3600.0, counts=False)
    assert store.nudge("cnothere") is False
    assert store.outbox.claim(stored.id, "build", "w2", 30.0) is None
    assert store.nudge(stored.id) is True
