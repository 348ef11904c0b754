"""The loop: what is saved before what, and what a run ends with."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workers.agent.acting import (
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
from workers.agent import Finished, Reply, Spoke
from workers.agent.loop import work
from workers.agent.words import EMPTY
from workers.workspace import ExportRefused


def test_a_straight_run_ends_with_the_proposed_tree_and_the_words(bench: Workbench) -> None:
    base = bench.start(a_txt="one\n")
    model = PlayedModel([reply(bash("echo two > b.txt")), reply(finish(proven="It ran.", risks="None."))])
    outcome = work(a_job(base), model, MemoryTranscript(), bench.access())
    assert isinstance(outcome, Finished)
    assert (outcome.title, outcome.summary, outcome.proven, outcome.risks) == (
        "Add tax",
        "Totals include tax now.",
        "It ran.",
        "None.",
    )
    assert bench.trees[outcome.tree] == {"a.txt": b"one\n", "b.txt": b"two\n"}
    assert (outcome.usage.turns, outcome.usage.cache_read_tokens, outcome.usage.wasted) == (2, 200, 0)


def test_every_reply_is_saved_before_its_tools_run(bench: Workbench) -> None:
    base = bench.start()
    transcript = MemoryTranscript()
    session = FolderSession(bench.folder)
    seen: list[bool] = []
    ran = session.shell

    def watched(command: str, **more: object) -> object:
        seen.append(any(row.reply is not None and row.results is None for row in transcript.rows()))
        return ran(command)

    session.shell = watched  # type: ignore[assignment,method-assign]  # a spy around the session's own method
    work(
        a_job(base),
        PlayedModel([reply(bash("touch x"), bash("touch y")), reply(finish())]),
        transcript,
        bench.access(session),
    )
    assert seen == [True, True]


def test_the_history_is_append_only(bench: Workbench) -> None:
    base = bench.start()
    notes = [said("person", "in euros please")]
    model = PlayedModel([reply(bash("touch x")), reply(bash("ls")), reply(finish())])
    work(a_job(base, notes=lambda: tuple(notes)), model, MemoryTranscript(), bench.access())
    for shorter, longer in zip(model.asked, model.asked[1:], strict=False):
        assert longer[: len(shorter)] == shorter


def test_words_without_a_change_are_what_the_agent_says(bench: Workbench) -> None:
    base = bench.start()
    outcome = work(a_job(base), PlayedModel([reply("It already does.")]), MemoryTranscript(), bench.access())
    assert outcome == Spoke("It already does.", 0, outcome.usage)


def test_an_end_with_changes_is_nudged_once_to_finish(bench: Workbench) -> None:
    base = bench.start()
    nudged = PlayedModel([reply(bash("touch x")), reply("Done!"), reply(finish())])
    assert isinstance(work(a_job(base), nudged, MemoryTranscript(), bench.access()), Finished)
    stubborn = PlayedModel([reply(bash("touch x")), reply("Done!"), reply("I said done.")])
    bench.restore(base)
    outcome = work(a_job(base), stubborn, MemoryTranscript(), bench.access())
    assert isinstance(outcome, Spoke)
    assert outcome.text == "I said done."
    assert len(stubborn.asked) == 3


def test_an_empty_reply_is_asked_to_go_on_once(bench: Workbench) -> None:
    base = bench.start()
    silent = PlayedModel([reply(stop="end_turn")])
    asked: list[int] = []

    class Waking(PlayedModel):
        def turn(self, *args: Any, **more: Any) -> Reply:
            asked.append(len(args[2]))
            return reply(stop="end_turn") if len(asked) == 1 else reply("Nothing has to change.")

    outcome = work(a_job(base), Waking([]), MemoryTranscript(), bench.access())
    assert isinstance(outcome, Spoke)
    assert outcome.text == "Nothing has to change."
    assert getattr(work(a_job(base), silent, MemoryTranscript(), bench.access()), "text", None) == ""
    assert EMPTY in str(silent.asked[1])


def test_thirty_calls_of_one_reply_run_in_order_and_each_is_answered(bench: Workbench) -> None:
    base = bench.start()
    many = [bash(f"echo {at} >> order.txt") for at in range(30)]
    model = PlayedModel([reply(*many), reply(finish())])
    outcome = work(a_job(base), model, MemoryTranscript(), bench.access())
    assert isinstance(outcome, Finished)
    assert bench.trees[outcome.tree]["order.txt"].decode().split() == [str(at) for at in range(30)]
    assert [block["tool_use_id"] for block in model.asked[1][-1]["content"]] == [one["id"] for one in many]


def test_of_two_equal_calls_only_the_one_that_was_cut_off_does_not_run(bench: Workbench) -> None:
    base = bench.start()
    twice = bash("touch x")
    session = FolderSession(bench.folder)
    model = PlayedModel([reply(dict(twice), dict(twice), stop="max_tokens"), reply(finish())])
    work(a_job(base), model, MemoryTranscript(), bench.access(session))
    assert session.commands == ["touch x"]


def test_finish_without_any_change_is_refused(bench: Workbench) -> None:
    base = bench.start()
    model = PlayedModel([reply(finish()), reply("Nothing has to change.")])
    outcome = work(a_job(base), model, MemoryTranscript(), bench.access())
    assert isinstance(outcome, Spoke)
    assert model.asked[1][-1]["content"][0]["is_error"] is True


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"title": "T" * 300, "summary": "s"},
        {"title": "two\nlines", "summary": "s"},
        {"title": "Fine", "summary": " "},
    ],
)
def test_a_malformed_finish_goes_back_to_the_model(given: dict[str, str], bench: Workbench) -> None:
    base = bench.start()
    model = PlayedModel([reply(bash("touch x")), reply(call("finish", **given)), reply(finish())])
    assert isinstance(work(a_job(base), model, MemoryTranscript(), bench.access()), Finished)
    result = model.asked[2][-1]["content"][0]
    assert result["is_error"] is True
    assert "Not accepted" in result["content"]


def test_finish_beside_other_calls_is_refused_and_the_others_run(bench: Workbench) -> None:
    base = bench.start()
    model = PlayedModel([reply(bash("touch x"), finish("Blind")), reply(finish("Seen"))])
    outcome = work(a_job(base), model, MemoryTranscript(), bench.access())
    assert isinstance(outcome, Finished)
    assert outcome.title == "Seen"
    assert "x" in bench.trees[outcome.tree]
    assert [block.get("is_error", False) for block in model.asked[1][-1]["content"]] == [False, True]


def test_a_tree_that_may_not_leave_is_told_to_the_agent(bench: Workbench) -> None:
    base = bench.start()
    bench.refuse = lambda: ExportRefused({"link": "points outside"}) if (bench.folder / "link").exists() else None
    model = PlayedModel(
        [reply(bash("touch link good")), reply(finish("Early")), reply(bash("rm link")), reply(finish("Clean"))]
    )
    outcome = work(a_job(base), model, MemoryTranscript(), bench.access())
    assert isinstance(outcome, Finished)
    assert outcome.title == "Clean"
    assert "link: points outside" in model.asked[1][-1]["content"][-1]["text"]
    assert "link: points outside" in model.asked[2][-1]["content"][0]["content"]


def test_a_call_cut_off_by_the_output_limit_does_not_run(bench: Workbench) -> None:
    base = bench.start()
    cut = reply(bash("touch whole"), bash("rm -rf /works"), stop="max_tokens")
    session = FolderSession(bench.folder)
    model = PlayedModel([cut, reply(finish())])
    work(a_job(base), model, MemoryTranscript(), bench.access(session))
    assert session.commands == ["touch whole"]


def test_a_cut_text_and_a_pause_are_continued(bench: Workbench) -> None:
    base = bench.start()
    model = PlayedModel(
        [reply("I will now", stop="max_tokens"), reply("…", stop="pause_turn"), reply("Nothing to do.")]
    )
    outcome = work(a_job(base), model, MemoryTranscript(), bench.access())
    assert isinstance(outcome, Spoke)
    assert outcome.text == "Nothing to do."
    assert [message["role"] for message in model.asked[2]] == ["user", "assistant", "user", "assistant"]


def test_an_unknown_tool_and_a_broken_call_are_told_to_the_model(bench: Workbench) -> None:
    base = bench.start()
    odd = {"type": "tool_use", "id": "toolu_odd", "name": "bash", "input": "ls"}
    model = PlayedModel([reply(call("push_to_main"), odd, call("bash")), reply("Well then.")])
    work(a_job(base), model, MemoryTranscript(), bench.access())
    assert [block["is_error"] for block in model.asked[1][-1]["content"]] == [True, True, True]
