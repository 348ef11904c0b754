"""Misbehaviour on demand, as the client library reports it; and the log of calls that tests count on."""

from __future__ import annotations

import threading
import time
from typing import Any

import anthropic
import httpx2
import pytest

from playground.claude import ClaudeStandInConfig
from playground.claude.client import ControlRefused
from tests.playground.claude.conversation import TOOLS, StandIn, called, request, results, serving, words

STREAM: dict[str, Any] = {"model": "claude-opus-5-5", "max_tokens": 8_000, "tools": TOOLS}


def streamed(stand_in: StandIn) -> anthropic.types.Message:
    with stand_in.claude.messages.stream(messages=[request("three steps")], **STREAM) as stream:
        return stream.get_final_message()


def outcomes(stand_in: StandIn) -> list[str]:
    """How the calls ended, once none is still going out."""
    deadline = time.monotonic() + 60
    while True:
        found = [call.outcome for call in stand_in.control.calls()]
        if "started" not in found or time.monotonic() > deadline:
            return found


def test_a_rate_limit_says_when_to_come_back(stand_in: StandIn) -> None:
    stand_in.control.fail_next("rate_limit", retry_after=7)
    with pytest.raises(anthropic.RateLimitError) as limited:
        streamed(stand_in)
    assert limited.value.response.headers["retry-after"] == "7"
    assert streamed(stand_in).stop_reason == "tool_use"
    assert outcomes(stand_in) == ["rate_limit", "answered"]


def test_a_spend_limit_is_told_apart_by_its_code(stand_in: StandIn) -> None:
    stand_in.control.fail_next("spend_limit")
    with pytest.raises(anthropic.RateLimitError) as limited:
        streamed(stand_in)
    assert limited.value.error_code == "contract_spend_limit_reached"


@pytest.mark.parametrize(("kind", "status"), [("overloaded", 529), ("server_error", 500)])
def test_a_failing_service_answers_with_its_status(stand_in: StandIn, kind: str, status: int) -> None:
    stand_in.control.fail_next(kind, times=2)
    for _ in range(2):
        with pytest.raises(anthropic.APIStatusError) as failed:
            streamed(stand_in)
        assert failed.value.status_code == status
    assert streamed(stand_in).stop_reason == "tool_use"


@pytest.mark.parametrize("kind", ["drop_stream", "drop_before_reply"])
def test_a_dropped_stream_breaks_the_connection(stand_in: StandIn, kind: str) -> None:
    stand_in.control.fail_next(kind)
    with pytest.raises(httpx2.RemoteProtocolError):
        streamed(stand_in)
    assert outcomes(stand_in) == [kind]


def test_a_dropped_reply_breaks_the_connection_without_streaming_too(stand_in: StandIn) -> None:
    stand_in.control.fail_next("drop_before_reply")
    with pytest.raises((anthropic.APIConnectionError, httpx2.TransportError)):
        stand_in.ask([request("three steps")])
    assert outcomes(stand_in) == ["drop_before_reply"]


def test_a_stream_that_ends_early_has_no_stop_reason(stand_in: StandIn) -> None:
    stand_in.control.fail_next("end_stream_early", after_events=4)
    assert streamed(stand_in).stop_reason is None


def test_an_error_in_mid_stream_has_status_200(stand_in: StandIn) -> None:
    stand_in.control.fail_next("error_event")
    with pytest.raises(anthropic.APIStatusError) as failed:
        streamed(stand_in)
    assert (failed.value.status_code, failed.value.type) == (200, "overloaded_error")


def test_a_refusal_names_its_category(stand_in: StandIn) -> None:
    stand_in.control.fail_next("refusal", category="cyber")
    refused = streamed(stand_in)
    assert (refused.stop_reason, refused.content) == ("refusal", [])
    assert refused.stop_details
    assert refused.stop_details.category == "cyber"


@pytest.mark.parametrize(
    ("kind", "stop"), [("max_tokens", "max_tokens"), ("context_window", "model_context_window_exceeded")]
)
def test_a_reply_that_was_cut_lost_its_calls(stand_in: StandIn, kind: str, stop: str) -> None:
    stand_in.control.fail_next(kind)
    cut = streamed(stand_in)
    assert cut.stop_reason == stop
    assert [block.type for block in cut.content] == ["thinking", "text"]


def test_a_paused_turn_is_sent_back_as_it_is_and_goes_on(stand_in: StandIn) -> None:
    stand_in.control.fail_next("pause_turn")
    talk: list[Any] = [request("three steps")]
    paused = stand_in.ask(talk)
    assert paused.stop_reason == "pause_turn"
    talk.append(paused.to_param())
    rest = stand_in.ask(talk)
    assert called(rest, -1).input == {"command": "echo one"}
    talk += [rest.to_param(), results(rest, "ok")]
    assert words(stand_in.ask(talk), 1) == "Half way."


def test_a_fault_may_wait_for_a_turn_and_a_request(stand_in: StandIn) -> None:
    stand_in.control.fail_next("server_error", turn=2, request="three steps")
    assert stand_in.ask([request("paint it blue")]).stop_reason == "end_turn"
    talk: list[Any] = [request("three steps")]
    first = stand_in.ask(talk)
    with pytest.raises(anthropic.InternalServerError):
        stand_in.ask([*talk, first.to_param(), results(first, "ok")])
    assert outcomes(stand_in) == ["answered", "answered", "server_error"]


def test_faults_to_come_survive_a_restart_and_can_be_called_off(config: ClaudeStandInConfig) -> None:
    with serving(config) as before:
        before.control.fail_next("overloaded", times=3)
    with serving(config) as after:
        (fault,) = after.control.faults()
        assert (fault["kind"], fault["times"]) == ("overloaded", 3)
        after.control.clear_faults()
        assert streamed(after).stop_reason == "tool_use"


def test_an_unknown_fault_is_refused(stand_in: StandIn) -> None:
    for order in ({"kind": "earthquake"}, {"kind": "slow", "seconds": 3}, {"kind": "slow", "request": "("}):
        with pytest.raises(ControlRefused):
            stand_in.control.fail_next(**order)


def test_a_repeated_turn_is_found_in_the_log(stand_in: StandIn) -> None:
    stand_in.control.fail_next("drop_stream")
    with pytest.raises(httpx2.RemoteProtocolError):
        streamed(stand_in)
    streamed(stand_in)
    assert outcomes(stand_in) == ["drop_stream", "answered"]
    assert stand_in.control.answered_more_than_once() == {}
    streamed(stand_in)
    (again,) = stand_in.control.answered_more_than_once().values()
    assert again == 2
    assert len({call.request_hash for call in stand_in.control.calls()}) == 1
    assert [call.turn for call in stand_in.control.calls()] == [1, 1, 1]


def test_a_reader_who_leaves_is_logged_as_cut(stand_in: StandIn) -> None:
    stand_in.control.set_turn_delay(30_000)
    with stand_in.claude.messages.stream(messages=[request("three steps")], **STREAM) as stream:
        next(iter(stream))
    assert outcomes(stand_in) == ["cut"]


def test_a_slow_reply_takes_its_time_and_others_go_on(stand_in: StandIn) -> None:
    stand_in.control.fail_next("slow", delay_ms=1_500)
    slow: list[float] = []

    def wait() -> None:
        start = time.monotonic()
        streamed(stand_in)
        slow.append(time.monotonic() - start)

    thread = threading.Thread(target=wait)
    thread.start()
    deadline = time.monotonic() + 60
    while not stand_in.control.calls() and time.monotonic() < deadline:
        pass
    assert streamed(stand_in).stop_reason == "tool_use"
    assert slow == []
    thread.join(60)
    assert slow[0] >= 1.4


def test_usage_is_summed_over_answered_calls(stand_in: StandIn) -> None:
    stand_in.control.fail_next("drop_stream")
    with pytest.raises(httpx2.RemoteProtocolError):
        streamed(stand_in)
    used = streamed(stand_in).usage
    outcomes(stand_in)
    assert stand_in.control.usage() == {
        "calls": 1,
        "input_tokens": used.input_tokens,
        "cache_read_input_tokens": 0,
        "cache_creation_input_tokens": 0,
        "output_tokens": used.output_tokens,
    }
    stand_in.control.clear_calls()
    assert stand_in.control.calls() == []
