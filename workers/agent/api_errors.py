"""Translate failures of the Claude API into the two kinds a stage knows.

Law: nothing waits here. A long `retry-after` becomes `TryAgain`, and the waiting happens in the database.
"""

from __future__ import annotations

import math

from bot.domain.change import Usage
from workers import GiveUp, TryAgain

OPERATOR = "Shipmate's operator has to look at this; `shipmate doctor` says what is wrong."
LONGEST_WAIT = 6 * 3600.0
SPEND = "The Claude account has reached its spend limit, so I can't go on."
TOO_LONG = ("prompt is too long", "exceed context limit")
REFUSALS = {
    "cyber": "it looked like security-sensitive work, which can happen with harmless fixes too",
    "bio": "it looked like sensitive biology",
    "frontier_llm": "it looked like work on competing AI models",
    "reasoning_extraction": "it looked like an attempt to extract the model's reasoning",
    "general_harms": "it looked harmful",
}


class Declined(GiveUp):
    """The model declined to answer. `usage` is what the call used: it is paid for all the same."""

    def __init__(self, reason: str, advice: str, usage: Usage) -> None:
        super().__init__(reason, advice)
        self.usage = usage


class TooLong(GiveUp):
    """The conversation no longer fits the model's window: it can go on compacted."""

    def __init__(self, usage: Usage) -> None:
        super().__init__(
            "This conversation has become too long for the model.",
            "Ask for the rest as a new, smaller change in a new thread.",
        )
        self.usage = usage


class Malformed(GiveUp):
    """The service does not take the request as it is: what the conversation holds may be why."""

    def __init__(self, said: str) -> None:
        super().__init__(f"Claude refused the request: {_short(said)}", OPERATOR)


def fault(  # one branch per documented failure of the Messages API
    status: int, kind: str | None, code: str | None, retry_after: str | None, said: str
) -> TryAgain | GiveUp:
    """Return the failure behind an error answer. `status` is 200 for an event in a stream: `kind` decides first."""
    if status == 402 or kind == "billing_error" or "spend_limit" in (code or "") or "credit balance" in said.lower():
        return GiveUp(SPEND, "Raise the limit or wait until it renews, then tap Try again.")
    if status == 429 or kind == "rate_limit_error":
        return TryAgain(_seconds(retry_after, 30.0), "Claude asked us to slow down.")
    if status in {503, 529} or kind == "overloaded_error":
        return TryAgain(_seconds(retry_after, 20.0), "Claude is overloaded right now.")
    if status == 401 or kind == "authentication_error":
        return GiveUp("Claude rejects Shipmate's API key.", OPERATOR)
    if status == 403 or kind == "permission_error":
        return GiveUp("Shipmate's Claude API key may not use this model.", OPERATOR)
    if status == 404 or kind == "not_found_error":
        return GiveUp(f"Claude does not have the model that Shipmate is set to ({_short(said)}).", OPERATOR)
    if status == 413 or kind == "request_too_large" or any(words in said.lower() for words in TOO_LONG):
        return TooLong(Usage())
    if status == 400 or kind == "invalid_request_error":
        return Malformed(said)
    if status in {200, 408, 409} or status >= 500 or kind in {"timeout_error", "api_error", "conflict_error"}:
        return TryAgain(_seconds(retry_after, 10.0), f"Claude had an internal error ({kind or status}).", counts=True)
    return GiveUp(f"Claude refused the request: {_short(said)}", OPERATOR)


def unreachable(why: str) -> TryAgain:
    """Return the failure of a call that received nothing; repeating it costs nothing."""
    return TryAgain(15.0, f"Claude could not be reached ({why}).")


def dropped(why: str) -> TryAgain:
    """Return the failure of a reply that broke off. It may have been paid for, so it counts as an attempt."""
    return TryAgain(5.0, f"Claude's reply broke off ({why}).", counts=True)


def refused(category: str | None, used: Usage) -> Declined:
    """Return the failure of a model that declined to answer."""
    because = REFUSALS.get(category or "", "it gave no reason")
    advice = "Put it in other words, or ask an engineer to do it."
    return Declined(f"Claude declined this request: {because}.", advice, used)


def _seconds(retry_after: str | None, otherwise: float) -> float:
    try:
        seconds = float(retry_after or otherwise)
    except ValueError:
        seconds = otherwise
    return otherwise if math.isnan(seconds) else min(max(seconds, 1.0), LONGEST_WAIT)


def _short(said: str) -> str:
    line = " ".join(said.split())
    return line if len(line) <= 200 else line[:199] + "…"
