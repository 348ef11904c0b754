"""Known secrets become `[redacted]`, wherever text leaves for a person, a log or a forge.

Redact before cutting or escaping: half a secret is still a secret, and no form would find it any more. Here a wrong hit
costs one word, so forms that the guards judge by more than their looks (headers, names, addresses) are simpler here.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.secret_forms import compiled, tokens

MARK = "[redacted]"
_BEGIN = compiled(r"----[- ]BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?[- ]----([A-Za-z0-9+/=\s\\]*)")
_END = compiled(r"----[- ]END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?[- ]----")
_LONGEST_KEY = 20_000
_HEADER = compiled(r"(?i)\b(?:bearer|basic|token)\s{1,4}([A-Za-z0-9._~+/-]{20,}={0,2})")
_ADDRESS = compiled(r"://[^\s/:@]{0,100}:([^\s/@]{3,200})@")
_NAMED = compiled(
    r"(?i)(?:password|passwd|secret|api[_-]?key|access[_-]?token|auth[_-]?token|private[_-]?key)"
    r"[\"']?\s{0,4}[:=]\s{0,4}[\"']?([a-z0-9_/+=-]{12,})[.(\[]?"
)
_DIGIT = compiled(r"[0-9]")


def redact(text: str) -> str:
    """Return `text` with every secret that looks like one replaced, in time linear in its length."""
    content = text.encode("utf-8", "surrogatepass")
    kept, at = [], 0
    for start, end in sorted(_secrets(content)):
        if end > at:
            kept += [content[at:start], MARK.encode()] if start >= at else []
            at = end
    return b"".join((*kept, content[at:])).decode("utf-8", "surrogatepass")


def _secrets(content: bytes) -> Iterator[tuple[int, int]]:
    if b"PRIVATE KEY" in content:
        yield from _keys(content)
    yield from ((one.start, one.end) for one in tokens(content) if not one.form.public)
    for form in (_HEADER, _ADDRESS):
        yield from (one.span(1) for one in form.finditer(content))
    for one in _NAMED.finditer(content):
        # A value with a digit is a secret; what goes on as an expression (`secret=settings.x`) is code.
        start, end = one.span(1)
        if one.end() == end and _DIGIT.search(content, start, min(end, start + 200)):
            yield start, end


def _keys(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield where private keys are; of one whose end is missing, what looks like its body."""
    at, ends = 0, _END.finditer(content)
    end = next(ends, None)
    for key in _BEGIN.finditer(content):
        (start, behind), body = key.span(), key.start(1)
        if start < at:
            continue
        while end and end.start() < body:
            end = next(ends, None)
        at = end.end() if end and end.start() - body <= _LONGEST_KEY else behind
        yield start, at
