"""Configured values of this installation, plain or encoded, wherever they turn up.

Law: whoever sends words or bytes outside may ask here; the answer is yes or no, and nothing else leaves.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from urllib.parse import quote

SHORTEST = 8
"""Characters; what is shorter would be found everywhere."""
_JOINTS = re.compile(rb"[\s\"'`+,;\\|&.()\[\]{}<>]+")
_MOST = 12 * 1024 * 1024

Needles = tuple[tuple[bytes, ...], tuple[bytes, ...], tuple[bytes, ...]]
"""What is looked for in the content as it is, in lower case, and without blanks, quotes and joints."""


def needles(secrets: tuple[str, ...]) -> Needles:
    """Every spelling of every secret that is looked for: compute once, use for many texts."""
    plain: dict[bytes, None] = {}
    folded: dict[bytes, None] = {}
    squeezed: dict[bytes, None] = {}
    for secret in secrets:
        value = secret.strip().encode("utf-8", "surrogateescape")
        if len(value) < SHORTEST:
            continue
        for one in (value, value[::-1]):
            plain |= dict.fromkeys((one, *_encoded(one)))
            folded |= dict.fromkeys(_folded(one))
            squeezed[_JOINTS.sub(b"", one)] = None
        plain[codecs.encode(secret.strip(), "rot13").encode("utf-8", "surrogateescape")] = None
    joined = {_JOINTS.sub(b"", one): None for one in plain}
    fit = [tuple(one for one in kind if len(one) >= SHORTEST) for kind in (plain, folded, squeezed | joined)]
    return fit[0], fit[1], fit[2]


def holds(needles: Needles, content: bytes | str) -> bool:
    """Whether any secret is in `content`: raw, base64, base32, hex, percent or rot13, reversed, split over lines."""
    if not any(needles):
        return False
    raw = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    raw = raw[:_MOST]
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raw += raw.decode("utf-16", "replace").encode("utf-8", "replace")
    elif b"\0" in raw:
        raw += raw.replace(b"\0", b"")
    plain, folded, squeezed = needles
    if any(one in raw for one in plain):
        return True
    lower = raw.lower()
    if any(one in lower for one in folded):
        return True
    tight = _JOINTS.sub(b"", raw)
    if any(one in tight for one in squeezed):
        return True
    dense = _HEX_JOINTS.sub(b"", lower)
    return any(one in dense for one in folded)


_HEX_JOINTS = re.compile(rb"\\x|\\u00|0x|%|[\s\"'`+,;:\\|&.()\[\]{}<>-]+")


def _encoded(value: bytes) -> tuple[bytes, ...]:
    once = _base64(value)
    twice = _base64(base64.b64encode(value))
    return (
        *once,
        *twice,
        base64.b32encode(value).rstrip(b"="),
        base64.b85encode(value),
        base64.a85encode(value),
        quote(value, safe="").encode(),
    )


def _base64(value: bytes) -> tuple[bytes, ...]:
    """What stays the same of a value in base64 wherever it begins in the encoded bytes."""
    spelled: list[bytes] = []
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + value)
        start = (0, 2, 3)[shift]
        size = len(value) + shift
        end = size * 8 // 6
        piece = whole[start:end]
        spelled += (piece, piece.replace(b"+", b"-").replace(b"/", b"_"))
    return tuple(spelled)


def _folded(value: bytes) -> tuple[bytes, ...]:
    return (binascii.hexlify(value), value.lower(), "".join(map(str, value)).encode())
