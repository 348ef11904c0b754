"""The shape of content blocks, one by one; how blocks must follow each other is `validate_messages`' concern."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Mapping
from typing import Any

from playground.claude.errors import invalid
from playground.claude.request import Block

FIELDS: dict[str, set[str]] = {
    "text": {"type", "text", "cache_control", "citations"},
    "image": {"type", "source", "cache_control", "transformations"},
    "document": {"type", "source", "cache_control", "citations", "context", "title"},
    "tool_result": {"type", "tool_use_id", "content", "is_error", "cache_control", "toolset_name"},
    "tool_use": {"type", "id", "name", "input", "cache_control", "caller", "toolset_name"},
    "thinking": {"type", "thinking", "signature"},
}
MEDIA = {
    "image": ("image/jpeg", "image/png", "image/gif", "image/webp"),
    "document": ("application/pdf", "text/plain"),
}
MAGIC = {"image/jpeg": b"\xff\xd8", "image/png": b"\x89PNG", "image/gif": b"GIF8", "image/webp": b"RIFF"}
TOOL_USE_ID = re.compile(r"[a-zA-Z0-9_-]+")


def check_fields(value: Mapping[str, Any], allowed: Collection[str], where: str) -> None:
    for name in value:
        if name not in allowed:
            raise invalid(f"{where}.{name}: Extra inputs are not permitted")


def check_cache_control(value: object, where: str) -> None:
    if not isinstance(value, dict) or value.get("type") != "ephemeral":
        raise invalid(f"{where}.type: Input should be 'ephemeral'")
    check_fields(value, {"type", "ttl"}, where)
    if value.get("ttl", "5m") not in ("5m", "1h"):
        raise invalid(f"{where}.ttl: Input should be '5m' or '1h'")


def content_blocks(value: object, allowed: Collection[str], where: str) -> list[Block]:
    """Return `value` (a string, or a list of blocks of the allowed types) as a checked list of blocks."""
    if isinstance(value, str):
        value = [{"type": "text", "text": value}]
    if not isinstance(value, list):
        raise invalid(f"{where}: Input should be a valid string or list")
    for index, block in enumerate(value):
        _check_block(block, allowed, f"{where}.{index}")
    return value


def _check_block(block: object, allowed: Collection[str], where: str) -> None:
    if not isinstance(block, dict) or not isinstance(block.get("type"), str):
        raise invalid(f"{where}.type: Field required")
    kind = block["type"]
    if kind not in allowed:
        raise invalid(f"{where}: Input tag '{kind}' found using 'type' does not match any of the expected tags here")
    check_fields(block, FIELDS[kind], f"{where}.{kind}")
    if block.get("cache_control") is not None:
        check_cache_control(block["cache_control"], f"{where}.cache_control")
    if kind == "text":
        _check_text(block, where)
    elif kind in MEDIA:
        _check_source(block, kind, where)
    elif kind == "tool_use":
        _check_tool_use(block, where)
    elif kind == "tool_result":
        _check_tool_result(block, where)
    elif not isinstance(block.get("thinking"), str) or not isinstance(block.get("signature"), str):
        raise invalid(f"{where}.thinking: thinking blocks need `thinking` and `signature`, exactly as returned")


def _check_text(block: Block, where: str) -> None:
    if not isinstance(block.get("text"), str):
        raise invalid(f"{where}.text.text: Field required")
    if not block["text"]:
        raise invalid(f"{where}: text content blocks must be non-empty")
    if not block["text"].strip():
        raise invalid(f"{where}: text content blocks must contain non-whitespace text")


def _check_source(block: Block, kind: str, where: str) -> None:
    source = block.get("source")
    if not isinstance(source, dict) or source.get("type") not in ("base64", "url", "text"):
        raise invalid(f"{where}.{kind}.source: Input should be a base64, url or text source")
    if source["type"] == "url":
        if not str(source.get("url", "")).startswith("https://"):
            raise invalid(f"{where}.{kind}.source.url: Only HTTPS URLs are supported")
        return
    media = source.get("media_type")
    if media not in MEDIA[kind]:
        raise invalid(f"{where}.{kind}.source.media_type: Input should be one of {', '.join(MEDIA[kind])}")
    if source["type"] == "base64":
        try:
            data = base64.b64decode(str(source.get("data", "")), validate=True)
        except (binascii.Error, ValueError):
            raise invalid(f"{where}.{kind}.source.base64.data: Invalid base64 data") from None
        if media in MAGIC and not data.startswith(MAGIC[media]):
            raise invalid(f"{where}.{kind}.source.base64: the image was specified as {media} but does not look like it")


def _check_tool_use(block: Block, where: str) -> None:
    if not isinstance(block.get("id"), str) or not TOOL_USE_ID.fullmatch(block["id"]):
        raise invalid(f"{where}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'")
    if not isinstance(block.get("name"), str) or not block["name"]:
        raise invalid(f"{where}.tool_use.name: Field required")
    if not isinstance(block.get("input"), dict):
        raise invalid(f"{where}.tool_use.input: Input should be a valid dictionary")


def _check_tool_result(block: Block, where: str) -> None:
    if not isinstance(block.get("tool_use_id"), str):
        raise invalid(f"{where}.tool_result.tool_use_id: Field required")
    if not isinstance(block.get("is_error", False), bool):
        raise invalid(f"{where}.tool_result.is_error: Input should be a valid boolean")
    content = block.get("content")
    if content is None or content == "":
        return
    if not isinstance(content, str):
        parts = content_blocks(content, ("text", "image", "document"), f"{where}.tool_result.content")
        if block.get("is_error") and any(part["type"] != "text" for part in parts):
            raise invalid(f"{where}: all content must be type `text` if `is_error` is true")
