"""Configured values of this installation, plain or encoded, wherever they turn up.

Law: whoever sends words or bytes outside may ask here; the answer is yes or no, and nothing else leaves.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
import unicodedata
from urllib.parse import quote

SHORTEST = 8
"""Characters; what is shorter would be found everywhere."""
_JOINTS = re.compile(rb"[\s\"'`+,;\\|&.()\[\]{}<>]+")
_MOST = 12 * 1024 * 1024

LONG = 12
"""Letters and digits that a value needs to be looked for without all that stands between them."""
_BETWEEN = re.compile(rb"[^A-Za-z0-9]+")
_NO_DIGITS = re.compile(rb"[^0-9]+")

Needles = tuple[tuple[bytes, ...], tuple[bytes, ...], tuple[bytes, ...], tuple[bytes, ...], tuple[bytes, ...]]
"""What is looked for in the content as it is, in lower case, without blanks, quotes and joints, with nothing left but
letters and digits, and with nothing left but digits."""


def needles(secrets: tuple[str, ...]) -> Needles:
    """Every spelling of every secret that is looked for: compute once, use for many texts."""
    plain: dict[bytes, None] = {}
    folded: dict[bytes, None] = {}
    squeezed: dict[bytes, None] = {}
    bare: dict[bytes, None] = {}
    digits: dict[bytes, None] = {}
    for secret in secrets:
        value = secret.strip().encode("utf-8", "surrogateescape")
        if len(value) < SHORTEST:
            continue
        for one in (value, value[::-1]):
            plain |= dict.fromkeys((one, *_encoded(one)))
            folded |= dict.fromkeys(_folded(one))
            squeezed[_JOINTS.sub(b"", one)] = None
            bare |= dict.fromkeys(_BETWEEN.sub(b"", each) for each in (one, one.swapcase(), *_base64(one)))
            digits |= dict.fromkeys((_decimal(one), _octal(one), _octal(one, 3), _binary(one)))
        plain[codecs.encode(secret.strip(), "rot13").encode("utf-8", "surrogateescape")] = None
    joined = {_JOINTS.sub(b"", one): None for one in plain}
    fit = [tuple(one for one in kind if len(one) >= SHORTEST) for kind in (plain, folded, squeezed | joined)]
    return fit[0], fit[1], fit[2], tuple(one for one in bare if len(one) >= LONG), tuple(digits)


def holds(needles: Needles, content: bytes | str) -> bool:
    """Whether any secret is in `content`: raw, base64, base32, hex, percent or rot13, reversed, split over lines."""
    if not any(needles):
        return False
    raw = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    raw = raw[:_MOST]
    if not raw.isascii():  # letters of other alphabets that are read as these
        raw += unicodedata.normalize("NFKC", raw.decode("utf-8", "ignore")).encode("utf-8", "replace")
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raw += raw.decode("utf-16", "replace").encode("utf-8", "replace")
    elif b"\0" in raw:
        raw += raw.replace(b"\0", b"")
    plain, folded, squeezed, bare, digits = needles
    if any(one in raw for one in plain):
        return True
    lower = raw.lower()
    if any(one in lower for one in folded):
        return True
    tight = _JOINTS.sub(b"", raw)
    if any(one in tight for one in squeezed):
        return True
    dense = _HEX_JOINTS.sub(b"", lower)
    if any(one in dense for one in folded):
        return True
    tight = _BETWEEN.sub(b"", raw)
    if any(one in tight for one in bare):
        return True
    numbers = _NO_DIGITS.sub(b"", raw)
    return any(one in numbers for one in digits)


_HEX_JOINTS = re.compile(rb"\\x|\}?\\u\{|\\u00|;?&#x|0x|%|[\s\"'`+,;:\\|&.()\[\]{}<>-]+")


def _encoded(value: bytes) -> tuple[bytes, ...]:
    once = _base64(value)
    twice = _base64(base64.b64encode(value))
    return (
        *once,
        *twice,
        *_base64(binascii.hexlify(value)),
        binascii.hexlify(base64.b64encode(value).rstrip(b"=")),
        base64.b64encode(value)[::-1].lstrip(b"="),
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
    return (binascii.hexlify(value), value.lower(), base64.b32encode(value).rstrip(b"=").lower())


def _decimal(value: bytes) -> bytes:
    return "".join(map(str, value)).encode()


def _octal(value: bytes, width: int = 0) -> bytes:
    return "".join(f"{one:0{width}o}" for one in value).encode()


def _binary(value: bytes) -> bytes:
    return "".join(f"{one:08b}" for one in value).encode()
