"""The cache of results that all hosts share."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.artifacts import Artifacts
from bot.store import Store
from workers.stages.result_cache import KEPT_SECONDS, StoredResultCache


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(f"sqlite:///{tmp_path / 'shipmate.db'}")
    made.migrate()
    return made


def test_another_host_finds_what_one_has_kept(store: Store, tmp_path: Path) -> None:
    clock, url = Clock(), str(tmp_path / "artifacts")
    assert StoredResultCache(store.marks, Artifacts(url), clock).keep(b"49 passed", "base", "abc") == b"49 passed"
    assert StoredResultCache(store.marks, Artifacts(url), clock).find("base", "abc") == b"49 passed"


def test_the_first_result_counts_for_all(store: Store, tmp_path: Path) -> None:
    cache = StoredResultCache(store.marks, Artifacts(str(tmp_path / "artifacts")), Clock())
    cache.keep(b"first", "k")
    assert cache.keep(b"second", "k") == b"first"
    assert cache.find("k") == b"first"


def test_two_that_were_kept_at_once_are_one_truth(store: Store, tmp_path: Path) -> None:
    artifacts = Artifacts(str(tmp_path / "artifacts"))
    cache = StoredResultCache(store.marks, artifacts, Clock())
    cache.keep(b"mine", "k")
    (name,) = store.marks.under("recall:")
    store.marks.move(f"recall:{name.split(':')[0]}:{artifacts.put(b'theirs')}", 1.0)
    assert cache.find("k") == b"theirs"


def test_another_key_is_another_result(store: Store, tmp_path: Path) -> None:
    cache = StoredResultCache(store.marks, Artifacts(str(tmp_path / "artifacts")), Clock())
    cache.keep(b"x", "a", "b")
    assert cache.find("a") is None
    assert cache.find("ab") is None
    assert cache.find("a", "b\udcff") is None


def test_what_is_old_or_gone_is_found_out_again(store: Store, tmp_path: Path) -> None:
    clock, artifacts = Clock(), Artifacts(str(tmp_path / "artifacts"))
    cache = StoredResultCache(store.marks, artifacts, clock)
    cache.keep(b"x", "a")
    (tmp_path / "artifacts").rename(tmp_path / "elsewhere")
    assert cache.find("a") is None
    clock.now += KEPT_SECONDS + 10
    cache.keep(b"y", "b")
    assert len(store.marks.under("recall:")) == 1
