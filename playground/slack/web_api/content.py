"""Checking what a message or view is made of before it is shown to anybody.

Law: the limits here are Slack's; a message that passes renders completely on the phone page.
"""

from __future__ import annotations

from typing import Any

from playground.slack.blockkit import MOST_CHARACTERS, MOST_MARKDOWN, block_problems, characters
from playground.slack.shapes import anything, record, string
from playground.slack.state import Doc
from playground.slack.view_shapes import view_problems
from playground.slack.views import with_ids
from playground.slack.web_api.registry import ApiError, Call, invalid

MOST_BLOCK_TEXT = 13_200
METADATA = record({"event_type": string(255), "event_payload": anything})
LARGEST_METADATA = 16_000


def message_fields(call: Call, clear: bool = False) -> Doc:
    """Return `text`, `blocks`, `attachments`, `metadata` as stored. With `clear`, blocks that were not given are
    None.
    """
    args = call.args
    markdown = args.get("markdown_text")
    if markdown is not None and ("text" in args or "blocks" in args):
        raise ApiError("markdown_text_conflict")
    if markdown is not None and len(call.text("markdown_text")) > MOST_MARKDOWN:
        raise ApiError("msg_too_long")
    text, blocks, attachments = call.text("text"), args.get("blocks"), args.get("attachments")
    if not text and not blocks and not attachments and not markdown:
        raise ApiError("no_text")
    if len(text) > MOST_CHARACTERS:
        raise ApiError("msg_too_long")
    fields: Doc = {"text": text or markdown or ""}
    if markdown:
        blocks = [{"type": "markdown", "text": markdown}]
    if blocks is not None or clear:
        fields["blocks"] = checked_blocks(blocks) if blocks else None
    if attachments is not None:
        fields["attachments"] = _checked_attachments(attachments)
    if clear and args.get("metadata") == {}:
        fields["metadata"] = None  # chat.update takes it away
    elif args.get("metadata") is not None:
        fields["metadata"] = _checked_metadata(args["metadata"])
    return fields if clear else {key: value for key, value in fields.items() if value is not None}


def checked_blocks(blocks: Any) -> list[Doc]:
    """Return blocks with ids. Raises invalid_blocks with Slack's sentences, msg_blocks_too_long."""
    problems = block_problems(blocks)
    if problems:
        raise ApiError("invalid_blocks", errors=problems, response_metadata={"messages": problems})
    if characters(blocks) > MOST_BLOCK_TEXT:
        raise ApiError("msg_blocks_too_long")
    return with_ids(blocks)


def _checked_attachments(attachments: Any) -> list[Doc]:
    if not isinstance(attachments, list) or not all(isinstance(item, dict) for item in attachments):
        raise ApiError("invalid_attachments")
    if len(attachments) > 100:
        raise ApiError("too_many_attachments")
    return [item | ({"blocks": checked_blocks(item["blocks"])} if item.get("blocks") else {}) for item in attachments]


def _checked_metadata(metadata: Any) -> Doc:
    problems: list[str] = []
    METADATA(metadata, "/metadata", problems)
    if not problems and not isinstance(metadata["event_payload"], dict):
        problems.append("[ERROR] must be an object [json-pointer:/metadata/event_payload]")
    if problems:
        raise ApiError("invalid_metadata_format", response_metadata={"messages": problems})
    if len(str(metadata)) > LARGEST_METADATA:
        raise ApiError("metadata_too_large")
    return dict(metadata)


def checked_view(view: Any, surface: str = "modal") -> Doc:
    problems = view_problems(view, surface)
    if problems:
        raise invalid(*(sentence.removeprefix("[ERROR] ") for sentence in problems))
    return dict(view)
