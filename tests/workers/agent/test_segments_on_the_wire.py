"""New segments against the stand-in, which refuses thinking that was moved, edited or given to another model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.change import Note
from playground.claude.app import create_app
from playground.claude.client import ClaudeScript
from playground.claude.config import ClaudeStandInConfig
from tests.workers.agent import thirty
from tests.workers.agent.acting import MemoryTranscript, Workbench, a_job, said
from tests.workers.agent.serving import served
from workers import GiveUp
from workers.agent import Finished
from workers.agent.loop import work
from workers.agent.model import ClaudeModel


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    scripts = thirty.write(tmp_path / "scripts", thirty.script(turns=6, crowded=2, match="tax"))
    config = ClaudeStandInConfig(state_path=tmp_path / "state.db", extra_scripts_dir=scripts)
    with served(lambda url: create_app(config)) as url:
        yield url


def test_a_refusal_in_the_midst_is_taken_over_by_the_second_model(bench: Workbench, address: str) -> None:
    ClaudeScript(address).fail_next("refusal", turn=3)
    transcript = MemoryTranscript()
    first, second = ClaudeModel("scripted", address), ClaudeModel("scripted", address, "claude-sonnet-5-5")
    done = work(a_job(bench.start(a_txt="one\n")), first, transcript, bench.access(), second)
    assert isinstance(done, Finished)
    rows = transcript.rows()
    assert [row.stop_reason for row in rows if row.begins] == ["segment:refusal"]
    assert {row.model for row in rows[1:3]} == {"claude-opus-5-5"}
    assert {row.model for row in rows[3:]} == {"claude-sonnet-5-5"}


def test_without_a_second_model_the_refusal_is_told(bench: Workbench, address: str) -> None:
    ClaudeScript(address).fail_next("refusal", turn=3)
    with pytest.raises(GiveUp, match="security-sensitive"):
        work(a_job(bench.start()), ClaudeModel("scripted", address), MemoryTranscript(), bench.access())


def test_a_window_that_is_exceeded_in_the_midst_is_no_end(bench: Workbench, address: str) -> None:
    ClaudeScript(address).fail_next("context_window", turn=4)
    transcript = MemoryTranscript()
    done = work(a_job(bench.start(a_txt="one\n")), ClaudeModel("scripted", address), transcript, bench.access())
    assert isinstance(done, Finished)
    assert [row.stop_reason for row in transcript.rows() if row.begins] == ["segment:window"]


def test_a_pause_of_the_model_is_sent_back_as_it_is(bench: Workbench, address: str) -> None:
    ClaudeScript(address).fail_next("pause_turn", turn=2)
    done = work(a_job(bench.start(a_txt="one\n")), ClaudeModel("scripted", address), MemoryTranscript(), bench.access())
    assert isinstance(done, Finished)


def test_another_model_in_the_settings_goes_on_with_a_follow_up(bench: Workbench, address: str) -> None:
    notes: list[Note] = []
    transcript, job = MemoryTranscript(), a_job(bench.start(a_txt="one\n"), notes=lambda: tuple(notes))
    work(job, ClaudeModel("scripted", address), transcript, bench.access())
    notes.append(said("follow_up", "and the tax on the total of the receipt"))
    done = work(job, ClaudeModel("scripted", address, "claude-fable-5-2"), transcript, bench.access())
    assert isinstance(done, Finished)
    assert done.notes_read == 1
    assert [row.stop_reason for row in transcript.rows() if row.begins] == ["segment:model"]
