"""The few Block Kit shapes that every phone shows: header, section, context, actions, image, divider.

Law: text given here is already inert (`bot.cards.text`). The builders only keep Slack's limits, and every button
carries the press value of the change it was drawn for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from bot.cards import text
from bot.domain import ids
from bot.domain.change import Change

Block = dict[str, Any]
Style = Literal["primary", "danger"]

SECTION = 3_000
CONTEXT = 2_000


def mrkdwn(words: str) -> Block:
    """Return a text object whose URLs and names Slack leaves alone."""
    return {"type": "mrkdwn", "text": words, "verbatim": True}


def plain(words: str) -> Block:
    """Return a text object in which nothing means anything."""
    return {"type": "plain_text", "text": words, "emoji": False}


def header(words: str) -> Block:
    """Return the title of a card; `words` may be outside text."""
    return {"type": "header", "text": plain(text.plain(words, 150) or "A change")}


def section(*lines: str) -> list[Block]:
    """Return one section of the lines that are not empty, or nothing at all."""
    kept = "\n".join(one for one in lines if one)
    return [{"type": "section", "text": mrkdwn(kept[:SECTION])}] if kept else []


def context(*lines: str) -> list[Block]:
    """Return small print, one element per line."""
    kept = [one for one in lines if one][:10]
    return [{"type": "context", "elements": [mrkdwn(one[:CONTEXT]) for one in kept]}] if kept else []


def actions(*buttons: Block | None) -> list[Block]:
    """Return one row of the buttons that there are; a row of none is no row."""
    kept = [button for button in buttons if button is not None][:25]
    return [{"type": "actions", "elements": kept}] if kept else []


def button(
    change: Change, action_id: str, label: str, style: Style | None = None, confirm: Block | None = None
) -> Block:
    """Return a button that is pressed at us; `label` may be outside text."""
    made: Block = {
        "type": "button",
        "action_id": action_id,
        "text": plain(text.plain(label, 75) or "–"),
        "value": ids.press_value(change),
    }
    if style:
        made["style"] = style
    if confirm:
        made["confirm"] = confirm
    return made


def link_button(change: Change, action_id: str, label: str, address: str, style: Style | None = None) -> Block | None:
    """Return a button that opens a page, or None where the address cannot be opened."""
    target = text.url(address)
    return {**button(change, action_id, label, style), "url": target} if target else None


def confirm(title: str, question: str, yes: str, no: str = "Not now", style: Style | None = None) -> Block:
    """Return a dialog before a press that counts. All may be outside text."""
    made: Block = {
        "title": plain(text.plain(title, 100)),
        "text": plain(text.plain(question, 300)),
        "confirm": plain(text.plain(yes, 30)),
        "deny": plain(text.plain(no, 30)),
    }
    if style:
        made["style"] = style
    return made


def rows(buttons: Sequence[Block], each: int = 5) -> list[Block]:
    """Return many buttons in rows of `each`."""
    return [block for start in range(0, len(buttons), each) for block in actions(*buttons[start : start + each])]
