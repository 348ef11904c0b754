"""Which reply comes next: found by walking the conversation that was sent, so crashes and repeats change nothing."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from playground.claude.request import Message, MessagesRequest, text_of
from playground.claude.review import is_review, reviewed
from playground.claude.script import END, Script, ToolCall, hears, substitute
from playground.claude.validate_schemas import fill, fit

NOTE = re.compile(r"<note>(.*?)</note>", re.DOTALL)
REQUEST = re.compile(r"<request>(.*?)</request>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the script says next. Without calls the turn ends. `script` is the script's name, for the log of calls."""

    script: str
    thinking: str = ""
    text: str = ""
    calls: tuple[ToolCall, ...] = ()


def play(request: MessagesRequest, scripts: Sequence[Script]) -> Reply:
    """Return the reply to `request`, from the first of `scripts` whose pattern the request in it matches."""
    words, start = find_request(request.messages)
    if request.json_schema is not None and is_review(request.json_schema):
        name, answer = reviewed(_said(request.messages[start]), words, scripts)
        return Reply(name, text=json.dumps(answer, ensure_ascii=False))
    if request.json_schema is not None:
        return _structured(request.json_schema, words, scripts)
    single = bool((request.tool_choice or {}).get("disable_parallel_tool_use"))
    for script in scripts:
        if script.json is not None or not script.turns:
            continue
        values = script.match(words)
        if values is not None:
            played = script.one_call_at_a_time() if single else script
            return _offered(_walk(played, values, words, request.messages[start + 1 :]), request)
    return Reply("anything_else", text=_cannot_play(scripts))


def find_request(messages: Sequence[Message]) -> tuple[str, int]:
    """Return the latest request and the index of the user turn that made it.

    It stands between `<request>` and `</request>`; without any, the first user turn's whole text is the request.
    """
    for index in range(len(messages) - 1, -1, -1):
        if messages[index].role == "user":
            found = REQUEST.search(_said(messages[index]))
            if found:
                return html.unescape(found[1]).strip(), index
    return _said(messages[0]).strip(), 0


def _said(message: Message) -> str:
    return "\n".join(block["text"] for block in message.blocks if block["type"] == "text")


def _heard(message: Message) -> str:
    return "\n".join(text_of(block) for block in message.blocks)


def _walk(script: Script, values: dict[str, str], request: str, messages: Sequence[Message]) -> Reply:
    position = 0
    cut: int | None = None
    heard = request
    for message in messages:
        if message.role != "assistant":
            heard = _heard(message) if message.role == "user" else f"{heard}\n{_heard(message)}"
            continue
        chosen = cut if cut is not None else _choose(script, position, heard, values)
        if chosen is None:
            continue
        calls = sum(block["type"] == "tool_use" for block in message.blocks)
        # A reply that lost its calls (a token limit) was not played: the same turn comes again.
        cut = chosen if calls < len(script.turns[chosen].calls) else None
        if cut is None:
            position = _after(script, chosen)
    chosen = cut if cut is not None else _choose(script, position, heard, values)
    if chosen is None:
        return Reply(script.name, text=_over(script))
    turn = script.turns[chosen]
    calls_made = tuple(ToolCall(call.name, substitute(call.input, values)) for call in turn.calls)
    reply = Reply(script.name, substitute(turn.think, values), substitute(turn.text, values), calls_made)
    return _with_notes(reply, messages)


def _with_notes(reply: Reply, messages: Sequence[Message]) -> Reply:
    """Say that notes were read: the newest ones while thinking, all of them among the risks. A script cannot obey."""
    said = [message for message in messages if message.role == "user"]
    newest = NOTE.findall(_said(said[-1])) if said else []
    every = [note for message in said for note in NOTE.findall(_said(message))]
    if not every:
        return reply
    thinking = reply.thinking
    if newest:
        words = "; ".join(" ".join(note.split())[:200] for note in newest)
        thinking = f"A note from the thread: {words}. This is a script, so I go on as written. {thinking}".strip()
    warning = f"{len(every)} note(s) from the thread were read but not followed: a script stands in for Claude."
    calls = tuple(
        ToolCall(call.name, {**call.input, "risks": f"{call.input.get('risks', '')} {warning}".strip()})
        if call.name == "finish"
        else call
        for call in reply.calls
    )
    return Reply(reply.script, thinking, reply.text, calls)


def _choose(script: Script, position: int, heard: str, values: dict[str, str]) -> int | None:
    """Return the first turn from `position` on whose `when` is found in what was heard; its captures join `values`."""
    for index in range(position, len(script.turns)):
        turn = script.turns[index]
        captured = hears(turn, heard, values)
        if captured is not None:
            values.update({**captured, **turn.set})
            return index
    return None


def _after(script: Script, played: int) -> int:
    target = script.turns[played].next
    if not target:
        return played + 1
    if target == END:
        return len(script.turns)
    return next(index for index, turn in enumerate(script.turns) if turn.label == target)


def _offered(reply: Reply, request: MessagesRequest) -> Reply:
    """Return the reply with its inputs made to fit the offered tools; plain text where a tool it needs is not on
    offer.
    """
    schemas = {tool["name"]: tool.get("input_schema") for tool in request.tools}
    missing = sorted({call.name for call in reply.calls} - schemas.keys())
    forbidden = (request.tool_choice or {}).get("type") == "none" and reply.calls
    if missing or forbidden:
        wanted = ", ".join(missing) or "tools"
        return Reply(reply.script, text=f"The scripted stand-in for Claude cannot go on: {wanted} not offered.")
    calls = tuple(ToolCall(call.name, _fitted(call.input, schemas[call.name])) for call in reply.calls)
    return Reply(reply.script, reply.thinking, reply.text, calls)


def _fitted(value: dict[str, Any], schema: dict[str, Any] | None) -> dict[str, Any]:
    return value if schema is None else fit(value, schema)


def _structured(schema: dict[str, Any], words: str, scripts: Sequence[Script]) -> Reply:
    for script in scripts:
        values = script.match(words) if script.json is not None else None
        if values is not None:
            return Reply(script.name, text=json.dumps(substitute(script.json, values), ensure_ascii=False))
    return Reply("structured_output", text=json.dumps(fill(schema, words), ensure_ascii=False))


def _cannot_play(scripts: Sequence[Script]) -> str:
    titles = "\n".join(f"- {script.title}" for script in scripts if script.json is None and script.turns)
    return (
        "This is the scripted stand-in for Claude, not a model, so it cannot work on that. It can only play:\n"
        f"{titles}\n"
        "Set ANTHROPIC_API_KEY to have the real model do it."
    )


def _over(script: Script) -> str:
    return (
        f'This is the scripted stand-in for Claude, and its script "{script.title}" has no more turns. '
        "Set ANTHROPIC_API_KEY to have the real model go on."
    )
