"""Signatures of thinking blocks: a block is good only unchanged, and (newer models) only where it was thought.

A signature holds two MACs: one over the block's text, one over model, everything before the block, and the text.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from playground.claude.errors import invalid
from playground.claude.prefix import conversation_chain
from playground.claude.request import MessagesRequest

MARK = b"scripted-stand-in:"
SIZE = hashlib.sha256().digest_size


def _mac(key: bytes, *parts: bytes) -> bytes:
    return hmac.new(key, b"\0".join(parts), hashlib.sha256).digest()


def sign(key: bytes, before: bytes, thinking: str) -> str:
    """Return the signature of a block with that text, after a conversation whose hash is `before`."""
    text = thinking.encode()
    return base64.b64encode(MARK + _mac(key, b"text", text) + _mac(key, b"place", before, text)).decode()


def check_signatures(key: bytes, request: MessagesRequest) -> None:
    """Refuse (400) a thinking block that was changed, or whose conversation was changed or given to another model."""
    for message, block, before in conversation_chain(request.model.id, request.messages):
        if block["type"] != "thinking":
            continue
        where = f"messages.{message.position}"
        try:
            signature = base64.b64decode(block["signature"], validate=True).removeprefix(MARK)
        except (binascii.Error, ValueError):
            signature = b""
        text = block["thinking"].encode()
        if not hmac.compare_digest(signature[:SIZE], _mac(key, b"text", text)):
            raise invalid(f"{where}: Invalid `signature` in `thinking` block")
        bound = hmac.compare_digest(signature[SIZE:], _mac(key, b"place", before, text))
        if request.model.bound_thinking and not bound:
            raise invalid(
                f"{where}: this `thinking` block is bound to the model and the messages before it, and they are not "
                "those it was made with. Return earlier messages unchanged, or start a new conversation."
            )
