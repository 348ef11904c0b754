"""How turns must follow each other: who speaks first, each tool call answered once, system lines after user turns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from playground.claude.errors import invalid
from playground.claude.request import Block, Message
from playground.claude.validate_blocks import check_fields, content_blocks

ALLOWED = {
    "user": ("text", "image", "document", "tool_result"),
    "assistant": ("text", "thinking", "tool_use"),
    "system": ("text",),
}
MAX_MESSAGES = 100_000


def check_messages(value: object, tools: list[Block], was_paused: Callable[[list[Block]], bool]) -> list[Message]:
    """Return the conversation with neighbouring turns of one role merged; ApiError where the service would refuse
    it.

    `was_paused` tells whether a last assistant message is a reply that stopped with `pause_turn`: only such a one may
    be last.
    """
    if not isinstance(value, list):
        raise invalid("messages: Input should be a valid list")
    if not value:
        raise invalid("messages: at least one message is required")
    if len(value) > MAX_MESSAGES:
        raise invalid(f"messages: at most {MAX_MESSAGES} messages are allowed")
    messages = _merge(_check_message(item, index) for index, item in enumerate(value))
    if messages[0].role != "user":
        raise invalid('messages: first message must use the "user" role')
    _check_system_places(messages)
    if messages[-1].role == "assistant" and not was_paused(value[-1]["content"]):
        raise invalid(
            "This model does not support assistant message prefill. The conversation must end with a user message."
        )
    _check_tool_pairs(messages)
    uses = any(block["type"] in ("tool_use", "tool_result") for message in messages for block in message.blocks)
    if uses and not tools:
        raise invalid("Requests which include `tool_use` or `tool_result` blocks must define tools")
    return messages


def _check_message(item: object, index: int) -> Message:
    if not isinstance(item, dict):
        raise invalid(f"messages.{index}: Input should be an object")
    role = item.get("role")
    if not isinstance(role, str) or role not in ALLOWED:
        raise invalid(f"messages.{index}.role: Input should be 'user', 'assistant' or 'system'")
    check_fields(item, {"role", "content"}, f"messages.{index}")
    if "content" not in item:
        raise invalid(f"messages.{index}.content: Field required")
    if item["content"] in ("", []):
        raise invalid(f"messages.{index}: all messages must have non-empty content")
    blocks = content_blocks(item["content"], ALLOWED[role], f"messages.{index}.content")
    return Message(role, blocks, index)


def _merge(messages: Iterable[Message]) -> list[Message]:
    merged: list[Message] = []
    for message in messages:
        if merged and merged[-1].role == message.role:
            last = merged[-1]
            merged[-1] = Message(last.role, [*last.blocks, *message.blocks], last.position)
        else:
            merged.append(message)
    return merged


def _check_system_places(messages: list[Message]) -> None:
    for index, message in enumerate(messages):
        if message.role != "system":
            continue
        follower = messages[index + 1] if index + 1 < len(messages) else None
        if messages[index - 1].role != "user" or (follower is not None and follower.role != "assistant"):
            raise invalid(
                f"messages.{message.position}: a `system` message must come right after a user turn, and be the last "
                "message or be followed by an assistant turn"
            )


def _check_tool_pairs(messages: list[Message]) -> None:
    known: set[str] = set()
    open_ids: list[str] = []
    for message in messages:
        where = f"messages.{message.position}"
        if message.role == "assistant":
            open_ids = [block["id"] for block in message.blocks if block["type"] == "tool_use"]
            for tool_use_id in open_ids:
                if tool_use_id in known or open_ids.count(tool_use_id) > 1:
                    raise invalid(f"{where}: `tool_use` ids must be unique; found again: {tool_use_id}")
            known.update(open_ids)
        elif message.role == "user":
            _check_results(message.blocks, open_ids, where)
            open_ids = []


def _check_results(blocks: list[Block], open_ids: list[str], where: str) -> None:
    results = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
    for tool_use_id in results:
        if tool_use_id not in open_ids:
            raise invalid(
                f"{where}: unexpected `tool_use_id` found in `tool_result` blocks: {tool_use_id}. Each `tool_result` "
                "block must have a corresponding `tool_use` block in the previous message."
            )
    for tool_use_id, count in Counter(results).items():
        if count > 1:
            raise invalid(
                f"{where}: each tool_use must have a single result. Found multiple `tool_result` blocks with id: "
                f"{tool_use_id}"
            )
    missing = [tool_use_id for tool_use_id in open_ids if tool_use_id not in results]
    if missing:
        raise invalid(
            f"{where}: `tool_use` ids were found without `tool_result` blocks immediately after: {', '.join(missing)}. "
            "Each `tool_use` block must have a corresponding `tool_result` block in the next message."
        )
    if any(block["type"] != "tool_result" for block in blocks[: len(results)]):
        raise invalid(f"{where}: `tool_result` blocks must come first in the content of a user message")
