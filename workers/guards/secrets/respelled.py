"""Added lines as a program would read them: pieces joined, escapes, base64 and hex undone.

Law: what comes out is only looked at for forms that chance does not make; sizes are capped, since attackers write it.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterator, Sequence
from urllib.parse import unquote

from workers.guards.edits import Line

_LONGEST = 4000
_MOST_LINES = 20_000
_MOST_DECODED = 1 << 21
_SEAM = re.compile(
    r"([\"'`])[ \t]{0,8}(?:[+.,&~]|\.\.|<>|\|\||\\)?[ \t]{0,8}\n?[ \t]{0,40}(?:[+.,&]|\.\.|<>)?[ \t]{0,8}"
    r"[rbfuRBFU]?([\"'`])"
)
_ESCAPES = re.compile(r"(?:\\x[0-9a-fA-F]{2}|\\u00[0-9a-fA-F]{2}|\\u\{[0-9a-fA-F]{2}\}){8,400}")
_ESCAPE = re.compile(r"\\x([0-9a-fA-F]{2})|\\u00([0-9a-fA-F]{2})|\\u\{([0-9a-fA-F]{2})\}")
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{24,8000}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){18,4000}")
_TURNED = re.compile(r"\[::-1\]|\breverse|\brev\b|strrev")
_TOKEN = re.compile(r"[\w.-]{20,300}")


def texts(added: Sequence[Line]) -> Iterator[tuple[str, int, str]]:
    """(text, line number, how it is spelled) of everything that reads differently than it looks."""
    lines = added[:_MOST_LINES]
    yield from _joined(lines)
    left = _MOST_DECODED
    turned = any(_TURNED.search(line.text[:_LONGEST]) for line in lines)
    for line in lines:
        text = line.text[:_LONGEST]
        if left <= 0:
            return
        for decoded, how in _decoded(text, turned):
            left -= len(decoded)
            yield decoded, line.number, how


def _joined(lines: Sequence[Line]) -> Iterator[tuple[str, int, str]]:
    """Runs of lines that go on below each other, their string literals joined."""
    run: list[str] = []
    first = last = 0
    for line in lines:
        if run and (line.number != last + 1 or len(run) >= 12):
            yield from _sewn(run, first)
            run = []
        if not run:
            first = line.number
        run.append(line.text[:_LONGEST])
        last = line.number
    if run:
        yield from _sewn(run, first)


def _sewn(run: list[str], first: int) -> Iterator[tuple[str, int, str]]:
    whole = "\n".join(run)
    sewn = _SEAM.sub("", whole)
    if sewn != whole:
        yield sewn, first, "put together from pieces"


def _decoded(text: str, turned: bool) -> Iterator[tuple[str, str]]:
    for one in _ESCAPES.finditer(text):
        yield "".join(chr(int(a or b or c, 16)) for a, b, c in _ESCAPE.findall(one.group())), "escaped"
    if "%5" in text or "%2" in text:
        yield unquote(text), "escaped"
    if "&#" in text:
        yield html.unescape(text), "escaped"
    for one in _ENCODED.finditer(text):
        if plain := _from_base64(one.group()):
            yield plain, "in base64"
    for one in _HEX.finditer(text):
        plain = _printable(binascii.unhexlify(one.group()[: len(one.group()) // 2 * 2]))
        if plain:
            yield plain, "in hex"
    for one in _TOKEN.finditer(text) if turned else ():
        yield one.group()[::-1], "backwards"


def _from_base64(word: str) -> str:
    bare = word.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return _printable(base64.b64decode(bare + "=" * (-len(bare) % 4)))
    except (ValueError, binascii.Error):
        return ""


def _printable(content: bytes) -> str:
    """The text that bytes spell, "" where they spell none."""
    return content.decode("ascii") if content.isascii() and not re.search(rb"[^\t\n\r -~]", content) else ""
