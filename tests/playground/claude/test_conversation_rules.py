"""The stand-in refuses what the service refuses: each case is one mistake in an otherwise good request."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from playground.claude import ClaudeStandInConfig
from tests.playground.claude.conversation import KEY, TOOLS, StandIn, serving

Body = dict[str, Any]

USE = {"type": "tool_use", "id": "toolu_1", "name": "bash", "input": {"command": "true"}}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "done"}
STRICT = {
    "type": "object",
    "properties": {"ok": {"type": "boolean"}},
    "required": ["ok"],
    "additionalProperties": False,
}


def user(*blocks: Any) -> Body:
    return {"role": "user", "content": list(blocks)}


def assistant(*blocks: Any) -> Body:
    return {"role": "assistant", "content": list(blocks)}


def text(words: str = "hello", **more: Any) -> Body:
    return {"type": "text", "text": words, **more}


def marked(count: int) -> list[Body]:
    return [text(cache_control={"type": "ephemeral"}) for _ in range(count)]


def good(**changes: Any) -> Body:
    body = {"model": "claude-opus-5-5", "max_tokens": 1_000, "tools": TOOLS, "messages": [user(text())], **changes}
    return {name: value for name, value in body.items() if value is not ...}


def talk(*messages: Body, **changes: Any) -> Body:
    return good(messages=list(messages), **changes)


def tool(**changes: Any) -> list[Body]:
    made = {"name": "look", "input_schema": {"type": "object"}, **changes}
    return [{name: value for name, value in made.items() if value is not ...}]


def output(schema: Any) -> Body:
    return good(output_config={"format": {"type": "json_schema", "schema": schema}})


BAD: dict[str, tuple[Body, str]] = {
    "no messages": (talk(), "at least one message"),
    "assistant first": (talk(assistant(text()), user(text())), "first message must use"),
    "prefill": (talk(user(text()), assistant(text())), "prefill"),
    "unknown role": (talk({"role": "tool", "content": "x"}), "messages.0.role"),
    "no content": (talk({"role": "user"}), "Field required"),
    "empty content": (talk({"role": "user", "content": ""}), "non-empty content"),
    "empty list": (talk(user()), "non-empty content"),
    "empty text": (talk(user(text(""))), "must be non-empty"),
    "blank text": (talk(user(text(" \n"))), "non-whitespace"),
    "unknown field of a message": (talk({"role": "user", "content": "x", "name": "ana"}), "Extra inputs"),
    "unknown field of a block": (talk(user(text(id="1"))), "Extra inputs"),
    "unknown block": (talk(user({"type": "video"})), "does not match any"),
    "tool use by the user": (talk(user(USE)), "does not match any"),
    "unanswered tool use": (talk(user(text()), assistant(USE), user(text())), "without `tool_result` blocks"),
    "answer to nothing": (talk(user(RESULT)), "unexpected `tool_use_id`"),
    "answer twice": (talk(user(text()), assistant(USE), user(RESULT, RESULT)), "single result"),
    "answer after text": (talk(user(text()), assistant(USE), user(text(), RESULT)), "must come first"),
    "answer too late": (
        talk(user(text()), assistant(USE), user(RESULT), assistant(text()), user(RESULT)),
        "unexpected `tool_use_id`",
    ),
    "id used twice": (talk(user(text()), assistant(USE, USE), user(RESULT)), "must be unique"),
    "odd id": (talk(user(text()), assistant({**USE, "id": "a b"}), user(RESULT)), "pattern"),
    "input not an object": (talk(user(text()), assistant({**USE, "input": "ls"}), user(RESULT)), "valid dictionary"),
    "tool use without tools": (talk(user(text()), assistant(USE), user(RESULT), tools=...), "must define tools"),
    "error with a picture": (
        talk(
            user(text()),
            assistant(USE),
            user(
                {
                    **RESULT,
                    "is_error": True,
                    "content": [{"type": "image", "source": {"type": "url", "url": "https://a/b"}}],
                }
            ),
        ),
        "if `is_error` is true",
    ),
    "invented thinking": (
        talk(user(text()), assistant({"type": "thinking", "thinking": "", "signature": "AAAA"}, text()), user(text())),
        "Invalid `signature`",
    ),
    "system first": (talk({"role": "system", "content": "x"}, user(text())), "first message must use"),
    "system between call and result": (
        talk(user(text()), assistant(USE), {"role": "system", "content": "x"}, user(RESULT)),
        "right after a user turn",
    ),
    "picture that is none": (
        talk(user({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}})),
        "does not look like it",
    ),
    "no max_tokens": (good(max_tokens=...), "max_tokens: Field required"),
    "too many max_tokens": (good(max_tokens=128_001), "maximum allowed"),
    "negative max_tokens": (good(max_tokens=-1), "greater than or equal to 0"),
    "temperature": (good(temperature=0), "temperature"),
    "top_p": (good(top_p=0.5), "top_p"),
    "top_k": (good(top_k=5), "top_k"),
    "unknown field": (good(prompt="x"), "prompt: Extra inputs"),
    "thinking disabled": (good(thinking={"type": "disabled"}), "not supported by claude-opus-5-5"),
    "thinking enabled": (good(thinking={"type": "enabled", "budget_tokens": 1024}), "not supported"),
    "thinking display": (good(thinking={"type": "adaptive", "display": "full"}), "thinking.display"),
    "forced tools": (good(tool_choice={"type": "any"}), "'any' is not supported"),
    "forced tool": (good(tool_choice={"type": "tool", "name": "bash"}), "'tool' is not supported"),
    "tool choice without tools": (good(tools=..., tool_choice={"type": "auto"}), "while providing tools"),
    "effort": (good(output_config={"effort": "extreme"}), "effort"),
    "five markers": (talk(user(*marked(5))), "maximum of 4 blocks"),
    "four markers and the automatic one": (talk(user(*marked(4)), cache_control={"type": "ephemeral"}), "Found 5"),
    "odd ttl": (talk(user(text(cache_control={"type": "ephemeral", "ttl": "1d"}))), "'5m' or '1h'"),
    "an hour after five minutes": (
        talk(user(*marked(1), text(cache_control={"type": "ephemeral", "ttl": "1h"}))),
        "must not come after",
    ),
    "stop sequence of nothing": (good(stop_sequences=[" "]), "non-whitespace"),
    "stream as a word": (good(stream="yes"), "valid boolean"),
    "two tools of one name": (good(tools=tool() * 2), "must be unique"),
    "tool with an odd name": (good(tools=tool(name="a b")), "pattern"),
    "tool without schema": (good(tools=tool(input_schema=...)), "input_schema: Field required"),
    "tool schema not an object": (good(tools=tool(input_schema={"type": "string"})), "should be 'object'"),
    "tool with an unknown field": (good(tools=tool(parameters={})), "Extra inputs"),
    "strict tool with an open object": (good(tools=tool(strict=True)), "additionalProperties"),
    "unknown built-in tool": (good(tools=[{"type": "bash_20990101", "name": "bash"}]), "does not match any"),
    "built-in tool under another name": (good(tools=[{"type": "bash_20250124", "name": "sh"}]), "should be 'bash'"),
    "output schema with an open object": (output({"type": "object", "properties": {}}), "additionalProperties"),
    "output schema with a range": (
        output({**STRICT, "properties": {"ok": {"type": "integer", "minimum": 1}}}),
        "'minimum' is not supported",
    ),
    "server feature": (good(mcp_servers=[]), "does not play this feature"),
}


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """One for all cases here: a request that is refused leaves nothing behind."""
    with serving(ClaudeStandInConfig(tmp_path_factory.mktemp("claude") / "claude.sqlite", KEY)) as running:
        yield running


@pytest.mark.parametrize("case", BAD)
def test_a_malformed_request_is_refused(stand_in: StandIn, case: str) -> None:
    body, said = BAD[case]
    calls = stand_in.control.calls()
    answer = stand_in.post(body)
    refusal = answer.json()
    assert answer.status_code == 400, refusal
    assert refusal["error"]["type"] == "invalid_request_error"
    assert said in refusal["error"]["message"]
    assert refusal["request_id"] == answer.headers["request-id"]
    assert stand_in.control.calls() == calls


PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n0000").decode()

GOOD: dict[str, Body] = {
    "plain": good(),
    "text as a string": talk({"role": "user", "content": "hello"}),
    "two user turns": talk(user(text()), user(text())),
    "a tool call and its result": talk(user(text()), assistant(text("I look."), USE), user(RESULT, text("note"))),
    "a result split over two messages": talk(
        user(text()), assistant(USE, {**USE, "id": "toolu_2"}), user(RESULT), user({**RESULT, "tool_use_id": "toolu_2"})
    ),
    "a system line at the end": talk(user(text()), {"role": "system", "content": "Be brief."}),
    "a system line in the middle": talk(
        user(text()), {"role": "system", "content": "Be brief."}, assistant(text()), user(text())
    ),
    "an empty result": talk(user(text()), assistant(USE), user({"type": "tool_result", "tool_use_id": "toolu_1"})),
    "a picture": talk(
        user({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}, text())
    ),
    "system blocks, an hour before five minutes": talk(
        user(text(cache_control={"type": "ephemeral"})),
        system=[text(cache_control={"type": "ephemeral", "ttl": "1h"})],
    ),
    "effort": good(output_config={"effort": "max"}),
    "strict tool": good(tools=tool(strict=True, input_schema=STRICT)),
    "haiku may be told not to think": good(model="claude-haiku-5-5", thinking={"type": "disabled"}),
    "sonnet may think between tools": good(model="claude-sonnet-5-5", thinking={"type": "between_tools"}),
    "no tools allowed": good(tool_choice={"type": "none"}),
    "metadata": good(metadata={"user_id": "ana"}, service_tier="auto"),
}


@pytest.mark.parametrize("case", GOOD)
def test_a_well_formed_request_is_answered(stand_in: StandIn, case: str) -> None:
    answer = stand_in.post(GOOD[case])
    assert answer.status_code == 200, answer.text
    assert answer.json()["type"] == "message"


def test_a_wrong_key_is_refused(stand_in: StandIn) -> None:
    for headers in ({"authorization": "Bearer wrong"}, {"authorization": ""}, {"authorization": "", "x-api-key": "no"}):
        answer = stand_in.post(good(), **headers)
        assert answer.status_code == 401
        assert answer.json()["error"]["type"] == "authentication_error"


def test_the_version_header_is_required(stand_in: StandIn) -> None:
    assert stand_in.post(good(), **{"anthropic-version": "2020-01-01"}).status_code == 400


def test_an_unknown_model_is_not_found(stand_in: StandIn) -> None:
    answer = stand_in.post(good(model="claude-nobody"))
    assert (answer.status_code, answer.json()["error"]["type"]) == (404, "not_found_error")


@pytest.mark.parametrize("body", [None, [], "text", 5])
def test_a_body_that_is_no_object_is_refused(stand_in: StandIn, body: Any) -> None:
    assert stand_in.post(body).status_code == 400


def test_an_unknown_address_answers_in_the_same_shape(stand_in: StandIn) -> None:
    answer = stand_in.post(good(), path="/v1/complete")
    assert answer.status_code == 404
    assert answer.json()["type"] == "error"


def test_a_mistake_in_counting_is_refused_too(stand_in: StandIn) -> None:
    bodies: list[Callable[[], Body]] = [good, lambda: talk(user(RESULT), max_tokens=...)]
    for body in bodies:
        assert stand_in.post(body(), path="/v1/messages/count_tokens").status_code == 400
