"""Translate GitHub's words about a check into ours. Pure.

Law: only `success` passes; an unknown conclusion counts as failed.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bot.domain.ci import State

UNNAMED = "the workflows of this repository"
_SKIPPED = frozenset({"SKIPPED", "NEUTRAL"})
_A_PERSONS = frozenset({"CANCELLED", "STALE", "ACTION_REQUIRED"})
PREVIEW = re.compile(r"preview|deploy|netlify|vercel|pages", re.IGNORECASE)
REPORT = re.compile(r"junit|report|result|test", re.IGNORECASE)


def check_state(status: str, conclusion: str | None) -> State:
    """Return the state of a check run."""
    match status:
        case "COMPLETED" if conclusion == "SUCCESS":
            return "passed"
        case "COMPLETED" if conclusion in _SKIPPED:
            return "skipped"
        case "COMPLETED":
            return "person" if conclusion in _A_PERSONS else "failed"
        case "WAITING":  # for the approval of a deployment
            return "person"
        case "IN_PROGRESS":
            return "running"
        case _:
            return "waiting"


def status_state(state: str) -> State:
    """Return the state of a commit status."""
    states: dict[str, State] = {"SUCCESS": "passed", "PENDING": "running", "EXPECTED": "expected"}
    return states.get(state, "failed")


def web_url(url: str | None) -> str:
    """Return the link if it is http or https, else ""."""
    if not url or len(url) > 2000 or any(ord(c) <= 32 for c in url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.hostname and not parts.username else ""


def short(text: str | None, most: int = 200) -> str:
    """Return untrusted text as one short line."""
    words = " ".join((text or "").split())
    return words if len(words) <= most else words[: most - 1] + "…"
