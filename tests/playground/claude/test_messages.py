"""A conversation with the unmodified client library, whole and streamed."""

from __future__ import annotations

import json
from typing import Any

import anthropic
import pytest

from tests.playground.claude.conversation import KEY, TOOLS, StandIn, called, request, results, words

STREAM: dict[str, Any] = {
    "model": "claude-opus-5-5",
    "max_tokens": 8_000,
    "tools": TOOLS,
    "thinking": {"type": "adaptive", "display": "summarized"},
}


def test_a_script_is_played_turn_by_turn(stand_in: StandIn) -> None:
    talk: list[Any] = [request("Take three steps, please")]
    shapes = []
    for _ in range(3):
        reply = stand_in.ask(talk)
        shapes.append([block.type for block in reply.content])
        talk += [reply.to_param(), results(reply, "ok")]
    assert shapes == [["thinking", "tool_use"], ["thinking", "text", "tool_use", "tool_use"], ["tool_use"]]
    assert reply.stop_reason == "tool_use"
    assert called(reply, 0).input == {"title": "Three steps", "summary": "All three steps were taken."}


def test_a_reply_says_that_it_is_scripted_and_names_the_model_asked_for(stand_in: StandIn) -> None:
    raw = stand_in.claude.messages.with_raw_response.create(
        model="claude-haiku-5-5", max_tokens=100, messages=[request("hello")]
    )
    message = raw.parse()
    assert raw.headers["x-shipmate-scripted"] == "true"
    assert message.id.startswith("msg_scripted_")
    assert message.model == "claude-haiku-5-5"


def test_a_stream_adds_up_to_the_whole_message(stand_in: StandIn) -> None:
    talk: list[Any] = [request("three steps")]
    first = stand_in.ask(talk)
    talk += [first.to_param(), results(first, "one")]
    whole = stand_in.ask(talk)
    with stand_in.claude.messages.stream(messages=talk, **STREAM) as stream:
        kinds = [event.type for event in stream]
        streamed = stream.get_final_message()
    assert [(block.type, getattr(block, "input", None)) for block in streamed.content] == [
        (block.type, getattr(block, "input", None)) for block in whole.content
    ]
    assert words(streamed, 0) == "The second step, with two tools at once."
    assert words(streamed, 1) == "Half way."
    assert (streamed.stop_reason, streamed.usage.output_tokens) == (whole.stop_reason, whole.usage.output_tokens)
    assert kinds[0] == "message_start"
    assert kinds[-1] == "message_stop"


def test_the_events_come_in_the_services_order(stand_in: StandIn) -> None:
    answer = stand_in.post({**STREAM, "messages": [request("three steps")], "stream": True})
    assert answer.headers["content-type"].startswith("text/event-stream")
    lines = [line for line in answer.text.split("\n") if line]
    events = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
    data = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    assert events == [item["type"] for item in data]
    kinds = [item.get("delta", {}).get("type", item["type"]) for item in data]
    assert kinds[:3] == ["message_start", "ping", "content_block_start"]
    assert kinds.index("thinking_delta") < kinds.index("signature_delta") < kinds.index("input_json_delta")
    assert events[-2:] == ["message_delta", "message_stop"]
    assert data[0]["message"]["content"] == []
    assert data[0]["message"]["stop_reason"] is None


def test_the_asynchronous_client_streams_too(stand_in: StandIn) -> None:
    async def ask() -> anthropic.types.Message:
        async with (
            anthropic.AsyncAnthropic(api_key=KEY, base_url=stand_in.url, max_retries=0) as claude,
            claude.messages.stream(messages=[request("three steps")], **STREAM) as stream,
        ):
            return await stream.get_final_message()

    import asyncio

    assert asyncio.run(ask()).stop_reason == "tool_use"


def test_the_beta_methods_reach_the_same_script(stand_in: StandIn) -> None:
    reply = stand_in.claude.beta.messages.create(messages=[request("three steps")], **STREAM)
    assert [block.type for block in reply.content] == ["thinking", "tool_use"]


def test_thinking_is_empty_unless_a_summary_is_asked_for(stand_in: StandIn) -> None:
    reply = stand_in.ask([request("three steps")], thinking={"type": "adaptive"})
    assert words(reply, 0) == ""
    assert getattr(reply.content[0], "signature", "")
    assert reply.usage.output_tokens_details
    assert reply.usage.output_tokens_details.thinking_tokens > 0


def test_a_model_told_not_to_think_does_not(stand_in: StandIn) -> None:
    reply = stand_in.ask([request("three steps")], model="claude-haiku-5-5", thinking={"type": "disabled"})
    assert [block.type for block in reply.content] == ["tool_use"]


def test_a_reply_longer_than_the_limit_is_cut_and_the_turn_comes_again(stand_in: StandIn) -> None:
    talk: list[Any] = [request("three steps")]
    cut = stand_in.ask(talk, max_tokens=10)
    assert cut.stop_reason == "max_tokens"
    assert [block.type for block in cut.content] == ["thinking"]
    again = stand_in.ask([*talk, cut.to_param(), {"role": "user", "content": "Go on in smaller steps."}])
    assert called(again, -1).input == {"command": "echo one"}


def test_no_tokens_at_all_warm_the_cache_and_say_nothing(stand_in: StandIn) -> None:
    reply = stand_in.ask([request("three steps")], max_tokens=0)
    assert (reply.content, reply.stop_reason, reply.usage.output_tokens) == ([], "max_tokens", 0)


def test_a_stop_sequence_ends_the_text(stand_in: StandIn) -> None:
    reply = stand_in.ask([request("sing a song")], stop_sequences=["only play"])
    assert (reply.stop_reason, reply.stop_sequence) == ("stop_sequence", "only play")
    assert words(reply, 0).endswith("It can ")


def test_one_call_at_a_time_is_respected(stand_in: StandIn) -> None:
    talk: list[Any] = [request("three steps")]
    commands = []
    for _ in range(4):
        reply = stand_in.ask(talk, tool_choice={"type": "auto", "disable_parallel_tool_use": True})
        commands += [block.name for block in reply.content if block.type == "tool_use"]
        talk += [reply.to_param(), results(reply, "ok")]
    assert commands == ["bash", "bash", "str_replace_based_edit_tool", "finish"]


def test_tokens_are_counted_without_a_call(stand_in: StandIn) -> None:
    counted = stand_in.claude.messages.count_tokens(model="claude-opus-5-5", messages=[request("x" * 4_000)])
    assert 1_000 < counted.input_tokens < 1_100
    assert stand_in.control.calls() == []


def test_models_are_listed_and_described(stand_in: StandIn) -> None:
    ids = [model.id for model in stand_in.claude.models.list()]
    assert {"claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"} <= set(ids)
    raw = stand_in.claude.models.with_raw_response.retrieve("claude-opus-5-5")
    model = raw.parse()
    assert raw.headers["x-shipmate-scripted"] == "true"
    assert (model.lifecycle, model.max_input_tokens, model.max_tokens) == ("active", 1_000_000, 128_000)
    assert model.capabilities
    assert not model.capabilities.thinking.types.disabled.supported
    assert "scripted" in model.display_name


def test_an_unknown_model_is_not_described(stand_in: StandIn) -> None:
    with pytest.raises(anthropic.NotFoundError):
        stand_in.claude.models.retrieve("claude-nobody")
