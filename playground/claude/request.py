"""A Messages request after it has been found acceptable: the only form the rest of the stand-in reads.

Neighbouring turns of one role are merged into one, as the service does, and every content is a list of blocks.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from playground.claude.models import Model

Block = dict[str, Any]


def canonical(value: Any) -> bytes:
    """JSON bytes that do not depend on key order, absent-or-null fields, or cache markers (these are not content)."""
    return json.dumps(_bare(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _bare(part) for key, part in value.items() if key != "cache_control" and part is not None}
    if isinstance(value, list):
        return [_bare(part) for part in value]
    return value


@dataclass(frozen=True)
class Message:
    """One turn: `role` is user, assistant or system; `position` is the index of its first part in the request."""

    role: str
    blocks: list[Block]
    position: int

    @cached_property
    def prints(self) -> list[bytes]:
        """Return `canonical` of each block: signatures, cache and log all need it, and histories are long."""
        return [canonical(block) for block in self.blocks]


@dataclass(frozen=True, slots=True)
class MessagesRequest:
    """An accepted request. `body` is the JSON as sent; `effort` and `json_schema` come from `output_config`."""

    body: dict[str, Any]
    model: Model
    max_tokens: int
    messages: list[Message]
    system: list[Block] = field(default_factory=list)
    tools: list[Block] = field(default_factory=list)
    tool_choice: dict[str, Any] | None = None
    thinking: dict[str, Any] | None = None
    automatic_cache: dict[str, Any] | None = None
    json_schema: dict[str, Any] | None = None
    stop_sequences: tuple[str, ...] = ()
    stream: bool = False

    @property
    def turn(self) -> int:
        """Return the number of the assistant turn asked for, from 1."""
        return sum(message.role == "assistant" for message in self.messages) + 1

    @property
    def thinks(self) -> bool:
        if self.thinking is None:
            return self.model.thinks_by_default
        return self.thinking["type"] in ("adaptive", "enabled", "between_tools")

    @property
    def shows_thinking(self) -> bool:
        """Return whether thinking text is returned; when not, a thinking block has empty text and a signature."""
        return self.thinking is not None and self.thinking.get("display") == "summarized"


def text_of(block: Block) -> str:
    """Return the words a block carries for the model; nothing for pictures, documents and thinking."""
    if block["type"] == "text":
        return str(block["text"])
    if block["type"] != "tool_result":
        return ""
    content = block.get("content") or ""
    words = content if isinstance(content, str) else "\n".join(text_of(part) for part in content)
    return f"error: {words}" if block.get("is_error") else words
