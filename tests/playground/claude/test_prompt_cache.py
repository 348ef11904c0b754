"""Cache accounting, as a client sees it in `usage`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from playground.claude import ClaudeStandInConfig
from tests.playground.claude.conversation import StandIn, request, results, serving

LONG = "You are careful. " * 400
MARK: dict[str, Any] = {"type": "ephemeral"}


def read_and_written(message: Any) -> tuple[int, int, int]:
    used = message.usage
    return used.cache_read_input_tokens, used.cache_creation_input_tokens, used.input_tokens


def test_a_second_call_reads_what_the_first_wrote(stand_in: StandIn) -> None:
    first = read_and_written(stand_in.ask([request("three steps")], system=LONG, cache_control=MARK))
    second = read_and_written(stand_in.ask([request("three steps")], system=LONG, cache_control=MARK))
    assert first[0] == 0
    assert first[1] > 1_024
    assert first[2] == 0
    assert second == (first[1], 0, 0)


def test_from_the_second_turn_on_only_what_is_new_is_written(stand_in: StandIn) -> None:
    talk: list[Any] = [request("three steps")]
    total = 0
    for number in range(3):
        reply = stand_in.ask(talk, system=LONG, cache_control=MARK)
        read, written, fresh = read_and_written(reply)
        assert (read, fresh) == (total, 0)
        assert written < (200 if number else 10_000)
        total += written
        talk += [reply.to_param(), results(reply, "ok")]


def test_nothing_is_kept_without_a_marker(stand_in: StandIn) -> None:
    for _ in range(2):
        read, written, fresh = read_and_written(stand_in.ask([request("three steps")], system=LONG))
        assert (read, written) == (0, 0)
        assert fresh > 1_024


def test_a_short_prefix_is_silently_not_kept(stand_in: StandIn) -> None:
    for _ in range(2):
        reply = stand_in.ask([request("three steps")], cache_control=MARK)
        assert read_and_written(reply)[:2] == (0, 0)


@pytest.mark.parametrize(
    "change",
    [{"system": LONG + "."}, {"model": "claude-sonnet-5-5"}, {"thinking": {"type": "adaptive"}}, {"tools": []}],
    ids=["system", "model", "thinking", "tools"],
)
def test_a_changed_byte_loses_the_rest(stand_in: StandIn, change: dict[str, Any]) -> None:
    asked: dict[str, Any] = {"system": LONG, "cache_control": MARK}
    stand_in.ask([request("three steps")], **asked)
    assert read_and_written(stand_in.ask([request("three steps")], **{**asked, **change}))[0] == 0


def test_a_marked_system_prompt_serves_another_conversation(stand_in: StandIn) -> None:
    system = [{"type": "text", "text": LONG, "cache_control": {"type": "ephemeral", "ttl": "1h"}}]
    first = stand_in.ask([request("three steps")], system=system)
    assert first.usage.cache_creation
    assert first.usage.cache_creation.ephemeral_1h_input_tokens == first.usage.cache_creation_input_tokens
    second = read_and_written(stand_in.ask([request("something else")], system=system))
    assert second[0] == first.usage.cache_creation_input_tokens
    assert second[1] == 0
    assert second[2] > 0


def test_a_marker_looks_back_twenty_blocks_and_no_further(stand_in: StandIn) -> None:
    def after(count: int) -> int:
        blocks = [{"type": "text", "text": f"{count}: line {n}"} for n in range(count)]
        start = {"type": "text", "text": LONG}
        stand_in.ask([{"role": "user", "content": [start]}], cache_control=MARK)
        reply = stand_in.ask([{"role": "user", "content": [start, *blocks]}], cache_control=MARK)
        return read_and_written(reply)[0]

    assert after(19) > 1_024
    assert after(20) == 0


def test_an_entry_lives_five_minutes_from_its_last_use(config: ClaudeStandInConfig) -> None:
    now = [1_000_000.0]
    with serving(replace(config, clock=lambda: now[0])) as stand_in:

        def read() -> int:
            return read_and_written(stand_in.ask([request("three steps")], system=LONG, cache_control=MARK))[0]

        assert read() == 0
        now[0] += 299
        assert read() > 0
        now[0] += 299
        assert read() > 0
        now[0] += 301
        assert read() == 0


def test_the_cache_is_warm_after_a_restart(config: ClaudeStandInConfig) -> None:
    with serving(config) as before:
        before.ask([request("three steps")], system=LONG, cache_control=MARK)
    with serving(config) as after:
        assert read_and_written(after.ask([request("three steps")], system=LONG, cache_control=MARK))[0] > 0
