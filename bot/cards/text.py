"""The one place where outside text becomes words of ours: repository, model, tests, names, people.

Law: everything that we did not write ourselves passes here. What comes out pings nobody, links nowhere, formats
nothing, hides nothing, and fits. The order is: clean, redact, neutralise, escape while cutting.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

from bot.domain.actor import Actor
from bot.secret_forms.redact import redact

ELLIPSIS = "…"
_MAX_INPUT = 100_000
_JOINER = "\u2060"
_DROPPED = frozenset(
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\u3164\ufeff\uffa0"
)
_TAGS = re.compile("[\U000e0000-\U000e0fff]+")
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u206a-\u206f]+")
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_ANSI = re.compile(r"\x1b(?:\[[0-9;?]{0,40}[ -/]?[@-~]|\][^\x07\x1b]{0,400}(?:\x07|\x1b\\)?)")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_LOOKALIKES = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})
_EDGE_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9_])_+|_+(?![A-Za-z0-9_])")
_SHORTCODE = re.compile(r":([A-Za-z0-9_+'-]{1,60}):")
_EVERYBODY = re.compile(r"@(?=here|channel|everyone|group)", re.I)
_ID = re.compile(r"[UW][A-Z0-9]{2,20}")


def clean(text: str) -> str:
    """Return readable, redacted text with plain line breaks: nothing invisible, no terminal codes, no piles of
    accents.
    """
    text = _BREAKS.sub("\n", _ANSI.sub("", text[:_MAX_INPUT]))
    text = _BIDI.sub("[hidden mark]", _TAGS.sub("[hidden text]", text))
    kept: list[str] = []
    marks = 0
    for char in text:
        if char in "\n\t":
            kept.append("\n" if char == "\n" else "    ")
            continue
        category = unicodedata.category(char)
        if char in _DROPPED or category in {"Cc", "Cs", "Cf", "Co", "Cn"}:
            continue
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if marks <= 3:
            kept.append(char)
    return redact("".join(kept))


def line(text: str, limit: int = 150) -> str:
    """Inert mrkdwn on one line, at most `limit` characters as Slack counts them."""
    return _cut(_inert(" ".join(clean(text).split())), limit)


def paragraph(text: str, limit: int = 600, lines: int = 8) -> str:
    """Inert mrkdwn on at most `lines` lines; blank lines are dropped."""
    kept = [" ".join(one.split()) for one in clean(text).split("\n") if one.strip()]
    shown = kept[:lines]
    if len(kept) > lines:
        shown[-1] += f" {ELLIPSIS}"
    return _cut(_inert("\n".join(shown)), limit)


def quote(text: str, limit: int = 600, lines: int = 8) -> str:
    """Return a paragraph with a quotation bar on each line, so that none of them can pass for a line of ours."""
    told = paragraph(text, limit - 2 * lines, lines)
    return "\n".join(f"> {one}" for one in told.split("\n")) if told else ""


def plain(text: str, limit: int = 75) -> str:
    """Return one line for a `plain_text` object, which is neither escaped nor formatted by Slack."""
    told = " ".join(clean(text).split())
    told = re.sub(r"<(?=[!@#]|https?:)", "‹", told)
    return _cut(_EVERYBODY.sub(f"@{_JOINER}", told), limit, escape=False)


def name(actor: Actor) -> str:
    """Return a person's name, which notifies nobody."""
    return line(actor.name or actor.id, 40)


def mention(actor: Actor) -> str:
    """Return a mention, which notifies; the plain name where the id is not one of Slack's."""
    return f"<@{actor.id}>" if _ID.fullmatch(actor.id) else name(actor)


def url(address: str) -> str | None:
    """Return an http(s) address that can stand in a button or a link, or None."""
    if not 8 <= len(address) <= 2_000 or not address.isascii() or re.search(r"[\s<>|\"'`\\^{}\x00-\x20\x7f]", address):
        return None
    try:
        parts = urlsplit(address)
        usable = (
            parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.username and not parts.password
        )
        usable = usable and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    return address if usable and redact(address) == address else None


def host(address: str) -> str:
    """Return the host that an address leads to, in the form that no look-alike letters can pass; or nothing."""
    target = url(address)
    return (urlsplit(target).hostname or "") if target else ""


def link(address: str, label: str) -> str:
    """Return a link whose label is outside text, or only the label where the address cannot be linked."""
    shown = line(label, 100).replace("|", "¦")
    target = url(address)
    return f"<{_escaped(target)}|{shown}>" if target and shown else shown


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return `1 test`, `2 tests`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def listed(parts: list[str]) -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def _escaped(text: str) -> str:
    return "".join(_ENTITIES.get(char, char) for char in text)


def _inert(text: str) -> str:
    text = text.replace("://", "꞉//").translate(_LOOKALIKES)
    text = _EDGE_UNDERSCORE.sub(lambda found: "ˍ" * len(found.group()), text)
    # Twice, because neighbours share a colon.
    text = _SHORTCODE.sub(r"꞉\1꞉", _SHORTCODE.sub(r"꞉\1꞉", text))
    return _EVERYBODY.sub(f"@{_JOINER}", text)


def _cut(text: str, limit: int, *, escape: bool = True) -> str:
    """Cut to `limit` UTF-16 units after escaping: Slack's limits hold for what is sent, and its clients count so."""
    out: list[str] = []
    room = max(limit, 1)
    sizes: list[int] = []
    for char in text:
        sent = _ENTITIES.get(char, char) if escape else char
        size = len(sent) if ord(char) < 0x10000 else 2
        if size > room:
            while out and room < 1:
                room += sizes.pop()
                out.pop()
            return "".join(out).rstrip() + ELLIPSIS
        out.append(sent)
        sizes.append(size)
        room -= size
    return "".join(out)
