"""Misbehaviour on demand: what the next calls will suffer, asked for at `/_control/faults`.

A fault is used up by the call it strikes; each names its calls by count, and if wanted by turn and by request text.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from playground.claude.errors import ApiError
from playground.claude.state import State

REFUSALS = ("rate_limit", "spend_limit", "overloaded", "server_error")
REPLIES = ("refusal", "max_tokens", "context_window", "pause_turn")
CUTS = {"max_tokens": "max_tokens", "context_window": "model_context_window_exceeded", "pause_turn": "pause_turn"}
TRANSPORT = ("drop_before_reply", "drop_stream", "end_stream_early", "error_event", "slow")
KINDS = (*REFUSALS, *REPLIES, *TRANSPORT)
CATEGORIES = ("cyber", "bio", "frontier_llm", "reasoning_extraction", "general_harms")


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of misbehaviour. `turn` (from 1) and `request` (a pattern) narrow it to some calls.

    `retry_after` is the seconds named with a 429; `after_events` how many stream events get out before the stream
    breaks; `delay_ms` how long a slow reply takes; `category` that of a refusal.
    """

    kind: str
    turn: int | None = None
    request: str = ""
    retry_after: float = 1
    after_events: int = 4
    delay_ms: int = 1_000
    category: str = "cyber"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind: one of {', '.join(KINDS)}")
        if self.category not in CATEGORIES:
            raise ValueError(f"category: one of {', '.join(CATEGORIES)}")
        re.compile(self.request)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def take_fault(state: State, turn: int, request: str) -> Fault | None:
    """Return the oldest fault meant for this call, used up by it; None when the call goes well."""
    for id, _, data in state.faults():
        fault = Fault(**data)
        if fault.turn in (None, turn) and re.search(fault.request, request):
            state.use_fault(id)
            return fault
    return None


def refusal_of(fault: Fault) -> ApiError | None:
    """Return the HTTP error this fault is, or None when it strikes later."""
    if fault.kind == "rate_limit":
        headers = {"retry-after": f"{fault.retry_after:g}"}
        return ApiError(429, "This request would exceed your organization's rate limit.", headers=headers)
    if fault.kind == "spend_limit":
        return ApiError(
            429, "Your organization has reached its spend limit.", code="contract_spend_limit_reached",
            headers={"x-should-retry": "false"},
        )  # fmt: skip
    if fault.kind == "overloaded":
        return ApiError(529, "Overloaded")
    if fault.kind == "server_error":
        return ApiError(500, "Internal server error")
    return None


def spoil(message: dict[str, Any], fault: Fault) -> dict[str, Any]:
    """Return the message as this fault leaves it: refused, cut short, or as it was."""
    if fault.kind == "refusal":
        details = {"type": "refusal", "category": fault.category, "explanation": "Scripted refusal."}
        return {**message, "content": [], "stop_reason": "refusal", "stop_details": details}
    if fault.kind in CUTS:
        stop = CUTS[fault.kind]
        thinking = [block for block in message["content"] if block["type"] == "thinking"]
        return {**message, "content": [*thinking, {"type": "text", "text": "The reply was cut"}], "stop_reason": stop}
    return message
