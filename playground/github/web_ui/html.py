"""The frame of every page, and the one way text becomes HTML.

Law: a piece of HTML is `Markup`; everything else is text and is escaped when it is put into one.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from datetime import UTC, datetime

from starlette.responses import HTMLResponse

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HIDDEN = {
    code: f"\\u{code:04x}" for code in (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF)
}


class Markup(str):
    """Text that is already HTML."""

    __slots__ = ()


def esc(value: object) -> Markup:
    """Return text as HTML: escaped, and characters that hide or turn text made visible."""
    if isinstance(value, Markup):
        return value
    return Markup(html.escape(str(value).translate(_HIDDEN), quote=True))


def tag(name: str, *content: object, **attributes: object) -> Markup:
    """Return an element; `class_` and the like lose their underscore, None leaves an attribute out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{esc(value)}"' for key, value in attributes.items() if value is not None
    )
    return Markup(f"<{name}{given}>{joined(content)}</{name}>")


def joined(parts: Iterable[object]) -> Markup:
    return Markup("".join(esc(part) for part in parts))


def link(href: str, *content: object, class_: str | None = None) -> Markup:
    """Return a link to our own pages or an http(s) address; anything else is only text."""
    if not href.startswith(("/", "http://", "https://", "#")):
        return joined(content)
    outside = href.startswith("http")
    return tag(
        "a", *content, href=href, class_=class_, rel="noopener noreferrer" if outside else None,
        target="_blank" if outside else None,
    )  # fmt: skip


def avatar(login: str) -> Markup:
    return Markup(f'<img class="avatar" alt="" width="20" height="20" src="/avatars/{esc(login)}.svg">')


def badge(state: str, text: str) -> Markup:
    return tag("span", text, class_=f"badge {state}")


def ago(moment: str | None) -> Markup:
    """Return how long ago a GitHub time was."""
    if not moment:
        return esc("")
    seconds = int((datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds())
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return tag("time", f"{count} {word}{'s' if count > 1 else ''} ago", datetime=moment)
    return tag("time", "just now", datetime=moment)


def page(title: str, crumbs: list[Markup], *content: object, refresh: bool = False, status: int = 200) -> HTMLResponse:
    """Return a whole page. `refresh` looks again every three seconds, for as long as something is under way."""
    again = Markup('<meta http-equiv="refresh" content="3">') if refresh else Markup("")
    head = joined([
        Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        Markup('<meta name="color-scheme" content="light dark">'), again, tag("title", title),
        Markup('<link rel="stylesheet" href="/_static/style.css">'),
    ])  # fmt: skip
    trail = joined(
        joined([tag("span", "/", class_="slash"), crumb]) if at else crumb for at, crumb in enumerate(crumbs)
    )
    top = tag("header", tag("nav", trail), tag("span", "playground", class_="badge plain"))
    foot = tag("footer", "A stand-in for GitHub: real git and real checks on this machine, nothing leaves it.")
    body = tag("html", tag("head", head), tag("body", top, tag("main", *content), foot), lang="en")
    headers = {  # no-referrer would make a browser send "Origin: null" from our own forms
        "Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
    }  # fmt: skip
    return HTMLResponse("<!doctype html>" + body, status, headers)
