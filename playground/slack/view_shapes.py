"""Modals and home tabs: their keys, limits and the combinations Slack refuses.

Law: a modal with an input needs a submit button; the title and both buttons are plain text of at most 24 characters.
"""

from __future__ import annotations

from typing import Any

from playground.slack.blockkit import block_problems
from playground.slack.shapes import (
    Problems,
    Rule,
    anything,
    boolean,
    choice,
    plain_text,
    problem,
    record,
    string,
)

EXTRA: dict[str, Rule] = {
    "private_metadata": string(3000, 0),
    "callback_id": string(255, 0),
    "external_id": string(255, 0),
}
MODAL = record(
    {"type": choice("modal"), "title": plain_text(24), "blocks": anything},
    {
        "close": plain_text(24),
        "submit": plain_text(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
        **EXTRA,
    },
)
HOME = record({"type": choice("home"), "blocks": anything}, EXTRA)


def view_problems(view: Any, surface: str = "modal") -> Problems:
    """Return what is wrong with this view, as Slack's sentences; [] if nothing."""
    problems: Problems = []
    (MODAL if surface == "modal" else HOME)(view, "/view", problems)
    if isinstance(view, dict) and "blocks" in view:
        problems += block_problems(view["blocks"], surface, "/view/blocks")
    if problems or surface != "modal":
        return problems
    if any(block["type"] == "input" for block in view["blocks"]) and "submit" not in view:
        problem(problems, "a modal with input blocks needs submit", "/view/submit")
    return problems
