"""What a request would cost: tokens read from the cache, written to it, and neither.

As at the service: entries are whole prefixes, written only where a marker stands, found by looking back at most 20
blocks, and nothing under 1,024 tokens is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playground.claude.prefix import digest, estimate_tokens, prompt_blocks, prompt_prints
from playground.claude.request import Block, MessagesRequest, canonical
from playground.claude.state import State

MINIMUM_PREFIX_TOKENS = 1_024
LOOK_BACK_BLOCKS = 20
SECONDS = {"5m": 300, "1h": 3_600}


@dataclass(frozen=True, slots=True)
class InputUsage:
    """Tokens of one request's input; the whole input is the sum of all four."""

    fresh: int
    read: int
    written_5m: int
    written_1h: int

    def as_json(self) -> dict[str, Any]:
        return {
            "input_tokens": self.fresh,
            "cache_read_input_tokens": self.read,
            "cache_creation_input_tokens": self.written_5m + self.written_1h,
            "cache_creation": {
                "ephemeral_5m_input_tokens": self.written_5m,
                "ephemeral_1h_input_tokens": self.written_1h,
            },
        }


def count_input(request: MessagesRequest) -> int:
    return sum(estimate_tokens(block) for block in prompt_blocks(request))


def account(request: MessagesRequest, state: State, now: float) -> InputUsage:
    """Return the usage of `request`; its marked prefixes are stored and the entries it used are refreshed."""
    blocks = prompt_blocks(request)
    hashes, totals = _prefixes(request, blocks)
    markers = _markers(request, blocks)
    hit = max((_find(hashes, marker, state, now) for marker in markers), default=-1)
    read = totals[hit] if hit >= 0 else 0
    written = {"5m": 0, "1h": 0}
    reached = read
    for marker, ttl in sorted(markers.items()):
        if totals[marker] < MINIMUM_PREFIX_TOKENS:
            continue
        if marker > hit:
            written[ttl] += totals[marker] - reached
            reached = totals[marker]
        state.keep_prefix(hashes[marker], SECONDS[ttl], now)
    if hit >= 0:
        state.refresh_prefix(hashes[hit], now)
    return InputUsage(totals[-1] - reached, read, written["5m"], written["1h"])


def _prefixes(request: MessagesRequest, blocks: list[Block]) -> tuple[list[str], list[int]]:
    chain = digest(b"cache", request.model.id.encode())
    head = len(request.tools) + len(request.system)
    settings = canonical([request.thinking, request.tool_choice])
    roles = [message.role for message in request.messages for _ in message.blocks]
    hashes, totals, total = [], [], 0
    for index, (block, print_) in enumerate(zip(blocks, prompt_prints(request), strict=True)):
        if index == head:
            chain = digest(chain, settings)
        role = "tool" if index < len(request.tools) else "system prompt" if index < head else roles[index - head]
        chain = digest(chain, role.encode(), print_)
        total += estimate_tokens(block)
        hashes.append(chain.hex())
        totals.append(total)
    return hashes, totals


def _markers(request: MessagesRequest, blocks: list[Block]) -> dict[int, str]:
    markers: dict[int, str] = {}
    for index, block in enumerate(blocks):
        content = block.get("content")
        inner = [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []
        for part in (block, *inner):
            if part.get("cache_control"):
                markers[index] = part["cache_control"].get("ttl", "5m")
    if request.automatic_cache is not None:
        last = max(index for index, block in enumerate(blocks) if block.get("type") != "thinking")
        markers[last] = request.automatic_cache.get("ttl", "5m")
    return markers


def _find(hashes: list[str], marker: int, state: State, now: float) -> int:
    for index in range(marker, max(marker - LOOK_BACK_BLOCKS, -1), -1):
        if state.has_prefix(hashes[index], now):
            return index
    return -1
