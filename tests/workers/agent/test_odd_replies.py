"""Whatever the service sends becomes a reply, a wait or a reason; nothing of it is a bug of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from tests.workers.agent import odd
from tests.workers.agent.acting import MemoryTranscript, Workbench, a_job
from tests.workers.agent.odd import Canned, Odd, block, end, refusal, start, stream, tool, words
from workers import GiveUp, TryAgain
from workers.agent import Finished, Reply
from workers.agent.api_errors import Declined, Malformed, TooLong
from workers.agent.loop import work
from workers.agent.model import ClaudeModel

THOUGHT = block(
    0,
    {"type": "thinking", "thinking": "", "signature": ""},
    {"type": "thinking_delta", "thinking": "é\u2028 \x7f\u202e "},
    {"type": "thinking_delta", "thinking": "日本\n"},
    {"type": "signature_delta", "signature": "Sg+/=="},
)
FINISH = json.dumps({"title": "Add tax", "summary": "Totals include tax now."})


@pytest.fixture(scope="module")
def running() -> Iterator[Odd]:
    with odd.odd_service() as service:
        yield service


@pytest.fixture
def service(running: Odd) -> Odd:
    running.asked.clear()
    return running


def ask(service: Odd, *answers: Canned) -> Reply:
    service.answers = list(answers)
    messages = [{"role": "user", "content": [{"type": "text", "text": "hello"}]}]
    return ClaudeModel("key", service.address).turn("system", [], messages, lambda _: None, lambda: False)


OUT_OF_RANGE = {"type": "content_block_delta", "index": 5, "delta": {"type": "text_delta", "text": "x"}}
NO_USAGE = {"type": "message_start", "message": {k: v for k, v in start()["message"].items() if k != "usage"}}


@pytest.mark.parametrize(
    "answer",
    [
        stream(),
        stream({"type": "ping"}),
        stream(start()),
        stream(start(), *words(0, "hi"), broken=True),
        stream(start(), *words(0, "hi")),
        stream(start(), *words(0, "hi"), {"type": "message_stop"}),
        stream(*words(0, "x"), start()),
        stream(start(), OUT_OF_RANGE, *end("end_turn")),
        stream(start(), b"event: content_block_start\ndata: {nope\n\n"),
        stream(start(), *tool(0, "bash", '{"command": nope}'), *end("tool_use")),
        stream(NO_USAGE, *words(0, "x"), *end("end_turn")),
        stream(start(), b"event: error\ndata: hmm\n\n"),
        stream(start(), {"type": "error", "error": {"type": "strange_error", "message": "x"}}),
        stream(start(), {"type": "error", "error": {"type": "api_error", "message": "x"}}),
        Canned(b"<html>Sign in to the proxy</html>", headers={"content-type": "text/html"}),
        Canned(b'{"hello": 1}', headers={"content-type": "application/json"}),
        Canned(b"<html>Bad gateway</html>", 502, {"content-type": "text/html"}),
    ],
)
def test_a_reply_that_breaks_off_or_cannot_be_read_is_asked_for_again_a_few_times(answer: Canned, service: Odd) -> None:
    with pytest.raises(TryAgain) as caught:
        ask(service, answer)
    assert caught.value.counts
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (refusal(429, "rate_limit_error"), 30),
        (refusal(429, "rate_limit_error", retry_after="3600"), 3600),
        (refusal(429, "rate_limit_error", code="ramp_limit_exceeded"), 30),
        (refusal(529, "overloaded_error", retry_after="7"), 7),
        (stream(start(), *words(0, "x"), {"type": "error", "error": {"type": "overloaded_error", "message": "x"}}), 20),
        (stream(start(), {"type": "error", "error": {"type": "rate_limit_error", "message": "x"}}), 30),
    ],
)
def test_a_limit_says_when_to_come_back_and_counts_as_no_attempt(answer: Canned, seconds: float, service: Odd) -> None:
    with pytest.raises(TryAgain) as caught:
        ask(service, answer)
    assert (caught.value.after_seconds, caught.value.counts) == (seconds, False)
    assert len(service.asked) == 1


def test_a_moment_to_come_back_at_is_waited_for(service: Odd) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    with pytest.raises(TryAgain) as caught:
        ask(service, refusal(429, "rate_limit_error", retry_after=moment))
    assert 3000 < caught.value.after_seconds <= 3600


@pytest.mark.parametrize(
    ("answer", "kind", "told"),
    [
        (refusal(429, "rate_limit_error", code="contract_spend_limit_reached"), GiveUp, "spend limit"),
        (refusal(429, "rate_limit_error", code="enforced_spend_limit_reached"), GiveUp, "spend limit"),
        (refusal(402, "billing_error"), GiveUp, "spend limit"),
        (refusal(401, "authentication_error"), GiveUp, "API key"),
        (refusal(403, "permission_error"), GiveUp, "may not use this model"),
        (refusal(404, "not_found_error", "model: claude-x"), GiveUp, "does not have the model"),
        (refusal(413, "request_too_large"), TooLong, "too long"),
        (Canned(b"<html>413</html>", 413, {"content-type": "text/html"}), TooLong, "too long"),
        (refusal(400, "invalid_request_error", "prompt is too long: 2 tokens > 1 maximum"), TooLong, "too long"),
        (refusal(400, "invalid_request_error", "input length and `max_tokens` exceed context limit"), TooLong, "long"),
        (refusal(400, "invalid_request_error", "messages.3: no tool_result"), Malformed, "messages.3"),
        (stream(start(), *end("model_context_window_exceeded")), TooLong, "too long"),
        (stream(start(), *end("refusal")), Declined, "no reason"),
        (
            stream(start(), *words(0, "First"), *end("refusal", stop_details={"type": "refusal", "category": "cyber"})),
            Declined,
            "security-sensitive",
        ),
        (Canned(b"", 407, {}), GiveUp, "407"),
    ],
)
def test_what_does_not_pass_by_itself_is_told_in_words(
    answer: Canned, kind: type[GiveUp], told: str, service: Odd
) -> None:
    with pytest.raises(kind, match=told) as caught:
        ask(service, answer)
    assert caught.value.advice
    assert len(service.asked) == 1


@pytest.mark.parametrize("kind", ["refusal", "model_context_window_exceeded"])
def test_what_a_declined_reply_used_is_known(kind: str, service: Odd) -> None:
    with pytest.raises((Declined, TooLong)) as caught:
        ask(service, stream(start(), *words(0, "First"), *end(kind)))
    assert isinstance(caught.value, Declined | TooLong)
    assert (caught.value.usage.input_tokens, caught.value.usage.output_tokens) == (10, 7)


def test_blocks_events_and_endings_that_nobody_knows_yet_are_passed_through(service: Odd) -> None:
    hologram = {"type": "hologram", "beam": {"a": 1}}
    answer = stream(
        {"type": "weather", "sun": 1},
        start(),
        *block(0, hologram, {"type": "beam_delta", "more": 1}),
        {"type": "weather", "sun": 2},
        *words(1, "hi"),
        *end("nirvana"),
    )
    reply = ask(service, answer)
    assert reply.content == (hologram, {"type": "text", "text": "hi"})
    assert reply.stop_reason == "nirvana"


def test_thinking_goes_back_as_it_came_signature_order_and_all(bench: Workbench, service: Odd) -> None:
    bench.start(a_txt="one\n")
    hidden = {"type": "redacted_thinking", "data": "xyz=="}
    odd_call = '{"command": "touch x", "n": 1.50, "deep": {"b": [null, true], "a": "\\u00e9\\ud83d\\ude00"}}'
    service.answers = [
        stream(start(), *THOUGHT, *block(1, hidden), *words(2, "I see."), *tool(3, "bash", odd_call), *end("tool_use")),
        stream(start(), *tool(0, "finish", FINISH), *end("tool_use")),
    ]
    done = work(a_job(bench.checkpoint()), ClaudeModel("k", service.address), MemoryTranscript(), bench.access())
    assert isinstance(done, Finished)
    sent: list[dict[str, Any]] = service.asked[1]["messages"][1]["content"]
    assert sent == [
        {"type": "thinking", "thinking": "é\u2028 \x7f\u202e 日本\n", "signature": "Sg+/=="},
        hidden,
        {"type": "text", "text": "I see."},
        {"type": "tool_use", "id": "toolu_3", "name": "bash", "input": json.loads(odd_call)},
    ]


def test_the_same_request_is_the_same_bytes_after_a_restart(bench: Workbench, service: Odd) -> None:
    base, transcript = bench.start(a_txt="one\n"), MemoryTranscript()
    first = stream(start(), *THOUGHT, *tool(1, "bash", '{"command": "ls"}'), *end("tool_use"))
    last = stream(start(), *words(0, "Nothing to do."), *end("end_turn"))
    for answers in ([first, refusal(529, "overloaded_error")], [last]):
        service.answers = answers
        try:
            work(a_job(base), ClaudeModel("k", service.address), transcript, bench.access())
        except TryAgain:
            continue
    assert len(service.asked) == 3
    assert json.dumps(service.asked[1]) == json.dumps(service.asked[2])


def test_a_marker_of_the_cache_is_never_put_on_a_reply(bench: Workbench, service: Odd) -> None:
    bench.start(a_txt="one\n")
    service.answers = [
        stream(start(), *THOUGHT, *end("pause_turn")),
        stream(start(), *words(0, "On."), *tool(1, "bash", '{"command": "touch x"}'), *end("tool_use")),
        stream(start(), *tool(0, "finish", FINISH), *end("tool_use")),
    ]
    work(a_job(bench.checkpoint()), ClaudeModel("k", service.address), MemoryTranscript(), bench.access())
    paused, resumed = service.asked[1]["messages"], service.asked[2]["messages"]
    assert [message["role"] for message in paused] == ["user", "assistant"]
    assert [message["role"] for message in resumed] == ["user", "assistant", "assistant", "user"]
    assert "cache_control" not in json.dumps(resumed[1:3])
    assert "cache_control" in json.dumps(resumed[0])


@pytest.mark.parametrize(
    "first", [tool(0, "bash", '["touch x"]'), tool(0, "bash", '{"command": "ls"}', call_id="toolu_1")]
)
def test_a_reply_that_cannot_be_sent_back_does_no_harm(first: list[odd.Event], bench: Workbench, service: Odd) -> None:
    """No object as an input, an id that is there twice: the service refuses it, and the conversation begins anew."""
    bench.start(a_txt="one\n")
    service.answers = [
        stream(start(), *first, *tool(1, "bash", '{"command": "touch y"}'), *end("tool_use")),
        refusal(400, "invalid_request_error", "messages.1.content.0: no"),
        stream(start(), *tool(0, "finish", FINISH), *end("tool_use")),
    ]
    transcript = MemoryTranscript()
    done = work(a_job(bench.checkpoint()), ClaudeModel("k", service.address), transcript, bench.access())
    assert isinstance(done, Finished)
    assert sorted(bench.trees[done.tree]) == ["a.txt", "y"]
    assert [row.stop_reason for row in transcript.rows() if row.begins] == ["segment:broken"]
    assert [message["role"] for message in service.asked[2]["messages"]] == ["user"]
