"""Running hashes over a conversation: what signatures are bound to, and what the prompt cache is keyed by.

A cache marker is not content: it moves along from turn to turn, so it never enters a hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from bot.playground.claude.request import Block, Message, MessagesRequest

IMAGE_TOKENS = 1_500
CHARACTERS_PER_TOKEN = 4


def canonical(value: Any) -> bytes:
    """JSON bytes that do not depend on key order, absent-or-null fields, or cache markers."""
    return json.dumps(_bare(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _bare(part) for key, part in value.items() if key != "cache_control" and part is not None}
    if isinstance(value, list):
        return [_bare(part) for part in value]
    return value


def digest(*parts: bytes) -> bytes:
    """One hash over the parts in order; each part's length is in it, so that parts cannot run together."""
    total = hashlib.sha256()
    for part in parts:
        total.update(len(part).to_bytes(8, "big"))
        total.update(part)
    return total.digest()


def request_hash(body: dict[str, Any]) -> str:
    """Names what was asked, whether or not it was streamed: equal for a repeated request."""
    return hashlib.sha256(canonical({key: part for key, part in body.items() if key != "stream"})).hexdigest()


def conversation_chain(model_id: str, messages: list[Message]) -> Iterator[tuple[Message, Block, bytes]]:
    """Every block with the hash of all that came before it; the last item's hash is that of the whole conversation."""
    chain = digest(b"conversation", model_id.encode())
    for message in messages:
        for block in message.blocks:
            yield message, block, chain
            chain = digest(chain, message.role.encode(), canonical(block))
    yield messages[-1], {"type": "end"}, chain


def estimate_tokens(value: Any) -> int:
    """Tokens of a block or text: characters / 4, rounded up; a picture or page counts a flat 1,500."""
    if isinstance(value, dict) and value.get("type") in ("image", "document"):
        return IMAGE_TOKENS
    if isinstance(value, dict) and value.get("type") == "tool_result" and isinstance(value.get("content"), list):
        return 8 + sum(estimate_tokens(part) for part in value["content"])
    if isinstance(value, dict) and value.get("type") == "text":
        value = value["text"]
    text = value if isinstance(value, str) else canonical(value).decode()
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def prompt_blocks(request: MessagesRequest) -> list[Block]:
    """All blocks in the order in which the cache sees them: tools, system, messages."""
    return [*request.tools, *request.system, *(block for message in request.messages for block in message.blocks)]
