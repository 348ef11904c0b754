"""Outside text on GitHub: in pull requests (Markdown) and in commit messages (plain, but GitHub acts on some words).

Law: outside text never mentions, links, closes an issue, ticks a box, hides, loads a picture, or switches CI off.
"""

from __future__ import annotations

import re

from bot.cards.text import ELLIPSIS, clean

_JOINER = "\u2060"
_SPECIAL = re.compile(r"([\\`*\[\]|~$^]|(?<![^\W_])_|_(?![^\W_]))")
_AT_START = re.compile(r"^(?:([-+=#:])|(\d{1,9})([.)]))")
_SHORTCODE = re.compile(r":(?=[a-z0-9_+-]{1,40}:)", re.I)
_ACTED_ON = re.compile(r"@(?=\w)|#(?=\d)|(?i:\bgh-(?=\d))|(?<=\w)!(?=\d)")
_SKIP_CI = re.compile(r"\[\s*(no ci|skip [\w -]{1,20}|[\w -]{1,20} skip)\s*\]", re.I)
_SKIP_WORDS = re.compile(r"(\*{3}NO_CI\*{3}|skip-checks\s*:|##vso\[)", re.I)
_TRAILER = re.compile(r"^(?=[A-Za-z][A-Za-z0-9-]*\s*[:=])", re.M)


def line(words: str, limit: int = 250) -> str:
    """Inert Markdown on one line."""
    return _escaped(shortened(" ".join(clean(words).split()), limit))


def quote(words: str, limit: int = 4_000, lines: int = 60) -> str:
    """Inert Markdown as a block quotation, each line of it a line of its own."""
    kept = [one.strip() for one in shortened(clean(words).strip(), limit).split("\n")]
    shown = kept[:lines] + ([ELLIPSIS] if len(kept) > lines else [])
    return "\n".join(f"> {_escaped(one)}".rstrip() for one in shown) if any(kept) else ""


def code(words: str, limit: int = 200) -> str:
    """Return an inline code span: a path, a command, a sha."""
    shown = shortened(" ".join(clean(words).split()), limit).replace("`", "ˋ")
    return f"`{shown}`" if shown else ""


def commit_line(words: str, limit: int) -> str:
    """Return one plain line of a commit message, without the words that GitHub and CI act on."""
    return shortened(unheard(" ".join(clean(words).split())), limit)


def commit_text(words: str, limit: int = 2_000) -> str:
    """Return plain lines of a commit message; none of them can pass for a trailer."""
    return no_trailer(unheard(shortened(clean(words).strip(), limit)))


def no_trailer(words: str) -> str:
    """Return a line of a commit message, moved in where git would take it for a trailer."""
    return _TRAILER.sub("  ", words)


def unheard(words: str) -> str:
    """Return text on which neither GitHub nor a CI service acts; it reads the same."""
    words = _SKIP_CI.sub(r"(\1)", words)
    words = _SKIP_WORDS.sub(lambda found: found.group()[0] + _JOINER + found.group()[1:], words)
    words = words.replace("://", f":{_JOINER}//")
    return _ACTED_ON.sub(lambda found: found.group() + _JOINER, words)


def shortened(words: str, limit: int) -> str:
    """At most `limit` characters, the last of them an ellipsis where something was cut."""
    return words if len(words) <= limit else words[: limit - 1].rstrip() + ELLIPSIS


def _escaped(words: str) -> str:
    words = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("www.", f"www{_JOINER}.")
    words = _SHORTCODE.sub(f":{_JOINER}", _SPECIAL.sub(r"\\\1", unheard(words.lstrip())))
    return _AT_START.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", words)
