"""Processes are killed at every step of a life, and each life ends with one card, branch, pull request and merge.

Several points lie in one life, one crash after the other; every point of a life must have been come to.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from bot.domain.change import Phase
from playground.slack.client import PhoneRefused
from shipmate.supervise.processes import answers as ready
from tests import postgres
from tests.journeys import shop
from tests.journeys.life import CHANNEL, Life, asks
from tests.journeys.town import Town, town

KINDS = ("React", "ShowCard", "Prepare", "Edit", "Check", "Judge", "Publish", "ReadCi", "Notify")
KINDS_LATER = ("Merge", "OpenUndo", "ReadUndoCi", "MergeUndo", "Tidy")
EVENTS = (
    "CardPosted", "Prepared", "ProgressMade", "EditsReady", "Checked", "Judged", "Published", "CiRead", "Merged",
    "UndoOpened", "UndoCiRead", "Undone",
)  # fmt: skip

CALLS = (
    "chat.react", "chat.post", "chat.update", "mirror.fetch", "artifacts.put", "mirror.changed", "mirror.commit",
    "mirror.push", "forge.open_pull", "forge.read_pull", "forge.merge", "forge.delete_branch", "outbox.finish",
    "outbox.snooze",
)  # fmt: skip
IN_THE_UNDO = (
    "forge.find_pull", "mirror.fetch", "mirror.push", "forge.open_pull", "forge.read_pull", "forge.merge",
    "forge.delete_branch", "chat.update", "chat.post",
)  # fmt: skip
"""Everything that the way back asks of the outside, or does there."""

IN_THE_WATCH = (
    "WatchPull:before",
    "forge.read_pull:before",
    "forge.read_pull:after",
    "WatchPull:after",
    "record.Merged:after",
)

LIVES: dict[str, tuple[str, ...]] = {
    "at the start of every stage": tuple(f"{kind}:before" for kind in (*KINDS, *KINDS_LATER)),
    "at the end of every stage": tuple(f"{kind}:after" for kind in (*KINDS, *KINDS_LATER)),
    "after every record": tuple(f"record.{event}:after" for event in EVENTS),
    "before every call outside": tuple(f"{call}:before" for call in CALLS),
    "after every call outside": tuple(f"{call}:after" for call in CALLS),
}

GROUPED = [
    pytest.param(how, marks=pytest.mark.xdist_group("more crashes" if "call" in how else "crashes")) for how in LIVES
]
"""Two towns, so that two processes share the time it takes."""

TURNS: dict[str, tuple[tuple[str, ...], int]] = {
    # a turn begun and not asked, and one asked and not saved
    "before every save of a turn": (
        ("model.turn:before:2", "turns.save_reply:before:3", "turns.begin:before:3", "mirror.export:before:2"), 2
    ),
    # a turn begun and not asked, and one answered and not saved
    "after every save of a turn": (
        ("turns.begin:after:2", "model.turn:after:2", "turns.save_reply:after:3"), 2
    ),
}  # fmt: skip
"""Crash points of the agent's loop, and how many beginnings of a turn are lost: at most one for each crash."""


ON_POSTGRES = (
    "Prepare:after", "model.turn:after:2", "turns.save_reply:after:3", "Check:before", "mirror.push:after",
    "forge.open_pull:after", "record.CiRead:after", "chat.update:after:6", "forge.merge:after", "OpenUndo:after",
    "MergeUndo:after",
)  # fmt: skip
ONLY_LETTERS = {ord(char): "" for char in ".:_"}


def lives_whole(here: Town, good: str) -> Life:
    """From a request to undone, people tapping as the card offers it."""
    life = asks(here, f"sell {good} for 300")
    life.reaches(Phase.READY, seconds=150)
    life.decides("ben", "approve", Phase.MERGED)
    life.decides("ben", "undo", Phase.UNDOING)
    life.decides("ben", "undo_approve", Phase.UNDONE)
    return life


@pytest.fixture(scope="module")
def here() -> Iterator[Town]:
    with town(crashing=True, SHIPMATE_LEASE_SECONDS="1.5") as running:
        yield running


@pytest.mark.parametrize("how", GROUPED)
def test_a_worker_killed_loses_nothing_and_does_nothing_twice(here: Town, how: str) -> None:
    here.crash_at(*LIVES[how])
    life = lives_whole(here, "abcdefgh"[list(LIVES).index(how)] + "pples")
    life.is_quiet()
    assert here.uncrashed() == []
    life.holds_together(most_wasted=len(LIVES[how]))


@pytest.mark.xdist_group("crashes")
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_killed_around_every_call_of_the_undo_takes_it_back_once(here: Town, when: str) -> None:
    here.crash_at()
    life = asks(here, f"sell {when[0]}lemons for 300")
    life.reaches(Phase.READY)
    life.decides("ben", "approve", Phase.MERGED)
    life.is_quiet()
    here.crash_at(*(f"{call}:{when}" for call in IN_THE_UNDO))
    life.decides("ben", "undo", Phase.UNDOING)
    life.decides("ben", "undo_approve", Phase.UNDONE)
    life.is_quiet()
    assert here.uncrashed() == []
    life.holds_together()


@pytest.mark.xdist_group("crashes")
def test_a_worker_killed_while_it_watches_hears_of_a_merge_at_the_forge_once(here: Town) -> None:
    here.crash_at()
    life = asks(here, "sell limes for 300")
    pull = life.reaches(Phase.READY).pull
    assert pull is not None
    life.offers("approve")
    life.is_quiet()
    here.crash_at(*IN_THE_WATCH)
    here.forge.merge(shop.NAME, pull.number)
    life.reaches(Phase.MERGED)
    life.is_quiet()
    assert here.uncrashed() == []
    assert [line.outcome for line in here.store.journal.of(life.change.id) if '"Merged"' in line.event] == ["moved"]
    life.holds_together()


@pytest.mark.xdist_group("more crashes")
@pytest.mark.parametrize("how", TURNS)
def test_a_stored_turn_is_never_asked_again(here: Town, how: str) -> None:
    points, wasted = TURNS[how]
    here.crash_at(*points)
    life = asks(here, f"sell {'xy'[list(TURNS).index(how)]}ams for 300")
    life.reaches(Phase.READY)
    assert here.uncrashed() == []
    assert life.wasted() == wasted
    life.holds_together(most_wasted=wasted)


@pytest.mark.xdist_group("more crashes")
def test_a_review_that_was_kept_is_never_asked_for_again(here: Town) -> None:
    here.crash_at("reviewer.structured:before", "calls.save:before", "calls.save:after", "record.Judged:before")
    life = asks(here, "sell zams for 300")
    ready = life.reaches(Phase.READY)
    assert here.uncrashed() == []
    assert here.store.calls.wasted(life.change.id) == 2  # begun and not asked; answered and not kept
    assert ready.opinion is not None
    assert ready.opinion.usage.wasted == 2
    life.holds_together(most_wasted=2)


@pytest.mark.xdist_group("more crashes")
@pytest.mark.parametrize("seed", [1, 2])
def test_a_worker_killed_at_random_moments_loses_nothing(here: Town, seed: int) -> None:
    dice = random.Random(seed)
    here.crash_at()
    life = asks(here, f"sell {'uv'[seed - 1]}plums for 300")
    for _ in range(4):  # fewer than make a stage give up
        moment = time.monotonic() + dice.uniform(0.2, 2.5)
        here.until(partial(_is_past, moment), "the moment")
        kill_worker(here)
    life.reaches(Phase.READY)
    life.decides("ben", "approve", Phase.MERGING, Phase.MERGED)
    kill_worker(here)
    life.reaches(Phase.MERGED)
    life.holds_together(most_wasted=5)


def _is_past(moment: float) -> bool:
    return time.monotonic() > moment


def kill_worker(here: Town) -> None:
    """SIGKILL the worker itself, whose parent forks another one."""
    parent = here.processes.processes()["worker"]
    for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(child), signal.SIGKILL)


@pytest.mark.xdist_group("more crashes")
@pytest.mark.parametrize("where", ["keep.event:before", "keep.event:after", "door.open:before", "door.open:after"])
def test_a_bot_killed_between_receipt_and_answer_makes_one_change(here: Town, where: str) -> None:
    ended = here.processes.ended.get("bot", 0)
    here.crash_at(where)
    before = len(here.store.changes.recent(200))
    here.forge.webhooks(held=True)
    life = asks(here, f"sell {where.translate(ONLY_LETTERS)} for 300")
    here.until(lambda: here.processes.ended.get("bot", 0) > ended, "the crash")
    assert here.uncrashed() == []
    here.forge.webhooks(held=False)
    here.until(lambda: answers(here), "the bot's return")
    here.phone.retry_now()
    life.reaches(Phase.READY)
    assert len(here.store.changes.recent(200)) == before + 1
    life.holds_together()


@pytest.mark.xdist_group("more crashes")
@pytest.mark.parametrize("where", ["keep.tap:before", "keep.tap:after", "door.record:before", "door.record:after"])
def test_a_bot_killed_at_a_tap_merges_once(here: Town, where: str) -> None:
    life = asks(here, f"sell my{where.translate(ONLY_LETTERS)} for 300")
    life.reaches(Phase.READY)
    life.offers("approve")
    life.is_quiet()
    here.forge.webhooks(held=True)
    ended = here.processes.ended.get("bot", 0)
    here.crash_at(where)
    with contextlib.suppress(PhoneRefused, OSError):
        life.taps("ben", "approve")
    here.until(lambda: here.processes.ended.get("bot", 0) > ended, "the crash")
    assert here.uncrashed() == []
    here.forge.webhooks(held=False)
    here.until(lambda: answers(here), "the bot's return")
    if where == "keep.tap:before":  # Slack says that it did not work, and ben taps again
        life.decides("ben", "approve", Phase.MERGED)
    life.reaches(Phase.MERGED)
    assert [line.outcome for line in here.store.journal.of(life.change.id)].count("stale") == 0
    life.holds_together()


def answers(here: Town) -> bool:
    """Whether the bot takes deliveries again."""
    return ready("127.0.0.1", here.settings.bot.web.port, "/readyz")


@pytest.mark.xdist_group("town")
def test_on_postgresql_a_worker_killed_loses_nothing_and_does_nothing_twice() -> None:
    with postgres.cluster() as cluster, town(crashing=True, DATABASE_URL=cluster.create()) as here:
        here.crash_at(*ON_POSTGRES)
        life = lives_whole(here, "dates")
        life.is_quiet()
        assert here.uncrashed() == []
        life.holds_together(most_wasted=len(ON_POSTGRES))
        outlives_its_database(here, cluster)


def outlives_its_database(here: Town, cluster: postgres.Cluster) -> None:
    """The database goes away at work; what is asked meanwhile is heard afterwards, and nothing is done twice."""
    life = asks(here, "sell olives for 300")
    life.reaches(Phase.EDITING)
    cluster.kill()
    late = here.phone.say("ana", CHANNEL, "@Shipmate sell grapes for 300")
    here.until(lambda: any(delivery["attempts"] for delivery in here.phone.deliveries("waiting")), "a refused delivery")
    cluster.start()
    here.until(lambda: answers(here), "the bot's return")
    here.phone.retry_now()
    life.reaches(Phase.READY)
    Life(here, late["channel"], late["ts"]).reaches(Phase.READY)
    life.holds_together(most_wasted=2)
