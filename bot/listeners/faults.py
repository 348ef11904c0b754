"""What Slack said when it said no."""

from __future__ import annotations

from slack_sdk.errors import SlackApiError


def code(error: SlackApiError) -> str:
    """Slack's error code; `http_500` and the like where a broken answer holds none. Never raises."""
    response = error.response
    data = response if isinstance(response, dict) else getattr(response, "data", None)
    if isinstance(data, dict) and isinstance(data.get("error"), str):
        return str(data["error"])
    return f"http_{getattr(response, 'status_code', 'unknown')}"
