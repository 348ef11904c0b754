"""The whole way, with the processes as they are shipped: from a message to merged and undone."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from bot.domain.change import Phase
from tests.journeys import shop
from tests.journeys.life import Life, asks
from tests.journeys.town import Town, town

pytestmark = pytest.mark.xdist_group("town")


@pytest.fixture(scope="module")
def here() -> Iterator[Town]:
    with town() as running:
        yield running


def test_a_request_is_merged_and_undone(here: Town) -> None:
    life = asks(here, "sell plums for 300")
    ready = life.reaches(Phase.READY)
    assert ready.pull is not None
    assert ready.evidence is not None
    assert (ready.evidence.verdict, ready.evidence.counts.passed) == ("green", 3)
    assert ready.ci is not None
    assert ready.ci.state == "green"
    assert here.phone.reactions(life.channel, life.thread)["eyes"]
    merged = life.decides("ben", "approve", Phase.MERGED)
    assert merged.approvals[0].head_sha == ready.pull.head_sha
    life.decides("ben", "undo", Phase.UNDOING)
    undone = life.decides("ben", "undo_approve", Phase.UNDONE)
    life.holds_together()
    assert undone.undo is not None
    assert here.forge.refs(shop.NAME).keys() == {"main"}


def test_a_follow_up_is_one_more_commit_on_the_same_pull_request(here: Town) -> None:
    life = asks(here, "sell pears for 200")
    first = life.reaches(Phase.READY).pull
    assert first is not None
    life.says("ben", "make pears cost 220")
    life.reaches(Phase.EDITING, Phase.CHECKING, Phase.JUDGING, Phase.PUBLISHING, Phase.IN_CI)
    second = life.reaches(Phase.READY).pull
    assert second is not None
    assert (second.number, second.branch) == (first.number, first.branch)
    assert second.head_sha != first.head_sha
    life.decides("cleo", "approve", Phase.MERGED)  # Ben steered it, so his yes would not be enough
    life.holds_together()


def test_what_nobody_asked_for_goes_back_to_the_agent_and_is_taken_out(here: Town) -> None:
    life = asks(here, "offer figs")
    ready = life.reaches(Phase.READY)
    assert ready.vetoes == 1
    assert ready.summary == "The shop offers figs, and promises nothing more."
    assert ready.files == ("goods/figs.txt",)
    assert ready.opinion is not None
    assert (ready.opinion.verdict, ready.opinion.scripted) == ("fine", True)
    told = next(note.text for note in ready.notes if note.kind == "judge")
    assert "a promise was added that nobody asked for" in told
    assert "Nobody asked for: README.md, from line 4:" in told
    life.decides("ben", "approve", Phase.MERGED)
    life.holds_together()


def test_red_checks_go_back_to_the_agent_and_come_out_green(here: Town) -> None:
    life = asks(here, "stock cheese")
    ready = life.reaches(Phase.READY)
    assert ready.rounds == 1
    assert [note.kind for note in ready.notes] == ["checks"]
    assert ready.evidence is not None
    assert ready.evidence.verdict == "green"
    life.holds_together()


def test_a_question_waits_for_its_answer(here: Town) -> None:
    life = asks(here, "price figs")
    asking = life.reaches(Phase.ASKING)
    assert asking.question is not None
    assert asking.question.options == ("100 cents", "200 cents")
    life.taps("ana", "answer:1")
    ready = life.reaches(Phase.READY)
    assert ready.summary == "The price of figs is 200 cents."
    life.holds_together()


@pytest.mark.parametrize("how", ["word", "button"])
def test_stop_ends_the_work_within_five_seconds(here: Town, how: str) -> None:
    life = asks(here, "count everything")
    life.reaches(Phase.EDITING)
    here.until(lambda: _sleepers(here), "the agent's command")
    pressed = time.monotonic()
    if how == "word":
        life.says("ana", "stop")
    else:
        life.taps("ana", "stop")
    life.reaches(Phase.STOPPED, seconds=5)
    here.until(lambda: not _sleepers(here), "the end of the agent's command", 5)
    assert time.monotonic() - pressed < 5
    here.until(lambda: "Stopped" in life.cards()[0]["text"], "the card")


def _sleepers(here: Town) -> list[str]:
    """Commands of the agent that run on this machine for this town."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[:2] == [b"sleep", b"300"] and _descends(process.name, here.processes.processes()["build"]):
            found.append(process.name)
    return found


def _descends(process: str, ancestor: int) -> bool:
    while process not in {"0", "1"}:
        try:
            process = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[1]
        except OSError:
            return False
        if process == str(ancestor):
            return True
    return False


def test_a_push_in_between_voids_the_tap(here: Town) -> None:
    life = asks(here, "sell limes for 90")
    ready = life.reaches(Phase.READY)
    assert ready.pull is not None
    old = here.phone.press_payload("ben", life.channel, life.offers("approve")["ts"], "approve")
    pushed = here.forge.push_commit(shop.NAME, ready.pull.branch, {"goods/limes.txt": "95\n"})
    here.until(lambda: life.change.pull and life.change.pull.head_sha == pushed, "the new head")
    here.phone.interact(old)
    here.until(lambda: "outdated" in _outcomes(life), "the refusal")
    moved = life.reaches(Phase.READY)
    assert moved.approvals == ()
    assert moved.void
    life.taps("ben", "approve")
    here.until(lambda: len(life.change.approvals) == 1, "the first yes")
    merged = life.decides("cleo", "approve", Phase.MERGED)  # nobody here knows who "ben" is on GitHub: that takes two
    assert {yes.head_sha for yes in merged.approvals} == {pushed}
    assert [one["head_sha"] for one in here.forge.merges(shop.NAME) if one["number"] == ready.pull.number] == [pushed]
    life.holds_together()


def _outcomes(life: Life) -> str:
    return " ".join(line.outcome for line in life.town.store.journal.of(life.change.id))


def test_a_merge_at_the_forge_is_noticed(here: Town) -> None:
    life = asks(here, "sell corn for 60")
    ready = life.reaches(Phase.READY)
    assert ready.pull is not None
    here.forge.merge(shop.NAME, ready.pull.number)
    merged = life.reaches(Phase.MERGED)
    assert merged.merged_by == "ben"
    life.holds_together()


def test_a_pull_request_that_is_closed_at_the_forge_ends_the_change(here: Town) -> None:
    life = asks(here, "sell dill for 40")
    ready = life.reaches(Phase.READY)
    assert ready.pull is not None
    here.forge.close(shop.NAME, ready.pull.number)
    life.reaches(Phase.DECLINED)
    life.holds_together()


def test_people_without_rights_change_nothing(here: Town) -> None:
    life = asks(here, "sell mint for 30")
    life.reaches(Phase.READY)
    heard = {person: len(here.phone.ephemerals(person)) for person in ("ana", "mallory")}
    for person, before in heard.items():
        life.taps(person, "approve")
        here.until(partial(_heard_more, here, person, before), f"a no for {person}")
    assert life.change.phase is Phase.READY
    assert life.change.approvals == ()


def _heard_more(here: Town, person: str, before: int) -> bool:
    return len(here.phone.ephemerals(person)) > before


def test_every_delivery_three_times_and_shuffled_changes_nothing(here: Town) -> None:
    here.phone.misdeliver(repeat=3, jitter_ms=300, seed=7)
    here.forge.webhooks(repeat=3, shuffle=7)
    try:
        life = asks(here, "sell beans for 70")
        life.reaches(Phase.READY)
        life.says("ana", "make beans cost 75")
        life.reaches(Phase.EDITING, Phase.CHECKING, Phase.JUDGING, Phase.PUBLISHING, Phase.IN_CI)
        life.reaches(Phase.READY)
        life.decides("ben", "approve", Phase.MERGED)
        life.decides("ana", "undo", Phase.UNDOING)
        life.decides("ben", "undo_approve", Phase.UNDONE)
        life.holds_together()
        notes = [note for note in life.change.notes if note.kind == "follow_up"]
        assert len(notes) == 1
        approvals = [line for line in here.store.journal.of(life.change.id) if '"ApprovePressed"' in line.event]
        assert [line.outcome for line in approvals].count("moved") == 1
    finally:
        here.phone.clear_faults()
        here.forge.webhooks(repeat=1, shuffle=0)


def test_old_deliveries_sent_again_change_nothing(here: Town) -> None:
    life = asks(here, "sell peas for 55")
    life.reaches(Phase.READY)
    life.is_quiet()
    before = (life.change.version, len(here.store.changes.recent(200)), len(life.messages()))
    for delivery in here.phone.deliveries("delivered")[-12:]:
        if delivery["kind"] == "event":
            here.phone.redeliver(delivery["id"])
    here.phone.wait_idle()
    life.is_quiet()
    assert (life.change.version, len(here.store.changes.recent(200)), len(life.messages())) == before


def test_a_broker_that_is_killed_and_wiped_loses_nothing(here: Town) -> None:
    life = asks(here, "sell kale for 45")
    for phase in (Phase.EDITING, Phase.IN_CI):
        life.reaches(phase, Phase.IN_CI, Phase.READY)
        here.kill("broker")
        shutil.rmtree(here.home / "broker", ignore_errors=True)
    life.reaches(Phase.READY)
    here.kill("broker")
    life.decides("ben", "approve", Phase.MERGED)
    life.holds_together()
