"""What is read from the cache, measured on the wire: the stand-in keeps prefixes as the service does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from playground.claude.app import create_app
from playground.claude.client import Call, ClaudeScript
from playground.claude.config import ClaudeStandInConfig
from tests.workers.agent import thirty
from tests.workers.agent.acting import MemoryTranscript, Workbench, a_job
from tests.workers.agent.serving import served
from workers.agent import Finished, Job
from workers.agent.caching import marked
from workers.agent.loop import work
from workers.agent.model import ClaudeModel
from workers.agent.prompts import SYSTEM
from workers.agent.tools import TOOLS

BUILT_IN_TOKENS = {"bash": 350, "str_replace_based_edit_tool": 900}
"""What the service adds for its own tools, on the safe side."""
NOW = [1_000_000.0]


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    config = ClaudeStandInConfig(
        state_path=tmp_path / "state.db", extra_scripts_dir=thirty.write(tmp_path / "scripts"), clock=lambda: NOW[0]
    )
    with served(lambda url: create_app(config)) as url:
        yield url


def job(bench: Workbench, **more: Any) -> Job:
    base = bench.start(a_txt="one\n")
    wanted = {"request": "make thirty parts", "requester": "ana", "repository": "acme/till", "base_tree": base}
    return Job(**{**a_job(base).__dict__, **wanted, **more})


def tokens(call: Call) -> tuple[int, int]:
    """(read from the cache, all input)"""
    read = call.usage["cache_read_input_tokens"]
    return read, read + call.usage["cache_creation_input_tokens"] + call.usage["input_tokens"]


def answered(address: str) -> list[Call]:
    """Every call, once the last of them is in the stand-in's books too."""
    until = time.monotonic() + 60
    calls = ClaudeScript(address).calls()
    while any(call.outcome == "started" for call in calls):
        assert time.monotonic() < until
        calls = ClaudeScript(address).calls()
    return calls


def share(calls: list[Call]) -> float:
    found = [tokens(call) for call in calls]
    return sum(read for read, _ in found) / sum(whole for _, whole in found)


def test_from_the_second_turn_on_95_percent_of_the_input_is_read_from_the_cache(bench: Workbench, address: str) -> None:
    done = work(job(bench), ClaudeModel("scripted", address), MemoryTranscript(), bench.access())
    assert isinstance(done, Finished)
    calls = answered(address)
    assert len(calls) == thirty.TURNS
    assert share(calls[1:]) >= 0.95
    assert done.usage.cache_read_tokens == sum(tokens(call)[0] for call in calls)
    assert done.usage.micros > 0
    # What the crowded turn added is written once; the turn after it reads everything before.
    assert all(tokens(after)[0] >= tokens(before)[1] - 50 for before, after in pairwise(calls))


def test_an_hour_later_tools_and_system_prompt_are_still_read(bench: Workbench, address: str) -> None:
    work(job(bench), ClaudeModel("scripted", address), MemoryTranscript(), bench.access())
    NOW[0] += 50 * 60
    other = job(bench, requester="ben")
    work(other, ClaudeModel("scripted", address), MemoryTranscript(), bench.access())
    first_of_the_other = answered(address)[thirty.TURNS]
    read, whole = tokens(first_of_the_other)
    assert 1_500 < read < whole


def test_the_request_before_is_marked_and_nothing_of_it_is_changed() -> None:
    first = {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}
    reply = {"role": "assistant", "content": [{"type": "text", "text": "c"}]}
    result = {"role": "user", "content": [{"type": "text", "text": "d"}]}
    assert marked([first]) == [first]
    found = marked([first, reply, result])
    assert found[1:] == [reply, result]
    assert found[0]["content"][0] == first["content"][0]
    assert found[0]["content"][1] == {"type": "text", "text": "b", "cache_control": {"type": "ephemeral"}}
    assert "cache_control" not in str(first)
    assert "cache_control" in str(marked([first, reply, result, reply, result])[2])


def test_the_system_prompt_and_the_tools_are_under_4000_tokens() -> None:
    ours = len(SYSTEM) + sum(len(str(tool)) for tool in TOOLS if "type" not in tool)
    # English is about four characters to a token; three is on the safe side.
    assert ours / 3 + sum(BUILT_IN_TOKENS.values()) < 4_000


def test_a_compacted_conversation_is_good_for_the_service_too(bench: Workbench, address: str) -> None:
    transcript = MemoryTranscript()
    done = work(job(bench, context_tokens=20_000), ClaudeModel("scripted", address), transcript, bench.access())
    assert done.usage.turns >= thirty.TURNS
    assert isinstance(done, Finished)
