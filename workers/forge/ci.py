"""Combine everything that GitHub says about a commit into one CI reading. Pure.

Law: only `success` passes; an unknown conclusion counts as failed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal
from urllib.parse import urlsplit

from bot.domain.change import CiReading, CiRun
from bot.domain.verdict import Counts

State = Literal["waiting", "running", "passed", "failed", "skipped"]
SKIPPED = frozenset({"skipped", "neutral"})
PREVIEW = re.compile(r"preview|deploy|netlify|vercel|pages", re.IGNORECASE)
REPORT = re.compile(r"junit|report|result|test", re.IGNORECASE)
UNFINISHED = frozenset({"waiting", "running"})


def check_state(status: str, conclusion: str | None) -> State:
    """Return the state of a check run."""
    if status == "completed":
        return "passed" if conclusion == "success" else "skipped" if conclusion in SKIPPED else "failed"
    return "running" if status == "in_progress" else "waiting"


def status_state(state: str) -> State:
    """Return the state of a commit status."""
    return "passed" if state == "success" else "running" if state == "pending" else "failed"


def reading(sha: str, runs: Sequence[CiRun], counts: Counts, *, unfinished: bool = False) -> CiReading:
    """Return one reading of all runs. It is red only after all have ended, so that a fix can address every failure."""
    states = {run.state for run in runs}
    overall: Literal["none", "pending", "green", "red"]
    if unfinished or states & UNFINISHED:
        overall = "pending"
    elif "failed" in states or counts.failed:
        overall = "red"
    else:
        overall = "green" if states else "none"
    return CiReading(sha=sha, state=overall, runs=tuple(runs), counts=counts)


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
