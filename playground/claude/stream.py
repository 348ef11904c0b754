"""A finished message as server-sent events, in the order and the pieces that the API uses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from playground.claude.request import Block

PIECE = 40
WORDS = re.compile(r".{1,40}(?:\s|$)|.{1,40}", re.DOTALL)


def sse(event: dict[str, Any]) -> bytes:
    return f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n".encode()


def events(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield message_start, ping, each block, message_delta (stop reason, cumulative usage), message_stop."""
    usage = message["usage"]
    start = {**message, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}}
    yield {"type": "message_start", "message": start}
    yield {"type": "ping"}
    for index, block in enumerate(message["content"]):
        yield from _block_events(index, block)
    stop = {name: message[name] for name in ("stop_reason", "stop_sequence", "stop_details")}
    totals = {name: part for name, part in usage.items() if name not in ("cache_creation", "service_tier")}
    yield {"type": "message_delta", "delta": stop, "usage": totals}
    yield {"type": "message_stop"}


def _block_events(index: int, block: Block) -> Iterator[dict[str, Any]]:
    empty, deltas = _parts(block)
    yield {"type": "content_block_start", "index": index, "content_block": empty}
    for delta in deltas:
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}


def _parts(block: Block) -> tuple[Block, list[Block]]:
    if block["type"] == "thinking":
        pieces = [{"type": "thinking_delta", "thinking": piece} for piece in WORDS.findall(block["thinking"])]
        signature = {"type": "signature_delta", "signature": block["signature"]}
        return {"type": "thinking", "thinking": "", "signature": ""}, [*pieces, signature]
    if block["type"] == "text":
        pieces = [{"type": "text_delta", "text": piece} for piece in WORDS.findall(block["text"])]
        return {"type": "text", "text": ""}, pieces
    written = json.dumps(block["input"], ensure_ascii=False)
    cuts = ["", *(written[start : start + PIECE] for start in range(0, len(written), PIECE))]
    return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": cut} for cut in cuts]
