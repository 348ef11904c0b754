"""Running hashes over a conversation: what signatures are bound to, and what the prompt cache is keyed by.

A cache marker is not content: it moves along from turn to turn, so it never enters a hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from playground.claude.request import Block, Message, MessagesRequest, canonical

IMAGE_TOKENS = 1_500
CHARACTERS_PER_TOKEN = 4


def digest(*parts: bytes) -> bytes:
    """Return one hash over the parts in order; each part's length is in it, so that parts cannot run together."""
    total = hashlib.sha256()
    for part in parts:
        total.update(len(part).to_bytes(8, "big"))
        total.update(part)
    return total.digest()


def request_hash(request: MessagesRequest) -> str:
    """Return the name of what was asked, streamed or not: equal for a repeated request."""
    head = {key: part for key, part in request.body.items() if key not in ("stream", "messages")}
    return digest(canonical(head), end_of(request)).hex()


def end_of(request: MessagesRequest) -> bytes:
    """Return the hash of the whole conversation: what the next thinking block is bound to."""
    *_, (_, _, chain) = conversation_chain(request.model.id, request.messages)
    return chain


def conversation_chain(model_id: str, messages: list[Message]) -> Iterator[tuple[Message, Block, bytes]]:
    """Yield every block with the hash of all that came before it; the last item's hash is that of the whole
    conversation.
    """
    chain = digest(b"conversation", model_id.encode())
    for message in messages:
        role = message.role.encode()
        for block, print_ in zip(message.blocks, message.prints, strict=True):
            yield message, block, chain
            chain = digest(chain, role, print_)
    yield messages[-1], {"type": "end"}, chain


def estimate_tokens(value: Any) -> int:
    """Return tokens of a block or text: characters / 4, rounded up; a picture or page counts a flat 1,500."""
    if isinstance(value, dict) and value.get("type") in ("image", "document"):
        return IMAGE_TOKENS
    if isinstance(value, dict) and value.get("type") == "tool_result" and isinstance(value.get("content"), list):
        return 8 + sum(estimate_tokens(part) for part in value["content"])
    if isinstance(value, dict) and value.get("type") == "text":
        value = value["text"]
    text = value if isinstance(value, str) else canonical(value).decode()
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def prompt_prints(request: MessagesRequest) -> list[bytes]:
    """Return `canonical` of each of `prompt_blocks`, in the same order."""
    head = [canonical(block) for block in (*request.tools, *request.system)]
    return [*head, *(print_ for message in request.messages for print_ in message.prints)]


def prompt_blocks(request: MessagesRequest) -> list[Block]:
    """Return all blocks in the order in which the cache sees them: tools, system, messages."""
    return [*request.tools, *request.system, *(block for message in request.messages for block in message.blocks)]
