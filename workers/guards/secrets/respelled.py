"""Added lines as a program would read them: pieces joined, escapes, base64 and hex undone.

What comes out is only searched for forms that chance does not make; sizes are capped, since attackers write it.
"""

from __future__ import annotations

import base64
import binascii
import html
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from urllib.parse import unquote

from bot.secret_forms import compiled
from workers.guards.edits import Line
from workers.guards.secrets.added import Added

_LONGEST = 4000
_MOST_LINES = 20_000
_MOST_DECODED = 1 << 21
_OF_KEY = 48
"""Letters of base64 that no key is shorter than, and that its beginning is read from."""
_RUN = 12
"""Lines whose pieces are joined at once."""
_SEAM = compiled(
    r"[\"'`][ \t]{0,8}\)?\.concat\([ \t]{0,8}[\"'`]|"
    r"[\"'`][ \t]{0,8}(?:[+.,&~]|\.\.|<>|\|\||\\)?[ \t]{0,8}\n?[ \t]{0,40}(?:[+.,&]|\.\.|<>)?[ \t]{0,8}"
    r"[rbfuRBFU]?[\"'`]"
)
_SUMMED = compiled(
    r"[\"'`][ \t]{0,8}(?:(?:\+|\.\.?|<>|&)[ \t]{0,8}\n?|\\?\n)[ \t]{0,40}(?:(?:\+|\.\.?|<>|&)[ \t]{0,8})?[\"'`]"
)
"""A seam that no list or table of values has."""
_ESCAPES = compiled(r"(?:\\x[0-9a-fA-F]{2}|\\u00[0-9a-fA-F]{2}|\\u\{[0-9a-fA-F]{2}\}){8,400}")
_ESCAPE = compiled(r"\\(?:x|u00|u\{)([0-9a-fA-F]{2})")
_ENCODED = compiled(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_HEX = compiled(r"(?:[0-9a-fA-F]{2}){18,}")
_NUMBERS = compiled(r"(?:(?:0[xX][0-9a-fA-F]{2}|\d{2,3})(?:u8)?[, \t\n]+){11,}(?:0[xX][0-9a-fA-F]{2}|\d{2,3})")
_NUMBER = compiled(r"0[xX]([0-9a-fA-F]{2})|(\d{2,3})")
_KEYS = (
    compiled(r"(?s)^\x30\x82..\x02\x01\x00(?:\x02[\x81\x82]|\x30\x0d\x06\x09|\x30\x13\x06\x07)"),
    compiled(r"(?s)^\x30[\x2e-\xff].?\x02\x01\x01\x04[\x20\x30\x42]"),
    compiled(r"^\x30[\x2e-\xff]\x02\x01\x00\x30[\x05\x10]\x06"),
    compiled(r"^openssh-key-v1\x00"),
)
"""How private keys begin in DER (RSA and PKCS #8, SEC 1, short PKCS #8) and in OpenSSH's own form."""
_CONSTANT = compiled(r"(?m)\b([A-Za-z_]\w{0,60})[ \t]*(?::[ \t]*[\w&' ]{1,30})?:?=[ \t]*[\"'`]([^\"'`\n]{1,300})[\"'`]")
_SUM = compiled(
    r"(?:[A-Za-z_]\w{0,60}[ \t]{0,4}(?:\+|\.\.|<>|\.|&)[ \t]{0,4}\$?){1,12}[A-Za-z_]\w{0,60}|"
    r"(?:\$[A-Za-z_]\w{0,60}){2,12}|(?:[$#]?\{[A-Za-z_]\w{0,60}\}){2,12}"
)
_NAME = compiled(r"[A-Za-z_]\w{0,60}")
_TURNED = compiled(r"\[::-1\]|\breverse|\brev\b|strrev")
_TOKEN = compiled(r"[\w.-]{20,300}")
_STRANGE = compiled(r"[^\t\n\r -~]")

Where = Callable[[int], tuple[int, str]]


def texts(added: Added) -> tuple[bytes, Where]:
    """Return all that reads differently than it looks, in one text, and where in the file a place in it is from."""
    every: list[tuple[bytes, int, str]] = []
    left = _MOST_DECODED
    for piece in _pieces(added):
        every.append(piece)
        left -= len(piece[0])
        if left < 0:
            break
    begins = list(accumulate((len(text) + 1 for text, _, _ in every), initial=0))
    return b"\n".join(text for text, _, _ in every), lambda at: every[bisect_right(begins, at) - 1][1:]


def _pieces(added: Added) -> Iterator[tuple[bytes, int, str]]:
    lines = added.lines[:_MOST_LINES]
    for run in _runs(lines):
        whole = "\n".join(line.text[:_LONGEST] for line in run).encode("utf-8", "replace")
        if (sewn := _SEAM.sub(b"", whole)) != whole:
            yield sewn, run[0].number, "put together from pieces"
    yield from _summed(
        added, b"\n".join(_SEAM.sub(b"", line.text[:_LONGEST].encode("utf-8", "replace")) for line in lines)
    )
    for line in lines:
        if "%5" in line.text or "%2" in line.text:
            yield unquote(line.text[:_LONGEST]).encode("utf-8", "replace"), line.number, "escaped"
        if "&#" in line.text:
            yield html.unescape(line.text[:_LONGEST]).encode("utf-8", "replace"), line.number, "escaped"
    for at, plain, how in _decoded(added.content):
        if plain and not _STRANGE.search(plain):
            yield plain, added.number(at), how


def sewn(added: Added) -> Added:
    """Return the runs of lines in which pieces were joined, each as it reads then, with its first line's number."""
    joined = []
    for run in _runs(added.lines[:_MOST_LINES]):
        whole = "\n".join(line.text[:_LONGEST] for line in run).encode("utf-8", "replace")
        if (text := _SUMMED.sub(b"", whole)) != whole:
            joined.append(Line(run[0].number, text.decode("utf-8", "replace")))
    return Added(joined)


def _runs(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Yield lines that stand below each other, a dozen at most."""
    run: list[Line] = []
    for line in lines:
        if run and (line.number != run[-1].number + 1 or len(run) >= _RUN):
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def _summed(added: Added, sewn: bytes) -> Iterator[tuple[bytes, int, str]]:
    """Yield what sums and templates of added constants come to, where every name in them is one."""
    constants = {one[1]: one[2] or b"" for one in _CONSTANT.finditer(sewn)}
    for one in _SUM.finditer(added.content) if len(constants) > 1 else ():
        names = [name.group() for name in _NAME.finditer(one.group())]
        if all(name in constants for name in names):
            yield b"".join(constants[name] for name in names), added.number(one.start()), "put together from pieces"


def keys(added: Added) -> Iterator[int]:
    """Yield the lines in which the base64 of a private key begins, without the lines that go around it."""
    for one in _ENCODED.finditer(added.content):
        begins = _from_base64(one.group()[:_OF_KEY]) if len(one.group()) >= _OF_KEY else b""
        if any(form.search(begins) for form in _KEYS):
            yield added.number(one.start())


def _decoded(content: bytes) -> Iterator[tuple[int, bytes, str]]:
    for one in _ESCAPES.finditer(content):
        codes = b"".join(code[1] or b"" for code in _ESCAPE.finditer(one.group()))
        yield one.start(), binascii.unhexlify(codes), "escaped"
    for one in _ENCODED.finditer(content):
        yield one.start(), _from_base64(one.group()[: 2 * _LONGEST]), "in base64"
    for one in _HEX.finditer(content):
        yield one.start(), binascii.unhexlify(one.group()[: 2 * _LONGEST]), "in hex"
    for one in _NUMBERS.finditer(content):
        numbers = [int(each[1], 16) if each[1] else int(each[2] or 0) for each in _NUMBER.finditer(one.group())]
        yield one.start(), bytes(number for number in numbers if number < 256), "written as numbers"
    if _TURNED.search(content):
        for one in _TOKEN.finditer(content):
            yield one.start(), one.group()[::-1], "backwards"


def _from_base64(word: bytes) -> bytes:
    bare = word.rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
    try:
        return base64.b64decode(bare + b"=" * (-len(bare) % 4))
    except ValueError:
        return b""
