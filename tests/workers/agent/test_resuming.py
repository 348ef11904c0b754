"""Going on: a crash anywhere is the same as a pause, and news reaches the agent at its next turn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.change import Note
from tests.workers.agent.acting import (
    Crash,
    FolderSession,
    MemoryTranscript,
    PlayedModel,
    Workbench,
    a_job,
    bash,
    call,
    finish,
    reply,
    said,
)
from workers import ClaimLost, TryAgain
from workers.agent import Finished, NeedsAnswer, OverBudget, Reply
from workers.agent.loop import work

POINTS = [
    f"{step} {n} {when}"
    for n, steps in enumerate((("begin", "results"), *[("begin", "reply", "results")] * 3, ("begin", "reply")))
    for step in steps
    for when in ("before", "after")
]


@pytest.mark.parametrize("point", POINTS)
def test_a_crash_at_any_save_changes_nothing_but_the_waste(point: str, bench: Workbench) -> None:
    base = bench.start(a_txt="one\n")
    script = [
        reply(bash("echo two >> a.txt")),
        reply("more", bash("echo three >> a.txt"), bash("cat a.txt")),
        reply(bash("tr a-z A-Z < a.txt > b.txt")),
        reply(finish()),
    ]
    transcript, first, second = MemoryTranscript(), PlayedModel(script), PlayedModel(script)

    def crash(at: str) -> None:
        if at == point:
            raise Crash

    transcript.on_save = crash
    with pytest.raises(Crash):
        work(a_job(base), first, transcript, bench.access())
    transcript.on_save = lambda at: None
    outcome = work(a_job(base), second, transcript, bench.access())
    assert isinstance(outcome, Finished)
    assert bench.trees[outcome.tree] == {"a.txt": b"one\ntwo\nthree\n", "b.txt": b"ONE\nTWO\nTHREE\n"}
    repeated = [messages for messages in second.asked if messages in first.asked]
    assert len(repeated) == (1 if point.startswith("reply") and point.endswith("before") else 0)
    began_in_vain = point.startswith(("reply", "begin")) and not point.startswith("begin 0")
    lost = began_in_vain and (point.startswith("reply") == point.endswith("before"))
    assert outcome.usage.wasted == int(lost)


def test_a_second_call_without_news_gives_the_same_outcome_and_asks_nothing(bench: Workbench) -> None:
    base = bench.start()
    transcript, model = MemoryTranscript(), PlayedModel([reply(bash("touch x")), reply(finish())])
    first = work(a_job(base), model, transcript, bench.access())
    again = work(a_job(base), PlayedModel([]), transcript, bench.access())
    assert again == first


def test_an_answer_becomes_the_result_of_the_question(bench: Workbench) -> None:
    base = bench.start()
    notes: list[Note] = []
    ask = call("ask", question="Which currency?", options=["Euro", "Pound"])
    model = PlayedModel([reply(ask), reply(bash("echo euro > c.txt")), reply(finish())])
    transcript, job = MemoryTranscript(), a_job(base, notes=lambda: tuple(notes))
    asked = work(job, model, transcript, bench.access())
    assert isinstance(asked, NeedsAnswer)
    assert (asked.question, asked.options, asked.notes_read) == ("Which currency?", ("Euro", "Pound"), 0)
    notes.append(said("answer", "Euro", "ben"))
    done = work(job, model, transcript, bench.access())
    assert isinstance(done, Finished)
    assert done.notes_read == 1
    result, told = model.asked[1][-1]["content"]
    assert result["tool_use_id"] == ask["id"]
    assert "ben answered" in told["text"]
    assert "<answer>\nEuro\n</answer>" in told["text"]


def test_red_checks_come_back_as_the_result_of_finish(bench: Workbench) -> None:
    base = bench.start()
    notes: list[Note] = []
    model = PlayedModel([reply(bash("touch x")), reply(finish()), reply(bash("touch y")), reply(finish("Mend it"))])
    transcript, job = MemoryTranscript(), a_job(base, notes=lambda: tuple(notes))
    first = work(job, model, transcript, bench.access())
    notes.append(said("checks", "1 test failed: test_total", "Shipmate"))
    second = work(job, model, transcript, bench.access())
    assert isinstance(first, Finished)
    assert isinstance(second, Finished)
    assert second.title == "Mend it"
    assert second.tree != first.tree
    assert "1 test failed: test_total" in model.asked[2][-1]["content"][1]["text"]


def test_a_follow_up_reaches_the_model_as_a_request(bench: Workbench) -> None:
    base = bench.start()
    notes: list[Note] = []
    model = PlayedModel([reply(bash("touch x")), reply(finish()), reply(bash("touch y")), reply(finish())])
    transcript, job = MemoryTranscript(), a_job(base, notes=lambda: tuple(notes))
    work(job, model, transcript, bench.access())
    notes.append(said("follow_up", "also show it on the receipt", "ben"))
    work(job, model, transcript, bench.access())
    assert "<request>\nalso show it on the receipt\n</request>" in model.asked[2][-1]["content"][1]["text"]


def test_a_note_is_heard_at_the_next_turn_after_the_tool_results(bench: Workbench) -> None:
    base = bench.start()
    notes: list[Note] = []
    session = FolderSession(bench.folder)
    ran = session.shell

    def noting(command: str, **more: object) -> object:
        notes.append(said("person", "call it VAT"))
        return ran(command)

    session.shell = noting  # type: ignore[assignment,method-assign]  # a note arrives while a tool runs
    model = PlayedModel([reply(bash("touch x")), reply(finish())])
    outcome = work(a_job(base, notes=lambda: tuple(notes)), model, MemoryTranscript(), bench.access(session))
    first, second = model.asked[1][-1]["content"]
    assert first["type"] == "tool_result"
    assert "call it VAT" in second["text"]
    assert isinstance(outcome, Finished)
    assert outcome.notes_read == 1


def test_finish_with_unheard_notes_is_not_the_end(bench: Workbench) -> None:
    base = bench.start()
    notes: list[Note] = []

    class Slow(PlayedModel):
        def turn(self, *args: Any, **more: Any) -> Reply:
            answer = super().turn(*args, **more)
            if len(self.asked) == 2:
                notes.append(said("person", "wait, in euros"))
            return answer

    model = Slow(
        [reply(bash("touch x")), reply(finish("Too soon")), reply(bash("touch euro")), reply(finish("In euros"))]
    )
    outcome = work(a_job(base, notes=lambda: tuple(notes)), model, MemoryTranscript(), bench.access())
    assert isinstance(outcome, Finished)
    assert outcome.title == "In euros"
    assert "wait, in euros" in model.asked[2][-1]["content"][1]["text"]


def test_a_stop_between_turns_saves_nothing_more(bench: Workbench) -> None:
    base = bench.start()
    session = FolderSession(bench.folder)
    bench.lost = lambda: bool(session.commands)
    transcript = MemoryTranscript()
    with pytest.raises(ClaimLost):
        work(a_job(base), PlayedModel([reply(bash("touch x"))]), transcript, bench.access(session))
    assert transcript.rows()[-1].results is None


def test_what_somebody_pushed_meanwhile_is_kept_when_the_work_goes_on(bench: Workbench) -> None:
    base = bench.start(a_txt="one\n")
    notes: list[Note] = []
    transcript, job = MemoryTranscript(), a_job(base, notes=lambda: tuple(notes))
    model = PlayedModel([reply(bash("touch x")), reply(finish()), reply("Seen."), reply(finish("With theirs"))])
    work(job, model, transcript, bench.access())
    notes.append(said("host", "ben pushed a commit"))
    (bench.folder / "theirs.txt").write_text("ben was here")
    theirs, ours = bench.checkpoint(), bench.restore
    bench.restore = lambda tree: ours(theirs)  # type: ignore[method-assign]  # the stage puts their tree in place
    assert isinstance(work(replace(job, max_turns=2), model, transcript, bench.access()), OverBudget)
    bench.restore = ours  # type: ignore[method-assign]  # from now on what the transcript says
    done = work(job, model, transcript, bench.access())
    assert isinstance(done, Finished)
    assert done.tree == theirs


def test_a_model_failure_is_counted_as_waste_and_asked_again(bench: Workbench) -> None:
    base = bench.start()
    transcript = MemoryTranscript()
    with pytest.raises(TryAgain):
        work(a_job(base), PlayedModel([TryAgain(5, "overloaded")]), transcript, bench.access())
    outcome = work(a_job(base), PlayedModel([reply("Fine as it is.")]), transcript, bench.access())
    assert outcome.usage.wasted == 1
