"""What every `Model` promises: Claude's adapter at the stand-in, and the one that plays what a test gave it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from playground.claude.app import create_app
from playground.claude.config import ClaudeStandInConfig
from tests.workers.agent.acting import PlayedModel, bash, reply
from tests.workers.agent.serving import served
from workers.agent import Block, Model, Reply
from workers.agent.model import ClaudeModel
from workers.agent.prompts import SYSTEM
from workers.agent.tools import TOOLS

SCRIPT = """
match = ["greet"]
[[turn]]
text = "Let me look."
[[turn.tools]]
bash = "ls"
[[turn]]
text = "Hello."
"""
ASKED: Block = {"role": "user", "content": [{"type": "text", "text": "<request>greet</request>"}]}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("claude")
    (home / "scripts").mkdir()
    (home / "scripts" / "greet.toml").write_text(SCRIPT)
    config = ClaudeStandInConfig(state_path=home / "state.db", extra_scripts_dir=home / "scripts")
    with served(lambda url: create_app(config)) as url:
        yield url


@pytest.fixture(params=["claude", "played"])
def model(request: pytest.FixtureRequest, address: str) -> Model:
    if request.param == "claude":
        return ClaudeModel("scripted", address)
    return PlayedModel([reply("Let me look.", bash("ls")), reply("Hello.")])


def turn(model: Model, *messages: Block) -> Reply:
    return model.turn(SYSTEM, TOOLS, list(messages), lambda _line: None, lambda: False)


def answered(first: Reply) -> tuple[Block, Block]:
    """What follows a reply that calls one tool: the reply as it was kept, and the tool's result."""
    result = {"type": "tool_result", "tool_use_id": first.content[-1]["id"], "content": "a.txt"}
    return {"role": "assistant", "content": list(first.content)}, {"role": "user", "content": [result]}


def test_a_reply_that_calls_a_tool_ends_with_it_and_says_so(model: Model) -> None:
    first = turn(model, ASKED)
    assert first.stop_reason == "tool_use"
    assert {name: first.content[-1][name] for name in ("type", "name", "input")} == {
        "type": "tool_use", "name": "bash", "input": {"command": "ls"},
    }  # fmt: skip
    assert first.content[-1]["id"]


def test_a_reply_is_sent_back_as_it_came_and_the_next_one_ends_the_turn(model: Model) -> None:
    last = turn(model, ASKED, *answered(turn(model, ASKED)))
    assert (last.stop_reason, last.content[-1]) == ("end_turn", {"type": "text", "text": "Hello."})


def test_the_same_conversation_is_answered_alike(model: Model) -> None:
    first, again = turn(model, ASKED), turn(model, ASKED)
    assert (first.stop_reason, first.content[-1]["input"]) == (again.stop_reason, again.content[-1]["input"])


def test_every_reply_counts_itself_alone(model: Model) -> None:
    first = turn(model, ASKED)
    for one in (first, turn(model, ASKED, *answered(first))):
        assert (one.usage.turns, one.usage.seconds) == (1, 0)
        assert one.usage.output_tokens > 0


def test_it_knows_its_window(model: Model) -> None:
    assert model.window() >= 100_000
    assert model.name
