"""Decisions at the same instant: one of them counts, and what is done next is what it said."""

from __future__ import annotations

import random
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from bot.domain import ids
from bot.domain.change import Change, Phase
from bot.domain.events import ApprovePressed, ChangesAsked, ClosePressed, NoteAdded, Press
from bot.record import Recorded
from bot.store import Store
from tests import story
from tests.stored_story import StoredStory
from tests.story import ANA, BEN

pytestmark = pytest.mark.attack("races of decisions")

AFTER = {"ApprovePressed": Phase.MERGING, "ChangesAsked": Phase.EDITING, "ClosePressed": Phase.DECLINED}
WORK = {Phase.MERGING: {"Merge"}, Phase.EDITING: {"Edit"}, Phase.DECLINED: {"Tidy"}}
BUILD = {"Merge", "Edit", "Tidy", "WatchPull", "ReadCi", "Publish", "Check", "Judge"}
Making = Callable[[str], Press]
KINDS: tuple[Making, ...] = (
    lambda seen: ApprovePressed(by=BEN, seen=seen),
    lambda seen: ChangesAsked(by=ANA, text="another colour", seen=seen),
    lambda seen: ClosePressed(by=ANA, seen=seen),
)


def at_once(stored: StoredStory, presses: list[Press]) -> list[Recorded]:
    """Every press at the same instant, each with a key of its own."""
    barrier = Barrier(len(presses))

    def press(numbered: tuple[int, Press]) -> Recorded:
        barrier.wait(60)
        return stored.door.record(stored.id, numbered[1], f"race:{stored.id}:{numbered[0]}")

    with ThreadPoolExecutor(len(presses)) as pool:
        return list(pool.map(press, enumerate(presses)))


@pytest.mark.parametrize("seed", range(4))
def test_of_approve_change_and_close_one_counts(store: Store, seed: int) -> None:
    stored = StoredStory(store).reaches(Phase.READY)
    seen = ids.seen(stored.change)
    presses = [kind(seen) for kind in KINDS for _ in range(4)]
    random.Random(seed).shuffle(presses)
    found = at_once(stored, presses)
    taken = [press for press, recorded in zip(presses, found, strict=True) if recorded.refusal is None]
    # Asking again for changes while they are made is refused; so are a late yes and a late close.
    assert len(taken) == 1
    assert stored.change.phase is AFTER[type(taken[0]).__name__]
    assert set(store.outbox.open_kinds(stored.id)) & BUILD == WORK[stored.change.phase]
    assert store.journal.verify(stored.id)


def test_a_word_in_the_thread_and_a_yes_never_both_count(store: Store) -> None:
    stored = StoredStory(store).reaches(Phase.READY)
    seen = ids.seen(stored.change)
    at_once(stored, [ApprovePressed(by=BEN, seen=seen), NoteAdded(by=ANA, text="wait, not yet")] * 4)
    kinds = set(store.outbox.open_kinds(stored.id)) & BUILD
    assert kinds == WORK[stored.change.phase]
    assert (stored.change.approvals == ()) is (stored.change.phase is Phase.EDITING)


def test_a_push_and_a_yes_merge_the_old_head_or_nothing(store: Store) -> None:
    stored = StoredStory(store).reaches(Phase.READY)
    before: Change = stored.change
    claim = stored.claim()
    moved = story.moved()
    event = moved(story.Story(known=before)) if callable(moved) else moved
    barrier = Barrier(2)

    def yes() -> Recorded:
        barrier.wait(60)
        return stored.door.record(stored.id, ApprovePressed(by=BEN, seen=ids.seen(before)), "race:yes")

    def push() -> bool:
        barrier.wait(60)
        try:
            stored.door.record_result(claim, event)
        except Exception as refused:
            return type(refused).__name__ != "ClaimRefused"
        return True

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(yes), pool.submit(push)
        approved, pushed = first.result(), second.result()
    assert approved.refusal is None or pushed
    if stored.change.phase is Phase.MERGING:
        merge = stored.claim().effect
        assert before.pull is not None
        assert merge.model_dump()["head_sha"] == before.pull.head_sha
    else:
        assert stored.change.approvals == ()
        assert "Merge" not in store.outbox.open_kinds(stored.id)


def test_a_database_file_is_its_owners_alone(tmp_path: Path) -> None:
    opened = Store(f"sqlite:///{tmp_path / 'deep' / 'shipmate.db'}")
    opened.migrate()
    try:
        modes = [stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "deep").iterdir()]
        assert modes
        assert not [mode for mode in modes if mode & 0o077]
    finally:
        opened.close()
