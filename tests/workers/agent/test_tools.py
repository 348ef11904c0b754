"""Checks on demand, guidance of folders, and long outputs that can be read again."""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import replace
from pathlib import Path
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
)
from workers.agent import Block, Job, MemoryBlobs, RunnableChecks
from workers.agent.loop import work
from workers.agent.tools import run_checks
from workers.checks import Plan
from workers.ecosystems.candidate import Check
from workers.sandbox.bubblewrap import Bubblewrap
from workers.stages.job import suite


def results(model: PlayedModel, turn: int) -> list[Block]:
    found: list[Block] = model.asked[turn][-1]["content"]
    return found


def test_checks_are_run_by_name_and_say_how_each_ended(bench: Workbench) -> None:
    base = bench.start()
    asked: list[tuple[str, str]] = []

    def which(name: str, tree: str) -> RunnableChecks:
        asked.append((name, tree))
        return RunnableChecks((("lint", "echo fine", str), ("types", "echo a.py:1: wrong; exit 1", str.upper)))

    job = a_job(base, suite=which)
    model = PlayedModel([reply(bash("touch x"), call("run_checks", which="quick")), reply(finish())])
    work(job, model, MemoryTranscript(), bench.access())
    told = results(model, 1)[1]
    assert [(name, sorted(bench.trees[tree])) for name, tree in asked] == [("quick", ["x"])]
    assert told["is_error"] is True
    assert "lint: passed" in told["content"]
    assert "types: FAILED" in told["content"]
    assert "A.PY:1: WRONG" in told["content"]


@pytest.mark.parametrize(("given", "words"), [({"which": "all"}, "knows no `all` checks"), ({}, "must be one of")])
def test_checks_that_are_not_there_are_told(given: dict[str, Any], words: str, tmp_path: Path) -> None:
    answer = run_checks.run(given, FolderSession(tmp_path), lambda _which: None, lambda: False)
    assert words in answer.text


def test_a_check_that_takes_too_long_says_nothing_of_the_agents_shell(tmp_path: Path) -> None:
    steps = RunnableChecks((("slow", "sleep 5", str),), wall_seconds=0.2)
    answer = run_checks.run({"which": "all"}, FolderSession(tmp_path), lambda _which: steps, lambda: False)
    assert answer.failed
    assert answer.text.endswith("$ sleep 5\n[killed after 0 s, the time limit]")


def test_the_plan_says_what_each_name_runs() -> None:
    lint = Check("ruff", "ruff check {files}", "lint", "", endings=(".py",))
    types = Check("mypy", "mypy .", "types")
    plan = Plan(
        "pytest", "pytest -q", ecosystem="python", tool="pytest", quick=(lint, types), test_changed="pytest {files}"
    )
    quick = suite(plan, "quick", ("a.py", "b.md"))
    assert quick is not None
    assert [step[:2] for step in quick.steps] == [("ruff", "ruff check a.py"), ("mypy", "mypy .")]
    changed = suite(plan, "changed", ("a.py", "test_a.py"))
    assert changed is not None
    assert changed.steps[0][1].endswith("pytest test_a.py")
    everything = suite(plan, "all", ())
    assert everything is not None
    assert everything.steps[0][1].endswith("pytest -q")
    assert suite(plan, "changed", ("a.py",)) is None
    assert suite(replace(plan, test=None), "all", ()) is None


def nested(base: str) -> Job:
    said = {"web/AGENTS.md": "Use tabs.", "web/deep/CLAUDE.md": "No globals.", "api/AGENTS.md": "Use spaces."}
    return a_job(base, nested=tuple(said), read_guidance=said.__getitem__)


def test_guidance_of_a_folder_is_shown_once_when_the_agent_comes_there(bench: Workbench) -> None:
    base = bench.start()
    view = call("str_replace_based_edit_tool", command="view", path="/workspace/web/deep/x.js")
    model = PlayedModel(
        [reply(view), reply(bash("cat web/x.js; ls 'api'")), reply(bash("ls")), reply("Nothing to do.")]
    )
    work(nested(base), model, MemoryTranscript(), bench.access())
    first = [block["text"] for block in results(model, 1) if block["type"] == "text"]
    assert len(first) == 2
    assert "<guidance>\nweb/AGENTS.md:\nUse tabs.\n</guidance>" in first[0]
    assert "No globals." in first[1]
    second = [block["text"] for block in results(model, 2) if block["type"] == "text"]
    assert len(second) == 1
    assert "Use spaces." in second[0]
    assert [block["type"] for block in results(model, 3)] == ["tool_result"]


def test_a_long_output_is_shortened_and_all_of_it_is_kept(bench: Workbench) -> None:
    base = bench.start()
    blobs = MemoryBlobs()
    model = PlayedModel([reply(bash("seq 1 20000")), reply("Many.")])
    work(a_job(base), model, MemoryTranscript(), replace(bench.access(), blobs=blobs))
    said = results(model, 1)[0]["content"]
    whole = "".join(f"{n}\n" for n in range(1, 20001))
    assert len(said) < 16_100
    assert said.startswith("1\n2\n3\n")
    assert said.endswith("\n20000")
    assert "all of it is in /tmp/outputs/1-1.txt" in said
    digest = hashlib.sha256(whole.encode()).hexdigest()
    assert f"kept as artifact {digest}" in said
    assert blobs.get(digest).decode() == whole


def test_the_whole_output_can_be_read_in_the_sandbox(tmp_path: Path) -> None:
    bench = Workbench(tmp_path / "workspace")
    base = bench.start(a_txt="one\n")
    model = PlayedModel([reply(bash("seq 1 20000")), reply(bash("sed -n 10000p /tmp/outputs/1-1.txt")), reply("Seen.")])
    with closing(Bubblewrap(tmp_path / "home").open(bench.folder)) as session:
        access = replace(bench.access(), session=session)
        work(a_job(base), model, MemoryTranscript(), access)
    assert results(model, 2)[0]["content"] == "10000"
