"""A scripted reply as the Message object of the API: blocks, stop reason, usage."""

from __future__ import annotations

import secrets
from typing import Any

from playground.claude.config import MESSAGE_ID_PREFIX
from playground.claude.player import Reply
from playground.claude.prefix import CHARACTERS_PER_TOKEN, end_of, estimate_tokens
from playground.claude.prompt_cache import InputUsage
from playground.claude.request import Block, MessagesRequest
from playground.claude.signatures import sign


def compose(request: MessagesRequest, reply: Reply, usage: InputUsage, key: bytes) -> dict[str, Any]:
    """Return the finished message, cut at a stop sequence and at `max_tokens` like the real thing."""
    content = _content(request, reply, key)
    thought = sum(estimate_tokens(reply.thinking) for block in content if block["type"] == "thinking")
    stop, sequence = ("tool_use" if reply.calls else "end_turn"), None
    for wanted in request.stop_sequences:
        content, found = _cut_at(content, wanted)
        if found:
            stop, sequence = "stop_sequence", wanted
            break
    limited = limit(content, request.max_tokens)
    if limited is not None:
        content, stop, sequence = limited, "max_tokens", None
    # Thinking counts as thought, also when its text is not shown.
    spoken = sum(estimate_tokens(block) for block in content if block["type"] != "thinking")
    thought = thought if any(block["type"] == "thinking" for block in content) else 0
    return {
        "id": f"{MESSAGE_ID_PREFIX}{secrets.token_hex(12)}",
        "type": "message",
        "role": "assistant",
        "model": request.model.id,
        "content": content,
        "stop_reason": stop,
        "stop_sequence": sequence,
        "stop_details": None,
        "usage": {
            **usage.as_json(),
            "output_tokens": min(spoken + thought, request.max_tokens),
            "output_tokens_details": {"thinking_tokens": min(thought, request.max_tokens)},
            "service_tier": "standard",
        },
    }


def _content(request: MessagesRequest, reply: Reply, key: bytes) -> list[Block]:
    content: list[Block] = []
    if reply.thinking and request.thinks:
        shown = reply.thinking if request.shows_thinking else ""
        content.append({"type": "thinking", "thinking": shown, "signature": sign(key, end_of(request), shown)})
    if reply.text:
        content.append({"type": "text", "text": reply.text})
    for call in reply.calls:
        tool_use_id = f"toolu_scripted_{secrets.token_hex(12)}"
        content.append({"type": "tool_use", "id": tool_use_id, "name": call.name, "input": call.input})
    return content


def _cut_at(content: list[Block], sequence: str) -> tuple[list[Block], bool]:
    for index, block in enumerate(content):
        if block["type"] == "text" and sequence in block["text"]:
            kept = block["text"].split(sequence)[0]
            return [*content[:index], *([{**block, "text": kept}] if kept else [])], True
    return content, False


def limit(content: list[Block], max_tokens: int) -> list[Block] | None:
    """Return `content` cut to `max_tokens`, or None when it fits. A tool call is kept whole or not at all."""
    left = max_tokens
    kept: list[Block] = []
    for block in content:
        size = estimate_tokens(block["thinking"] if block["type"] == "thinking" else block)
        if size <= left:
            kept.append(block)
            left -= size
            continue
        if block["type"] == "text" and left > 0:
            kept.append({**block, "text": block["text"][: left * CHARACTERS_PER_TOKEN]})
        return kept
    return None
