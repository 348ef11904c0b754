"""A scripted review: fine for whatever is numbered, a veto where a script has one, and never taken for a model's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from playground.claude import ClaudeStandInConfig
from playground.claude.script import ScriptError, read_script
from tests.playground.claude.conversation import StandIn
from workers.judge.answer import SCHEMA

WIDER = """
title = "say goodbye"
match = '(?i)goodbye'
[[review]]
when = 'WIDTH'
unasked = 'WIDTH = 40'
sentence = "It got wider, too."
[[review]]
when = 'farewell'
missing = ["The word itself."]
sentence = "It says something else."
"""


@pytest.fixture
def scripted(config: ClaudeStandInConfig) -> None:
    assert config.extra_scripts_dir
    (config.extra_scripts_dir / "goodbye.toml").write_text(WIDER, encoding="utf-8")


def reviewed(stand_in: StandIn, request: str, *hunks: str) -> dict[str, Any]:
    parts = "\n\n".join(f"[hunk {n}] a.js (+1 -1)\n{text}" for n, text in enumerate(hunks, 1))
    said = f"<request>\n{request}\n</request>\n<diff>\n{parts}\n</diff>"
    reply = stand_in.claude.messages.create(
        model="claude-opus-5-5",
        max_tokens=4_000,
        messages=[{"role": "user", "content": said}],
        output_config={"format": {"type": "json_schema", "schema": SCHEMA}},
    )
    answer: dict[str, Any] = json.loads("".join(block.text for block in reply.content if block.type == "text"))
    return answer


def asked(answer: dict[str, Any]) -> list[tuple[int, str]]:
    return [(hunk["n"], hunk["asked"]) for hunk in answer["hunks"]]


def test_every_numbered_hunk_is_fine_and_no_model_is_claimed(stand_in: StandIn) -> None:
    answer = reviewed(stand_in, "anything", "@@\n+[hunk 7] not ours", "@@\n+b")
    assert (answer["verdict"], asked(answer), answer["missing"]) == ("fine", [(1, "asked"), (2, "asked")], [])
    assert answer["sentence"] == "Scripted stand-in: no model judged this."


@pytest.mark.usefixtures("scripted")
def test_a_script_vetoes_the_hunk_it_looks_for_until_it_is_gone(stand_in: StandIn) -> None:
    answer = reviewed(stand_in, "Say goodbye", "+goodbye", "-WIDTH = 32\n+WIDTH = 40")
    assert (answer["verdict"], asked(answer)) == ("veto", [(1, "asked"), (2, "unasked")])
    assert answer["sentence"] == "It got wider, too. (Scripted: no model judged this.)"
    assert reviewed(stand_in, "Say goodbye", "+goodbye")["verdict"] == "fine"
    assert reviewed(stand_in, "Say hello", "+WIDTH = 40")["verdict"] == "fine"


@pytest.mark.usefixtures("scripted")
def test_a_script_may_miss_something(stand_in: StandIn) -> None:
    answer = reviewed(stand_in, "Say goodbye", "+farewell")
    assert (answer["verdict"], asked(answer), answer["missing"]) == ("veto", [(1, "asked")], ["The word itself."])


@pytest.mark.parametrize(
    ("review", "why"),
    [('sentence = "x"', "it needs 'unasked' or 'missing'"), ('missing = ["x"]', "sentence"), ("colour = 1", "colour")],
)
def test_a_review_that_cannot_be_given_is_refused(config: ClaudeStandInConfig, review: str, why: str) -> None:
    assert config.extra_scripts_dir
    file = config.extra_scripts_dir / "wrong.toml"
    file.write_text(f'match = "x"\n[[review]]\n{review}\n', encoding="utf-8")
    with pytest.raises(ScriptError, match=why):
        read_script(file)
