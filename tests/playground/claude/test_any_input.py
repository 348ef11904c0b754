"""Whatever is sent is accepted or refused in words; nothing breaks the stand-in."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from playground.claude import ClaudeStandInConfig
from playground.claude.app import create_app
from playground.claude.errors import ApiError
from playground.claude.player import play
from playground.claude.validate_request import check_request
from tests.playground.claude.conversation import KEY, TOOLS

GOOD: dict[str, Any] = {
    "model": "claude-opus-5-5",
    "max_tokens": 1_000,
    "system": [{"type": "text", "text": "Be careful.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
    "tools": TOOLS,
    "tool_choice": {"type": "auto", "disable_parallel_tool_use": True},
    "thinking": {"type": "adaptive", "display": "summarized"},
    "stop_sequences": ["END"],
    "stream": True,
    "cache_control": {"type": "ephemeral"},
    "output_config": {
        "effort": "high",
        "format": {
            "type": "json_schema",
            "schema": {"type": "object", "properties": {"a": {"enum": [1, 2]}}, "additionalProperties": False},
        },
    },
    "messages": [
        {"role": "user", "content": "<request>three steps</request>"},
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "Look."},
                {"type": "tool_use", "id": "toolu_1", "name": "bash", "input": {"command": "ls"}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "x"}]},
                {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}},
            ],
        },
        {"role": "system", "content": "Be brief."},
    ],
}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, part in value.items():
            found += places(part, (*path, key))
    if isinstance(value, list):
        for index, part in enumerate(value):
            found += places(part, (*path, index))
    return found


PLACES = places(GOOD)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "text", "a"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def test_the_request_that_is_changed_here_is_good() -> None:
    assert check_request(GOOD).turn == 2


def ending(body: Any) -> str | int:
    try:
        accepted = check_request(body)
    except ApiError as refused:
        return refused.status
    play(accepted, [])
    return "played"


@settings(max_examples=300, deadline=None)
@given(place=st.sampled_from(PLACES), value=JSON)
def test_a_request_with_anything_anywhere_is_accepted_or_refused(place: tuple[Any, ...], value: Any) -> None:
    body = copy.deepcopy(GOOD)
    inside: Any = body
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = value
    assert ending(body) in ("played", 400, 404)


@pytest.mark.parametrize("depth", [300, 5_000])
def test_nesting_without_end_is_refused(tmp_path: Path, depth: int) -> None:
    nested = '{"a":' * depth + "1" + "}" * depth
    use = f'{{"type":"tool_use","id":"t","name":"bash","input":{nested}}}'
    result = '{"type":"tool_result","tool_use_id":"t"}'
    body = (
        '{"model":"claude-opus-5-5","max_tokens":9,"tools":[{"type":"bash_20250124","name":"bash"}],"messages":['
        f'{{"role":"user","content":"x"}},{{"role":"assistant","content":[{use}]}},'
        f'{{"role":"user","content":[{result}]}}]}}'
    )
    headers = {"authorization": f"Bearer {KEY}", "anthropic-version": "2026-10-21", "content-type": "application/json"}
    with TestClient(create_app(ClaudeStandInConfig(tmp_path / "claude.sqlite", KEY))) as client:
        answer = client.post("/v1/messages", content=body, headers=headers)
    assert answer.status_code in ((200, 400) if depth == 300 else (400,))
    assert answer.json()["type"] in ("message", "error")
