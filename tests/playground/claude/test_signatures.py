"""Thinking is bound to its conversation, so a client that edits history is found out here and not in production."""

from __future__ import annotations

import copy
from typing import Any

import anthropic
import pytest

from playground.claude import ClaudeStandInConfig
from tests.playground.claude.conversation import StandIn, request, results, serving


def two_turns(stand_in: StandIn) -> list[Any]:
    talk: list[Any] = [request("three steps")]
    for _ in range(2):
        reply = stand_in.ask(talk)
        talk += [reply.to_param(), results(reply, "ok")]
    return [{**message, "content": _plain(message["content"])} for message in talk]


def _plain(content: Any) -> Any:
    if isinstance(content, str):
        return content
    return [copy.deepcopy(b) if isinstance(b, dict) else b.model_dump(exclude_unset=True) for b in content]


def refusal(stand_in: StandIn, talk: list[Any], **changes: Any) -> str:
    with pytest.raises(anthropic.BadRequestError) as refused:
        stand_in.ask(talk, **changes)
    return str(refused.value)


def test_history_returned_unchanged_is_accepted(stand_in: StandIn) -> None:
    assert stand_in.ask(two_turns(stand_in)).stop_reason == "tool_use"


def test_an_earlier_message_may_not_be_edited(stand_in: StandIn) -> None:
    talk = two_turns(stand_in)
    talk[0]["content"] += " Really."
    assert "bound to the model and the messages before it" in refusal(stand_in, talk)


def test_a_tool_result_may_not_be_redacted_later(stand_in: StandIn) -> None:
    talk = two_turns(stand_in)
    talk[2]["content"][0]["content"] = "[redacted]"
    assert "messages.3" in refusal(stand_in, talk)


def test_an_earlier_turn_may_not_be_dropped(stand_in: StandIn) -> None:
    talk = two_turns(stand_in)
    assert "bound" in refusal(stand_in, [talk[0], *talk[3:]])


def test_thinking_may_not_be_rewritten(stand_in: StandIn) -> None:
    talk = two_turns(stand_in)
    talk[1]["content"][0]["thinking"] += " And more."
    assert "Invalid `signature`" in refusal(stand_in, talk)


def test_another_model_may_not_go_on(stand_in: StandIn) -> None:
    assert "bound" in refusal(stand_in, two_turns(stand_in), model="claude-sonnet-5-5")


def test_a_cache_marker_that_moved_changes_nothing(stand_in: StandIn) -> None:
    talk = two_turns(stand_in)
    talk[2]["content"][-1]["cache_control"] = {"type": "ephemeral"}
    talk[4]["content"][-1]["cache_control"] = {"type": "ephemeral"}
    assert stand_in.ask(talk).stop_reason == "tool_use"


def test_text_as_a_string_or_as_a_block_is_the_same_message(stand_in: StandIn) -> None:
    talk = two_turns(stand_in)
    talk[0]["content"] = [{"type": "text", "text": talk[0]["content"]}]
    assert stand_in.ask(talk).stop_reason == "tool_use"


def test_signatures_are_good_after_a_restart(config: ClaudeStandInConfig) -> None:
    with serving(config) as before:
        talk = two_turns(before)
    with serving(config) as after:
        assert after.ask(talk).stop_reason == "tool_use"
        assert [call.turn for call in after.control.calls()] == [1, 2, 3]
