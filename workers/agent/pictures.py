"""Pictures in a conversation: looked at no further than their header, stored by their digest, sent as base64.

Law: a picture is outside bytes. Nothing here decodes one, and what the service would refuse never enters a
conversation: it could not be taken out again.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable, Iterable
from typing import NamedTuple

from bot.domain.change import Image
from workers import GiveUp
from workers.agent import BlobStore, Block
from workers.agent.framing import one_line

LARGEST = 3_700_000
"""Bytes of one picture; in base64 the service takes 5 MB."""
MOST_PIXELS = 8000
"""Per side."""
MOST = 20
"""In one conversation: with more, the service takes only small ones."""
MOST_AT_ONCE = 8
MOST_BYTES = 16_000_000
"""Of all pictures in one conversation: a request may have 32 MB in all, and base64 takes a third more."""


class ImageBudget(NamedTuple):
    """The pictures that a conversation may still hold: their number, and their bytes together."""

    number: int
    size: int


class NotAPicture(Exception):
    """Why bytes are not shown to the model, as words that follow the picture's name."""


def media_type(data: bytes) -> str:
    """Return the media type of picture bytes by their header alone. Raises `NotAPicture`."""
    if not data:
        raise NotAPicture("is empty")
    if len(data) > LARGEST:
        raise NotAPicture(f"is too big ({len(data):,} bytes, at most {LARGEST:,})")
    found = _size(data)
    if found is None:
        raise NotAPicture("is not a PNG, JPEG, GIF or WebP picture")
    kind, width, height = found
    if not 0 < width <= MOST_PIXELS or not 0 < height <= MOST_PIXELS:
        raise NotAPicture(f"is {width} x {height} pixels, at most {MOST_PIXELS} a side can be shown")
    if not _whole(kind, data):
        raise NotAPicture("is cut off or broken")
    return kind


def stored(data: bytes, blobs: BlobStore, budget: ImageBudget) -> Block:
    """Return the block of a picture as rows hold it. Raises `NotAPicture`, also where the budget is used up."""
    kind = media_type(data)
    if budget.number < 1 or budget.size < len(data):
        raise NotAPicture("is not shown: this conversation holds as many pictures as it can")
    return {"type": "image", "source": {"type": "kept", "media_type": kind, "id": blobs.put(data), "size": len(data)}}


def expanded(block: Block, blobs: BlobStore) -> Block:
    """Return a block as it is sent. Raises `GiveUp` where a picture of the conversation is no longer kept."""
    content = block.get("content")
    if block.get("type") == "tool_result" and isinstance(content, list):
        return {**block, "content": [expanded(part, blobs) for part in content]}
    source = block.get("source")
    if block.get("type") != "image" or not isinstance(source, dict) or source.get("type") != "kept":
        return block
    try:
        data = blobs.get(source["id"])
    except FileNotFoundError:
        raise GiveUp("A picture of this conversation is no longer kept.", "Ask again in a new message.") from None
    encoded = base64.b64encode(data).decode()
    return {**block, "source": {"type": "base64", "media_type": source["media_type"], "data": encoded}}


def of(blocks: Iterable[Block]) -> list[Block]:
    """Return the pictures that people sent among the blocks of rows."""
    return [block for block in blocks if block.get("type") == "image"]


def budget_left(blocks: Iterable[Block]) -> ImageBudget:
    """Return what is left of the budget by these blocks of a conversation, pictures in tool results included."""
    number, size = MOST, MOST_BYTES
    for block in blocks:
        content = block.get("content")
        parts = content if isinstance(content, list) else [block]
        sizes = [part["source"]["size"] for part in parts if part.get("type") == "image"]
        number, size = number - len(sizes), size - sum(sizes)
    return ImageBudget(number, size)


def shown(
    images: tuple[Image, ...], fetch: Callable[[Image], bytes | str], blobs: BlobStore, left: ImageBudget
) -> list[Block]:
    """Return the pictures of a message as blocks, each after its name; for one that cannot be shown, the reason."""
    blocks: list[Block] = []
    for number, image in enumerate(images):
        name = one_line(image.name, 80) or "without a name"
        if number >= MOST_AT_ONCE:
            blocks.append(_said(f"[{len(images) - number} more pictures were sent and are not shown]"))
            break
        try:
            block = _fetched(fetch(image), blobs, left)
        except NotAPicture as why:
            blocks.append(_said(f"[the picture {name} {why}]"))
        else:
            blocks += [_said(f"[picture {name}]"), block]
            left = ImageBudget(left.number - 1, left.size - block["source"]["size"])
    return blocks


def _fetched(data: bytes | str, blobs: BlobStore, left: ImageBudget) -> Block:
    if isinstance(data, str):
        raise NotAPicture(f"could not be fetched: {data}")
    return stored(data, blobs, left)


def _said(words: str) -> Block:
    return {"type": "text", "text": words}


def _whole(kind: str, data: bytes) -> bool:
    """Return whether the picture is complete, judged by its format's end mark."""
    if kind == "image/webp":
        return int.from_bytes(data[4:8], "little") + 8 <= len(data) + 1
    ends = {"image/png": b"IEND\xaeB`\x82", "image/jpeg": b"\xff\xd9", "image/gif": b";"}
    return ends[kind] in data


def _size(data: bytes) -> tuple[str, int, int] | None:
    """Return (media type, width, height) by the header."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR" and len(data) >= 24:
        return "image/png", *struct.unpack(">II", data[16:24])
    if data[:6] in {b"GIF87a", b"GIF89a"} and len(data) >= 10:
        return "image/gif", *struct.unpack("<HH", data[6:10])
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP" and len(data) >= 30:
        return _webp(data)
    return _jpeg(data) if data.startswith(b"\xff\xd8\xff") else None


def _webp(data: bytes) -> tuple[str, int, int] | None:
    kind = data[12:16]
    if kind == b"VP8X":
        return "image/webp", int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if kind == b"VP8L" and data[20] == 0x2F:
        bits = int.from_bytes(data[21:25], "little")
        return "image/webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", data[26:30])
        return "image/webp", width & 0x3FFF, height & 0x3FFF
    return None


def _jpeg(data: bytes) -> tuple[str, int, int] | None:
    """From marker to marker until a frame header says the size."""
    at = 2
    for _ in range(500):
        while at < len(data) and data[at] == 0xFF and at + 1 < len(data) and data[at + 1] == 0xFF:
            at += 1
        if at + 9 > len(data) or data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return "image/jpeg", width, height
        at += 2 if marker == 0x01 or 0xD0 <= marker <= 0xD7 else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None
