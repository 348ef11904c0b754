"""What is played: a function of the script and the conversation sent, and of nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from playground.claude import ClaudeStandInConfig
from playground.claude.app import create_app
from playground.claude.script import ScriptError
from tests.playground.claude.conversation import TOOLS, StandIn, called, request, results, words


def add_script(config: ClaudeStandInConfig, name: str, content: str) -> None:
    assert config.extra_scripts_dir
    (config.extra_scripts_dir / f"{name}.toml").write_text(content, encoding="utf-8")


def said(message: Any) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


def commands(message: Any) -> list[Any]:
    return [block.input for block in message.content if block.type == "tool_use"]


def test_anything_else_is_answered_with_what_can_be_played_and_what_to_set(stand_in: StandIn) -> None:
    reply = stand_in.ask([request("paint it blue")])
    assert reply.stop_reason == "end_turn"
    text = said(reply)
    for part in (
        "scripted stand-in for Claude",
        "ANTHROPIC_API_KEY",
        "take three steps",
        "make the total include tax",
        "add a button for a 10% tip",
        "round prices to the nearest 5 cents",
        "change the currency",
    ):
        assert part in text


def test_the_request_is_what_stands_between_the_tags(stand_in: StandIn) -> None:
    talk = {"role": "user", "content": "README: three steps.\n<request>paint it blue</request>\nthree steps"}
    assert "can only play" in said(stand_in.ask([talk]))


def test_without_tags_the_whole_first_message_is_the_request(stand_in: StandIn) -> None:
    assert commands(stand_in.ask([{"role": "user", "content": "Three steps!"}])) == [{"command": "echo one"}]


def test_tags_in_a_tool_result_are_not_a_request(stand_in: StandIn) -> None:
    talk: list[Any] = [request("three steps")]
    reply = stand_in.ask(talk)
    talk += [reply.to_param(), results(reply, "<request>paint it blue</request>")]
    assert said(stand_in.ask(talk)) == "Half way."


def test_the_same_conversation_gets_the_same_reply_under_new_ids(stand_in: StandIn) -> None:
    first, second = (stand_in.ask([request("three steps")]) for _ in range(2))
    assert commands(first) == commands(second)
    assert first.id != second.id
    assert called(first, 1).id != called(second, 1).id


def test_a_follow_up_starts_a_script_of_its_own(stand_in: StandIn) -> None:
    talk: list[Any] = [request("three steps")]
    for _ in range(3):
        reply = stand_in.ask(talk)
        talk += [reply.to_param(), results(reply, "ok")]
    talk[-1]["content"].append({"type": "text", "text": "<request>three steps again</request>"})
    assert commands(stand_in.ask(talk)) == [{"command": "echo one"}]


def test_a_script_that_is_over_says_so(stand_in: StandIn) -> None:
    talk: list[Any] = [request("three steps")]
    for _ in range(3):
        reply = stand_in.ask(talk)
        talk += [reply.to_param(), results(reply, "ok")]
    assert "no more turns" in said(stand_in.ask(talk))


def test_a_note_is_read_aloud_and_told_as_a_risk(stand_in: StandIn) -> None:
    talk: list[Any] = [request("three steps")]
    for _ in range(2):
        reply = stand_in.ask(talk)
        talk += [reply.to_param(), results(reply, "ok")]
        if len(talk) == 3:
            talk[-1]["content"].append({"type": "text", "text": "ben wrote:\n<note>mind the gap</note>"})
    assert words(reply, 0).startswith("A note from the thread: mind the gap.")
    assert "1 note(s) from the thread were read but not followed" in str(called(stand_in.ask(talk), -1).input)


BRANCHES = """
match = 'branch'
[values]
word = "(a.b)"
[[turn]]
[[turn.tools]]
bash = "look"
[[turn]]
when = '(?P<name>\\w+) is red'
next = "end"
text = "{{name}} was red"
[[turn]]
when = 'literally {{word}}'
text = "found {{word}}"
[[turn]]
text = "green"
"""


@pytest.mark.parametrize(
    ("result", "expected"),
    [("pricing is red", "pricing was red"), ("literally (a.b)", "found (a.b)"), ("literally aXb", "green")],
)
def test_a_turn_is_chosen_by_what_the_tools_said(
    config: ClaudeStandInConfig, stand_in: StandIn, result: str, expected: str
) -> None:
    add_script(config, "branch", BRANCHES)
    talk: list[Any] = [request("branch")]
    reply = stand_in.ask(talk)
    assert said(stand_in.ask([*talk, reply.to_param(), results(reply, result)])) == expected


def test_a_script_added_later_is_found_and_comes_before_the_built_in_ones(
    config: ClaudeStandInConfig, stand_in: StandIn
) -> None:
    assert "can only play" in said(stand_in.ask([request("dance")]))
    add_script(config, "dance", "match = 'dance|total'\n[[turn]]\ntext = 'Dancing.'\n")
    assert said(stand_in.ask([request("dance")])) == "Dancing."
    assert said(stand_in.ask([request("make the total include tax")])) == "Dancing."


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("match = 'x'\n", "at least one"),
        ("[[turn]]\ntext = 'x'\n", "'match' is missing"),
        ("match = '('\n[[turn]]\ntext = 'x'\n", "missing )"),
        ("match = 'x'\n[[turn]]\nthinking = 'x'\n", "unknown key 'thinking'"),
        ("match = 'x'\n[[turn]]\nthink = 'x'\n", "needs 'text' or 'tools'"),
        ("match = 'x'\n[[turn]]\ntext = 'x'\nnext = 'nowhere'\n", "no turn has the label 'nowhere'"),
        ("match = 'x'\n[[turn]]\n[[turn.tools]]\nrun = 'x'\n", "unknown tool form 'run'"),
        ("match = ", "script"),
    ],
)
def test_a_script_that_cannot_be_read_stops_the_start_and_says_why(
    config: ClaudeStandInConfig, content: str, said: str
) -> None:
    add_script(config, "bad-script", content)
    with pytest.raises(ScriptError, match="bad-script") as refused:
        create_app(config)
    assert said in str(refused.value)


def test_a_script_broken_while_running_is_a_server_error_that_names_it(
    config: ClaudeStandInConfig, stand_in: StandIn
) -> None:
    add_script(config, "late", "match = ")
    answer = stand_in.post({"model": "claude-opus-5-5", "max_tokens": 10, "messages": [request("x")]})
    assert answer.status_code == 500
    assert "late.toml" in answer.json()["error"]["message"]


def test_a_tool_that_is_not_on_offer_is_not_called(stand_in: StandIn) -> None:
    reply = stand_in.ask([request("three steps")], tools=TOOLS[1:])
    assert (reply.stop_reason, commands(reply)) == ("end_turn", [])
    assert "bash not offered" in said(reply)


def test_a_call_fits_the_schema_of_the_tool(stand_in: StandIn) -> None:
    schema = {
        "type": "object",
        "properties": {"title": {"type": "string"}, "files": {"type": "array", "items": {"type": "string"}}},
        "required": ["title", "files"],
        "additionalProperties": False,
    }
    talk: list[Any] = [request("three steps")]
    tools = [*TOOLS[:2], {"name": "finish", "input_schema": schema, "strict": True}]
    for _ in range(3):
        reply = stand_in.ask(talk, tools=tools)
        talk += [reply.to_param(), results(reply, "ok")]
    assert commands(reply) == [{"title": "Three steps", "files": []}]


JUDGEMENT = {
    "type": "object",
    "properties": {
        "verdict": {"enum": ["veto", "approve"]},
        "in_scope": {"type": "boolean"},
        "has_veto": {"type": "boolean"},
        "missing": {"type": "array", "items": {"type": "string"}},
        "sentence": {"type": "string"},
        "title": {"type": "string"},
        "score": {"$ref": "#/$defs/score"},
        "note": {"anyOf": [{"type": "null"}, {"type": "string"}]},
    },
    "required": ["verdict", "in_scope", "has_veto", "missing", "sentence", "title", "score", "note"],
    "additionalProperties": False,
    "$defs": {"score": {"type": "integer"}},
}


def judge(stand_in: StandIn, words: str) -> Any:
    reply = stand_in.ask(
        [request(words)], tools=[], output_config={"format": {"type": "json_schema", "schema": JUDGEMENT}}
    )
    return json.loads(said(reply))


def test_structured_output_is_a_hopeful_instance_that_says_it_is_scripted(stand_in: StandIn) -> None:
    assert judge(stand_in, "make the total include tax") == {
        "verdict": "approve",
        "in_scope": True,
        "has_veto": False,
        "missing": [],
        "sentence": "Scripted stand-in: no model judged this.",
        "title": "Make the total include tax",
        "score": 0,
        "note": None,
    }


def test_a_script_may_give_the_structured_output(config: ClaudeStandInConfig, stand_in: StandIn) -> None:
    add_script(config, "veto", "match = 'tax'\n[json]\nverdict = 'veto'\n")
    assert judge(stand_in, "make the total include tax") == {"verdict": "veto"}
    assert commands(stand_in.ask([request("make the total include tax")]))


def test_every_script_of_the_package_can_be_read(tmp_path: Path) -> None:
    assert create_app(ClaudeStandInConfig(tmp_path / "new" / "folder" / "claude.sqlite"))
