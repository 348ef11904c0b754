"""The unmodified client against the stand-in for the Messages API, on a real socket."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from playground.claude.app import create_app
from playground.claude.client import ClaudeScript
from playground.claude.config import ClaudeStandInConfig
from tests.workers.agent.serving import served
from workers import ClaimLost, GiveUp, TryAgain
from workers.agent import Reply
from workers.agent.model import ClaudeModel
from workers.agent.prompts import SYSTEM
from workers.agent.tools import TOOLS

SCRIPT = """
match = ["(?i)greet"]
[[turn]]
think = "I will look around first. Then I will write."
text = "Let me look."
[[turn.tools]]
bash = "ls"
[[turn]]
text = "Hello, nothing to do."
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("claude")
    (home / "scripts").mkdir()
    (home / "scripts" / "greet.toml").write_text(SCRIPT)
    config = ClaudeStandInConfig(state_path=home / "state.db", extra_scripts_dir=home / "scripts")
    with served(lambda url: create_app(config)) as url:
        yield url


@pytest.fixture
def desk(address: str) -> Iterator[ClaudeScript]:
    desk = ClaudeScript(address)
    yield desk
    desk.clear_faults()
    desk.set_turn_delay(0)


def ask(address: str, *, key: str = "scripted", model: str = "claude-opus-5-5", request: str = "greet") -> Reply:
    messages = [{"role": "user", "content": [{"type": "text", "text": f"<request>\n{request}\n</request>"}]}]
    lines: list[str] = []
    reply = ClaudeModel(key, address, model).turn(SYSTEM, TOOLS, messages, lines.append, lambda: False)
    assert "I will look around first." in lines or request != "greet"
    return reply


def test_a_streamed_reply_arrives_whole_and_is_known_as_scripted(address: str) -> None:
    reply = ask(address)
    assert [block["type"] for block in reply.content] == ["thinking", "text", "tool_use"]
    assert reply.content[0]["signature"]
    assert reply.content[2]["input"] == {"command": "ls"}
    assert reply.stop_reason == "tool_use"
    assert reply.scripted is True
    assert reply.request_id
    assert reply.model == "claude-opus-5-5"
    assert reply.usage.turns == 1
    assert reply.usage.output_tokens > 0


def test_a_stored_reply_may_be_sent_back_as_it_is_and_the_prefix_is_read_from_cache(address: str) -> None:
    model = ClaudeModel("scripted", address, effort="medium")
    first = {"role": "user", "content": [{"type": "text", "text": "<request>greet</request>" + "padding " * 800}]}
    reply = model.turn(SYSTEM, TOOLS, [first], lambda line: None, lambda: False)
    result = {"type": "tool_result", "tool_use_id": reply.content[-1]["id"], "content": "a.txt"}
    messages = [first, {"role": "assistant", "content": list(reply.content)}, {"role": "user", "content": [result]}]
    second = model.turn(SYSTEM, TOOLS, messages, lambda line: None, lambda: False)
    assert second.stop_reason == "end_turn"
    assert second.usage.cache_read_tokens >= reply.usage.cache_write_tokens > 1000
    assert second.usage.input_tokens + second.usage.cache_write_tokens < second.usage.cache_read_tokens / 10


@pytest.mark.parametrize(
    ("kind", "details", "seconds", "counts"),
    [
        ("rate_limit", {"retry_after": 1800}, 1800, False),
        ("overloaded", {}, 20, False),
        ("server_error", {}, 10, True),
        ("drop_before_reply", {}, 15, False),
        ("drop_stream", {}, 5, True),
        ("end_stream_early", {}, 5, True),
        ("error_event", {}, 20, False),
    ],
)
def test_a_passing_trouble_is_tried_again_later_and_never_here(
    kind: str, details: dict[str, Any], seconds: float, counts: bool, address: str, desk: ClaudeScript
) -> None:
    desk.fail_next(kind, **details)
    before = len(desk.calls())
    with pytest.raises(TryAgain) as caught:
        ask(address)
    assert (caught.value.after_seconds, caught.value.counts) == (seconds, counts)
    assert len(desk.calls()) - before <= 1
    assert ask(address).stop_reason == "tool_use"


@pytest.mark.parametrize(
    ("kind", "words"),
    [("spend_limit", "spend limit"), ("refusal", "declined"), ("context_window", "too long")],
)
def test_a_trouble_that_stays_is_told_in_words(kind: str, words: str, address: str, desk: ClaudeScript) -> None:
    desk.fail_next(kind)
    with pytest.raises(GiveUp, match=words) as caught:
        ask(address)
    assert caught.value.advice


def test_a_wrong_key_and_an_unknown_model_are_told_in_words(address: str) -> None:
    with pytest.raises(GiveUp, match="API key"):
        ask(address, key="wrong")
    with pytest.raises(GiveUp, match="does not have the model"):
        ask(address, model="claude-nonsense-1")


def test_a_malformed_conversation_is_refused_in_words(address: str) -> None:
    model = ClaudeModel("scripted", address)
    with pytest.raises(GiveUp, match="refused the request"):
        model.turn(SYSTEM, TOOLS, [{"role": "user", "content": []}], lambda line: None, lambda: False)


def test_nobody_listening_is_tried_again() -> None:
    with pytest.raises(TryAgain, match="could not be reached"):
        ask("http://127.0.0.1:9")


def test_a_stop_ends_a_silent_call_within_two_seconds(address: str, desk: ClaudeScript) -> None:
    desk.fail_next("slow", delay_ms=30_000)
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    began = time.monotonic()
    model = ClaudeModel("scripted", address)
    messages = [{"role": "user", "content": "<request>greet</request>"}]
    with pytest.raises(ClaimLost):
        model.turn(SYSTEM, TOOLS, messages, lambda line: None, stop.is_set)
    assert time.monotonic() - began < 2


def test_the_description_of_a_model_tells_whether_it_is_scripted(address: str) -> None:
    assert ClaudeModel("scripted", address).is_scripted() is True
    assert ClaudeModel("scripted", address, "claude-nonsense-1").is_scripted() is True
    with pytest.raises(GiveUp, match="API key"):
        ClaudeModel("wrong", address).is_scripted()


def test_the_environment_cannot_change_key_or_address(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "other")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "other")
    assert ask(address).stop_reason == "tool_use"
