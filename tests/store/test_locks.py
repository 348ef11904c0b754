"""A round is done by one process at a time."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from bot.store import Store


def test_a_lock_is_taken_once_until_its_time_is_over(store: Store) -> None:
    assert store.take_lock("sweep", 0.2) is True
    assert store.take_lock("sweep", 0.2) is False
    deadline = time.monotonic() + 60
    while not store.take_lock("sweep", 30):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert store.take_lock("sweep", 30) is False


def test_locks_of_other_names_are_free(store: Store) -> None:
    assert store.take_lock("sweep", 30)
    assert store.take_lock("backfill", 30)


def test_of_many_at_once_one_gets_it(store: Store) -> None:
    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(lambda _: store.take_lock("sweep", 30), range(16))) == 1
