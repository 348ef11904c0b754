"""Steer a running stand-in from a test or a script: faults to come, calls received, usage so far."""

from __future__ import annotations

import http.client
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


class ControlRefused(Exception):
    """The stand-in did not take the order; the message says why."""


@dataclass(frozen=True, slots=True)
class Call:
    """One `POST /v1/messages` that passed validation.

    `outcome` is `started` (still going out), `answered`, `cut` (the reader left) or the kind of fault that struck.
    `conversation` names the first user turn, `turn` the assistant turn asked for (from 1).
    """

    id: int
    at: float
    request_hash: str
    conversation: str
    turn: int
    model: str
    stream: bool
    script: str
    outcome: str
    message_id: str
    usage: dict[str, Any]


class ClaudeScript:
    """The control side of a stand-in at `base_url` (http, no path). Raises ControlRefused for an unknown fault."""

    def __init__(self, base_url: str) -> None:
        self._address = urlsplit(base_url)

    def fail_next(self, kind: str, times: int = 1, **details: Any) -> None:
        """Let the next `times` calls suffer `kind` (see `faults.KINDS`); details: turn, request, retry_after, ..."""
        self._send("POST", "faults", {"kind": kind, "times": times, **details})

    def faults(self) -> list[dict[str, Any]]:
        """Return the faults that no call has met yet."""
        found: list[dict[str, Any]] = self._send("GET", "faults")["faults"]
        return found

    def clear_faults(self) -> None:
        self._send("DELETE", "faults")

    def calls(self) -> list[Call]:
        """Return every call since the state file was made (or last cleared), oldest first."""
        return [Call(**call) for call in self._send("GET", "calls")["calls"]]

    def clear_calls(self) -> None:
        self._send("DELETE", "calls")

    def answered_more_than_once(self) -> dict[str, int]:
        """Return requests whose whole reply went out more than once, by hash: empty when no answered turn was
        repeated.
        """
        counts = Counter(call.request_hash for call in self.calls() if call.outcome == "answered")
        return {hash: count for hash, count in counts.items() if count > 1}

    def usage(self) -> dict[str, int]:
        """Return sums over answered calls: calls, input_tokens, cache_read_input_tokens, ..., output_tokens."""
        return dict(self._send("GET", "usage"))

    def set_turn_delay(self, milliseconds: int) -> None:
        """From now on (restarts included) each reply takes this long."""
        self._send("PUT", "turn_delay", {"ms": milliseconds})

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        connection = http.client.HTTPConnection(self._address.hostname or "", self._address.port, timeout=10)
        try:
            content = json.dumps(body) if body is not None else None
            connection.request(method, f"/_control/{path}", content, {"content-type": "application/json"})
            answer = connection.getresponse()
            data = json.load(answer)
        finally:
            connection.close()
        if answer.status >= 400:
            raise ControlRefused(str(data.get("error", data)))
        return data
