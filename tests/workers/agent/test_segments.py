"""Where a conversation begins anew: too long, another model, a refusal. Nothing stored is ever rewritten."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.domain.change import Image, Note, Usage
from tests.workers.agent.acting import (
    Crash,
    MemoryTranscript,
    PlayedModel,
    Workbench,
    a_job,
    bash,
    finish,
    reply,
    said,
)
from tests.workers.agent.drawn import png
from workers import GiveUp
from workers.agent import Finished, Job, Reply
from workers.agent.api_errors import Declined, Malformed, TooLong
from workers.agent.loop import work
from workers.agent.prompts import COMPACT

THOUGHT = {"type": "thinking", "thinking": "hm", "signature": "bound"}


def long(*content: Any) -> Reply:
    """A reply to a request of 30,000 tokens."""
    return Reply(
        (THOUGHT, *reply(*content).content),
        "tool_use",
        Usage(turns=1, input_tokens=30_000, output_tokens=50),
        model="played",
    )


class Sequel(PlayedModel):
    """Answers in the order of its replies, however the conversation looks."""

    def turn(self, *args: Any, **more: Any) -> Reply:
        replies, self.replies = self.replies, [self.replies[0]]
        try:
            system, tools, messages, *rest = args
            return super().turn(system, tools, [{"role": "user", "content": messages}], *rest, **more)
        finally:
            self.replies = replies[1:]
            self.asked[-1] = self.asked[-1][0]["content"]


def words(message: dict[str, Any]) -> str:
    return json.dumps(message)


def small(base: str, **more: Any) -> Job:
    return a_job(base, context_tokens=25_000, **more)


def test_a_long_conversation_goes_on_from_what_the_model_wrote_down(bench: Workbench) -> None:
    base = bench.start(a_txt="one\n")
    notes = [said("person", "in euros please", "ben")]
    model = Sequel([long(bash("echo two > b.txt")), reply("b.txt holds two; next: finish."), reply(finish())])
    transcript = MemoryTranscript()
    outcome = work(
        small(base, notes=lambda: tuple(notes), changed=lambda _: ("b.txt",)), model, transcript, bench.access()
    )
    assert isinstance(outcome, Finished)
    asked_to_compact, after = model.asked[1], model.asked[2]
    assert asked_to_compact[-1] == {"role": "user", "content": [{"type": "text", "text": COMPACT}]}
    assert asked_to_compact[:-1][: len(model.asked[0])] == model.asked[0]
    assert [message["role"] for message in after] == ["user"]
    for wanted in ("make the total include tax", "in euros please", "b.txt holds two", "differs from the base in:\\nb"):
        assert wanted in words(after[0])
    assert "thinking" not in words(after[0])
    assert outcome.notes_read == 1
    assert outcome.usage.turns == 3
    rows = transcript.rows()
    assert [row.stop_reason for row in rows] == ["", "tool_use", "segment:full", "tool_use"]


POINTS = [
    f"{step} {n} {when}" for n in (2, 3) for step in ("begin", "reply", "results") for when in ("before", "after")
]


@pytest.mark.parametrize("point", POINTS[:-2])
def test_a_crash_while_compacting_resumes_the_same_conversation(point: str, bench: Workbench) -> None:
    base = bench.start()
    script = [long(bash("touch x")), reply("x is there."), reply(finish())]
    transcript, first = MemoryTranscript(), Sequel(script)

    def crash(at: str) -> None:
        if at == point:
            raise Crash

    transcript.on_save = crash
    with pytest.raises(Crash):
        work(small(base), first, transcript, bench.access())
    transcript.on_save = lambda at: None
    before = dict(transcript.stored)
    stored = len([row for row in transcript.rows() if row.reply is not None])
    second = Sequel(script[stored:])
    assert isinstance(work(small(base), second, transcript, bench.access()), Finished)
    for n, row in before.items():
        was, now = json.loads(row), json.loads(transcript.stored[n])
        assert all(now[key] == was[key] for key in ("reply", "results", "tree") if was[key] is not None)
    last = [*first.asked, *second.asked][-1]
    assert len(last) == 1
    assert "x is there." in words(last[0])


def test_a_model_that_cannot_write_it_down_is_told_in_short_what_was_done(bench: Workbench) -> None:
    base = bench.start()
    model = Sequel([long("I look.", bash("echo hello; touch x")), TooLong(Usage(turns=1)), reply(finish())])
    outcome = work(small(base), model, MemoryTranscript(), bench.access())
    assert isinstance(outcome, Finished)
    assert "Turn 1. I look." in words(model.asked[2][0])
    assert "hello" in words(model.asked[2][0])
    assert outcome.usage.turns == 3


def test_a_window_that_is_exceeded_is_no_end(bench: Workbench) -> None:
    base = bench.start()
    model = Sequel([reply(bash("touch x")), TooLong(Usage(turns=1, input_tokens=7)), reply(finish())])
    transcript = MemoryTranscript()
    outcome = work(a_job(base), model, transcript, bench.access())
    assert isinstance(outcome, Finished)
    assert len(model.asked[2]) == 1
    assert outcome.usage.input_tokens == 27
    assert transcript.rows()[2].stop_reason == "segment:window"


def test_a_beginning_that_is_too_long_by_itself_is_given_up(bench: Workbench) -> None:
    base = bench.start()
    with pytest.raises(GiveUp, match="too long"):
        work(a_job(base), Sequel([TooLong(Usage())]), MemoryTranscript(), bench.access())


def test_the_models_own_window_bounds_a_conversation_too(bench: Workbench) -> None:
    base = bench.start()
    model = Sequel([long(bash("touch x")), reply("x is there."), reply(finish())], fits=30_000)
    assert isinstance(work(a_job(base), model, MemoryTranscript(), bench.access()), Finished)
    assert len(model.asked[2]) == 1


def test_a_conversation_that_is_no_longer_taken_begins_anew(bench: Workbench) -> None:
    base = bench.start()
    model = Sequel([long("I look.", bash("touch x")), Malformed("messages.1: no"), reply(finish())])
    transcript = MemoryTranscript()
    assert isinstance(work(a_job(base), model, transcript, bench.access()), Finished)
    assert "Turn 1. I look." in words(model.asked[2][0])
    assert transcript.rows()[2].stop_reason == "segment:broken"


def test_a_picture_that_is_not_taken_is_left_out_and_told(bench: Workbench) -> None:
    base = bench.start()
    image = Image(id="F1", name="till.png", mimetype="image/png", size=9, url="https://files.slack.com/x")
    model = Sequel([Malformed("Could not process image"), reply(bash("touch x")), reply(finish())])
    job = a_job(base, images=(image,), fetch=lambda _: png())
    assert isinstance(work(job, model, MemoryTranscript(), bench.access()), Finished)
    assert [block["type"] for block in model.asked[0][0]["content"]] == ["text", "text", "image"]
    assert {block["type"] for block in model.asked[1][0]["content"]} == {"text"}
    assert "pictures are left out" in words(model.asked[1][0])


def test_a_beginning_that_is_not_taken_is_given_up(bench: Workbench) -> None:
    base = bench.start()
    model = Sequel([Malformed("output_config.effort: no")])
    with pytest.raises(GiveUp, match="effort"):
        work(a_job(base), model, MemoryTranscript(), bench.access())
    assert len(model.asked) == 1


def refusing() -> Declined:
    return Declined("Claude declined this request: no.", "Say it otherwise.", Usage(turns=1, input_tokens=40))


def test_a_refused_turn_is_asked_of_the_second_model_without_the_firsts_thinking(bench: Workbench) -> None:
    base = bench.start()
    first = Sequel([long(bash("touch x")), refusing()])
    second = Sequel([reply(bash("touch y")), reply(finish())], name="second")
    transcript = MemoryTranscript()
    outcome = work(a_job(base), first, transcript, bench.access(), second)
    assert isinstance(outcome, Finished)
    assert [message["role"] for message in second.asked[0]] == ["user"]
    assert "bound" not in words(second.asked[0][0])
    assert sorted(bench.trees[outcome.tree]) == ["x", "y"]
    assert outcome.usage.input_tokens == 30_000 + 40 + 20
    assert [row.model for row in transcript.rows()] == ["", "played", "second", "second", "second"]


def test_the_second_model_keeps_the_conversation_it_took_over(bench: Workbench) -> None:
    base = bench.start()
    notes: list[Note] = []
    first = Sequel([refusing()])
    second = Sequel([reply(bash("touch y")), reply(finish()), reply(bash("touch z")), reply(finish())], name="second")
    transcript, job = MemoryTranscript(), a_job(base, notes=lambda: tuple(notes))
    work(job, first, transcript, bench.access(), second)
    notes.append(said("follow_up", "and z"))
    assert isinstance(work(job, Sequel([]), transcript, bench.access(), second), Finished)
    assert len(second.asked[2]) == 5


def test_the_second_model_stays_when_its_conversation_becomes_long(bench: Workbench) -> None:
    base = bench.start()
    first = Sequel([refusing()])
    second = Sequel([long(bash("touch y")), reply("y is there."), reply(bash("ls")), reply(finish())], name="second")
    assert isinstance(work(small(base), first, MemoryTranscript(), bench.access(), second), Finished)
    assert len(first.asked) == 1


def test_a_refusal_by_the_second_model_or_without_one_is_the_end(bench: Workbench) -> None:
    base = bench.start()
    with pytest.raises(GiveUp, match="declined"):
        work(a_job(base), Sequel([refusing()]), MemoryTranscript(), bench.access())
    with pytest.raises(GiveUp, match="declined"):
        work(a_job(base), Sequel([refusing()]), MemoryTranscript(), bench.access(), Sequel([refusing()], name="second"))


def test_another_model_never_sees_the_thinking_of_the_one_before(bench: Workbench) -> None:
    base = bench.start()
    notes: list[Note] = []
    transcript, job = MemoryTranscript(), a_job(base, notes=lambda: tuple(notes))
    work(job, Sequel([long(bash("echo seen; touch x")), reply(finish())]), transcript, bench.access())
    notes.append(said("follow_up", "and y"))
    other = Sequel([reply(bash("touch y")), reply(finish())], name="other")
    assert isinstance(work(job, other, transcript, bench.access()), Finished)
    assert [message["role"] for message in other.asked[0]] == ["user"]
    beginning = words(other.asked[0][0])
    assert "and y" in beginning
    assert "seen" in beginning
    assert "bound" not in beginning
    assert len(other.asked[1]) == 3


def test_pictures_of_people_come_along_into_a_new_segment(bench: Workbench) -> None:
    base = bench.start()
    image = Image(id="F1", name="till.png", mimetype="image/png", size=9, url="https://files.slack.com/x")
    model = Sequel([long(bash("touch x")), reply("x is there."), reply(finish())])
    fetched: list[str] = []

    def fetch(one: Image) -> bytes:
        fetched.append(one.name)
        return png()

    work(small(base, images=(image,), fetch=fetch), model, MemoryTranscript(), bench.access())
    pictures = [block for block in model.asked[2][0]["content"] if block["type"] == "image"]
    assert pictures == [block for block in model.asked[0][0]["content"] if block["type"] == "image"]
    assert fetched == ["till.png"]
