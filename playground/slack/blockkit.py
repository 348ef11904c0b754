"""Block Kit: which blocks a message may hold, and every limit on them.

Law: what Slack refuses is refused here with a JSON pointer; what is not known here is refused too, never ignored.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from playground.slack.element_shapes import ELEMENTS, IN_ACTIONS, IN_CONTEXT_ACTIONS, IN_INPUT, IN_SECTION
from playground.slack.shapes import (
    Problems,
    Rule,
    anything,
    boolean,
    by_type,
    choice,
    integer,
    many,
    plain_text,
    problem,
    record,
    string,
    text,
    url,
)

MOST_BLOCKS = 50
MOST_IN_A_VIEW = 100
MOST_MARKDOWN = 12_000
MOST_CHARACTERS = 40_000
BLOCK_ID = {"block_id": string(255)}


def _text_or_fields(value: Any, path: str, problems: Problems) -> None:
    if "text" not in value and "fields" not in value:
        problem(problems, "missing required field: text", path)


def _one_image_source(value: Any, path: str, problems: Problems) -> None:
    if ("image_url" in value) == ("slack_file" in value):
        problem(problems, "exactly one of image_url and slack_file is required", path)


def _same_width(value: Any, path: str, problems: Problems) -> None:
    rows = value.get("rows")
    if isinstance(rows, list) and len({len(row) for row in rows if isinstance(row, list)}) > 1:
        problem(problems, "all rows must have the same number of cells", path)


STYLE = record({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline", "highlight"), boolean))
INLINE = by_type(
    {
        "text": record({"text": string(12_000)}, {"style": STYLE}),
        "link": record({"url": url()}, {"text": string(3000), "style": STYLE, "unsafe": boolean}),
        "user": record({"user_id": string(30)}, {"style": STYLE}),
        "usergroup": record({"usergroup_id": string(30)}, {"style": STYLE}),
        "channel": record({"channel_id": string(30)}, {"style": STYLE}),
        "emoji": record({"name": string(100)}, {"unicode": string(100), "style": STYLE}),
        "broadcast": record({"range": choice("here", "channel", "everyone")}, {"style": STYLE}),
        "color": record({"value": string(9)}, {"style": STYLE}),
        "date": record(
            {"timestamp": integer(0, 2**40), "format": string(100)},
            {"fallback": string(200), "url": url(), "style": STYLE},
        ),
    }
)
SECTION = record({"elements": many(INLINE, 500)})
RICH = by_type(
    {
        "rich_text_section": SECTION,
        "rich_text_list": record(
            {"style": choice("bullet", "ordered"), "elements": many(by_type({"rich_text_section": SECTION}), 200)},
            {"indent": integer(0, 8), "offset": integer(0, 10_000), "border": integer(0, 1)},
        ),
        "rich_text_quote": record({"elements": many(INLINE, 500)}, {"border": integer(0, 1)}),
        "rich_text_preformatted": record(
            {"elements": many(INLINE, 500)}, {"border": integer(0, 1), "language": string(40)}
        ),
    }
)
RICH_TEXT = record({"elements": many(RICH, 200)}, BLOCK_ID)
CELL = by_type(
    {
        "raw_text": record({"text": string(3000, 0)}),
        "raw_number": record({"value": anything}, {"text": string(100)}),
        "rich_text": RICH_TEXT,
    }
)

COLUMN = record({}, {"align": choice("left", "center", "right"), "is_wrapped": boolean})
BLOCKS: dict[str, Rule] = {
    "section": record(
        {},
        {"text": text(3000), "fields": many(text(2000), 10), "accessory": IN_SECTION, "expand": boolean, **BLOCK_ID},
        _text_or_fields,
    ),
    "header": record({"text": plain_text(150)}, BLOCK_ID),
    "divider": record({}, BLOCK_ID),
    "context": record(
        {"elements": many(by_type({"image": ELEMENTS["image"], "plain_text": text(3000), "mrkdwn": text(3000)}), 10)},
        BLOCK_ID,
    ),
    "actions": record({"elements": many(IN_ACTIONS, 25)}, BLOCK_ID),
    "context_actions": record({"elements": many(IN_CONTEXT_ACTIONS, 5)}, BLOCK_ID),
    "image": record(
        {"alt_text": string(2000)},
        {
            "image_url": url(),
            "slack_file": record({}, {"id": string(30), "url": url()}),
            "title": plain_text(2000),
            **BLOCK_ID,
        },
        _one_image_source,
    ),
    "input": record(
        {"label": plain_text(2000), "element": IN_INPUT},
        {"hint": plain_text(2000), "optional": boolean, "dispatch_action": boolean, **BLOCK_ID},
    ),
    "markdown": record({"text": string(MOST_MARKDOWN)}, BLOCK_ID),
    "rich_text": RICH_TEXT,
    "table": record(
        {"rows": many(many(CELL, 20), 100)}, {"column_settings": many(COLUMN, 20), **BLOCK_ID}, _same_width
    ),
    "alert": record(
        {"text": text(3000)}, {"level": choice("default", "info", "warning", "error", "success"), **BLOCK_ID}
    ),
}
IN_MESSAGES = set(BLOCKS) - {"alert"}
IN_MODALS = {"section", "header", "divider", "context", "actions", "image", "input", "rich_text", "alert", "markdown"}
IN_HOME = IN_MODALS - {"alert"}


def block_problems(blocks: Any, surface: str = "message", path: str = "/blocks") -> Problems:
    """Return what is wrong with these blocks on a surface (`message`, `modal`, `home`), as Slack's sentences."""
    kinds = {"message": IN_MESSAGES, "modal": IN_MODALS, "home": IN_HOME}[surface]
    problems: Problems = []
    most = MOST_BLOCKS if surface == "message" else MOST_IN_A_VIEW
    many(by_type(BLOCKS, kinds), most, 0 if surface == "message" else 1)(blocks, path, problems)
    if problems:
        return problems
    _unique([block.get("block_id") for block in blocks], "block_id", path, problems)
    for index, block in enumerate(blocks):
        inner = block.get("elements", []) if block["type"] in ("actions", "context_actions") else []
        _unique([element.get("action_id") for element in inner], "action_id", f"{path}/{index}/elements", problems)
    if sum(len(block["text"]) for block in blocks if block["type"] == "markdown") > MOST_MARKDOWN:
        problem(problems, f"markdown blocks hold more than {MOST_MARKDOWN} characters together", path)
    if sum(block["type"] == "table" for block in blocks) > 1:
        problem(problems, "only_one_table_allowed", path)
    return problems


def characters(value: Any) -> int:
    """Return all text in the blocks, for the limit on the whole message."""
    return sum(len(found) for found in _texts(value))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "text" and isinstance(item, str):
                yield item
            else:
                yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _unique(values: list[Any], name: str, path: str, problems: Problems) -> None:
    given = [value for value in values if value is not None]
    for value in {json.dumps(value) for value in given if given.count(value) > 1}:
        problem(problems, f"`{name}` {value} already exists", path)
