"""The chain of a change is whole, and says so when a line was touched."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update

from bot.domain.change import Phase
from bot.domain.events import EVENT
from bot.store import Store
from bot.store.engine import writing
from bot.store.journal import GENESIS
from bot.store.tables import journal
from tests.stored_story import StoredStory
from tests.story import TILL, WAYS, Story, asked, place


@pytest.fixture
def stored(store: Store) -> StoredStory:
    return StoredStory(store).reaches(Phase.READY)


def test_the_journal_alone_tells_the_story_again(store: Store, stored: StoredStory) -> None:
    story = Story(TILL)
    for line in store.journal.of(stored.id):
        story.now = line.at
        story.lives(EVENT.validate_json(line.event))
    wrote = stored.change
    assert story.change.model_copy(update={"updated_at": 0, "created_at": 0, "asked_at": 0}) == wrote.model_copy(
        update={"updated_at": 0, "created_at": 0, "asked_at": 0}
    )


def test_each_line_is_chained_to_the_one_before(store: Store, stored: StoredStory) -> None:
    lines = store.journal.of(stored.id)
    assert [line.previous for line in lines] == [GENESIS, *[line.hash for line in lines[:-1]]]
    assert [line.version for line in lines] == list(range(1, len(WAYS[Phase.READY]) + 1))


@pytest.mark.parametrize(
    "touched",
    [{"event": "{}"}, {"outcome": "stale"}, {"at": 1.0}, {"version": 99}, {"key": "other"}, {"hash": "0" * 64}],
    ids=lambda touched: next(iter(touched)),
)
def test_a_touched_line_is_found(store: Store, stored: StoredStory, touched: dict[str, object]) -> None:
    line = store.journal.of(stored.id)[2]
    with writing(store.engine) as connection:
        connection.execute(update(journal).where(journal.c.seq == line.seq).values(**touched))
    assert not store.journal.verify(stored.id)


def test_a_missing_line_is_found(store: Store, stored: StoredStory) -> None:
    line = store.journal.of(stored.id)[2]
    with writing(store.engine) as connection:
        connection.execute(delete(journal).where(journal.c.seq == line.seq))
    assert not store.journal.verify(stored.id)


def test_a_line_of_another_change_does_not_fit_in(store: Store, stored: StoredStory) -> None:
    other = StoredStory(store, request=asked(at=place("1700000000.000777"))).reaches(Phase.PREPARING)
    line = store.journal.of(other.id)[0]
    with writing(store.engine) as connection:
        connection.execute(update(journal).where(journal.c.seq == line.seq).values(change_id=stored.id))
    assert not store.journal.verify(stored.id)
