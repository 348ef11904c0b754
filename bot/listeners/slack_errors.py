"""What Slack said when it said no."""

from __future__ import annotations

import aiohttp
from slack_sdk.errors import SlackApiError

_PASSING = frozenset(
    {"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
)


def code(error: SlackApiError) -> str:
    """Return Slack's error code, or `http_500` and so on if the answer has none. Never raises."""
    response = error.response
    data = response if isinstance(response, dict) else getattr(response, "data", None)
    if isinstance(data, dict) and isinstance(data.get("error"), str):
        return str(data["error"])
    return f"http_{getattr(response, 'status_code', 'unknown')}"


def passing(error: Exception) -> bool:
    """Return whether the same call may well work in a minute."""
    if isinstance(error, SlackApiError):
        said = code(error)
        return said in _PASSING or said.startswith("http_5")
    return isinstance(error, aiohttp.ClientError | TimeoutError)
