"""The one form: what should be different."""

from __future__ import annotations

from typing import Any

from bot.cards import facts, text
from bot.cards.blocks import context, plain
from bot.domain import ids
from bot.domain.change import Change

ASK_CHANGES = "ask_changes"
BLOCK, INPUT = "wanted", "text"


def ask_for_changes(change: Change) -> dict[str, Any]:
    """Return a modal view; `private_metadata` carries the press value of the card it was opened from."""
    return {
        "type": "modal",
        "callback_id": ASK_CHANGES,
        "private_metadata": ids.press_value(change),
        "title": plain("Ask for changes"),
        "submit": plain("Send"),
        "close": plain("Not now"),
        "blocks": [
            {
                "type": "input",
                "block_id": BLOCK,
                "label": plain("What should be different?"),
                "element": {
                    "type": "plain_text_input",
                    "action_id": INPUT,
                    "multiline": True,
                    "max_length": 3000,
                    "focus_on_load": True,
                    "placeholder": plain("Say it as you would to a colleague"),
                },
            },
            *context(f"For “{text.line(facts.title(change), 150)}”. I go on in the same pull request."),
        ],
    }


def asked_text(view: dict[str, Any]) -> str:
    """Return what was typed into a submitted `ask_for_changes`; empty where nothing was."""
    values = view.get("state", {}).get("values", {})
    return str(values.get(BLOCK, {}).get(INPUT, {}).get("value") or "")
