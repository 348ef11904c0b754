"""Configured values of this installation, plain or encoded, wherever they turn up.

Code that sends words or bytes outside asks here; the answer is yes or no, and nothing else leaves.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import string
import unicodedata
from urllib.parse import quote

SHORTEST = 8
"""Characters; what is shorter would be found everywhere."""
LONG = 12
"""Letters and digits that a value needs to be looked for without all that stands between them."""
_MOST = 12 * 1024 * 1024
_BLANKS = string.whitespace.encode()
_JOINTS = _BLANKS + b"\"'`+,;\\|&.()[]{}<>"
_HEX_JOINTS = _JOINTS + b":-%"
_SPELLS_HEX = (b"\\u{", b"\\u00", b"\\x", b"&#x", b"0x")
_BETWEEN = bytes(set(range(256)) - set((string.ascii_letters + string.digits).encode()))
_NO_DIGITS = bytes(set(range(256)) - set(string.digits.encode()))

Needles = tuple[tuple[bytes, ...], tuple[bytes, ...], tuple[bytes, ...], tuple[bytes, ...], tuple[bytes, ...]]
"""What is looked for in the content as it is, in lower case, without blanks, quotes and joints, with nothing left but
letters and digits, and with nothing left but digits."""


def needles(secrets: tuple[str, ...]) -> Needles:
    """Return every spelling of every secret that is looked for: compute once, use for many texts."""
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
            squeezed[one.translate(None, _JOINTS)] = None
            bare |= dict.fromkeys(each.translate(None, _BETWEEN) for each in (one, one.swapcase(), *_base64(one)))
            digits |= dict.fromkeys((_decimal(one), _octal(one), _octal(one, 3), _binary(one)))
        plain[codecs.encode(secret.strip(), "rot13").encode("utf-8", "surrogateescape")] = None
    joined = {one.translate(None, _JOINTS): None for one in plain}
    fit = [tuple(one for one in kind if len(one) >= SHORTEST) for kind in (plain, folded, squeezed | joined)]
    return fit[0], fit[1], fit[2], tuple(one for one in bare if len(one) >= LONG), tuple(digits)


def holds(needles: Needles, content: bytes | str) -> bool:
    """Return whether a secret is in `content`: raw, in base64, base32, hex, percent or rot13, reversed, over lines."""
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
    lower = raw.lower()
    dense = lower
    for spelled in _SPELLS_HEX:
        dense = dense.replace(spelled, b"")
    plain, folded, squeezed, bare, digits = needles
    return any(
        any(one in text for one in kind)
        for kind, text in (
            (plain, raw),
            (folded, lower),
            (squeezed, raw.translate(None, _JOINTS)),
            (folded, dense.translate(None, _HEX_JOINTS)),
            (bare, raw.translate(None, _BETWEEN)),
            (digits, raw.translate(None, _NO_DIGITS)),
        )
    )


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
    """Return what stays the same of a value in base64 wherever it begins in the encoded bytes."""
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
