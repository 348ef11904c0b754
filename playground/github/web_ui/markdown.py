"""Enough Markdown for a pull request's text: headings, lists, tables, quotes, code, emphasis, links, checkboxes.

Law: HTML in the text is text; a link goes to http(s) only; no image is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from .html import Markup, esc, joined, link, tag

_INLINE = re.compile(
    r"`(?P<code>[^`]+)`|\*\*(?P<bold>[^*]+)\*\*|(?<!\w)[*_](?P<em>[^*_\s][^*_]*)[*_](?!\w)"
    r"|!?\[(?P<text>[^\]]*)\]\((?P<href>[^)\s]+)\)|(?P<url>https?://[^\s<>()\"]+[^\s<>()\".,;:!?])"
)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAGS = re.compile(r"</?(?:details|summary|sub|sup|br|p|b|i)\s*/?>", re.IGNORECASE)
_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+(?P<box>\[[ xX]\]\s+)?(?P<text>.*)$")
_LIMIT = 100_000


def render(text: str) -> Markup:
    """Return the text as HTML."""
    lines = _COMMENT.sub("", text[:_LIMIT]).replace("\r\n", "\n").split("\n")
    made: list[Markup] = []
    at = 0
    while at < len(lines):
        at = _block(lines, at, made)
    return joined(made)


def _block(lines: list[str], at: int, made: list[Markup]) -> int:
    line = lines[at]
    stripped = line.strip()
    if not stripped:
        return at + 1
    if stripped.startswith("```"):
        end = next((i for i in range(at + 1, len(lines)) if lines[i].strip().startswith("```")), len(lines))
        made.append(tag("pre", tag("code", "\n".join(lines[at + 1 : end]))))
        return end + 1
    if re.match(r"^#{1,6} ", stripped):
        level = len(stripped) - len(stripped.lstrip("#"))
        made.append(tag(f"h{min(level + 1, 6)}", inline(stripped.lstrip("#").strip())))
        return at + 1
    if re.fullmatch(r"[-*_]{3,}", stripped):
        made.append(Markup("<hr>"))
        return at + 1
    if _ITEM.match(line):
        return _run(lines, at, made, "ul", lambda it: bool(_ITEM.match(it)), _list)
    if stripped.startswith("|") and at + 1 < len(lines) and re.fullmatch(r"[|\s:-]+", lines[at + 1].strip()):
        return _run(lines, at, made, "table", lambda it: it.strip().startswith("|"), _table)
    if stripped.startswith(">"):
        return _run(lines, at, made, "blockquote", lambda it: it.strip().startswith(">"), _quote)
    end = at
    while end < len(lines) and lines[end].strip() and not re.match(r"^\s*(```|#{1,6} |>|\|)", lines[end]):
        if end > at and _ITEM.match(lines[end]):
            break
        end += 1
    made.append(tag("p", joined(_broken(lines[at : max(end, at + 1)]))))
    return max(end, at + 1)


def _run(
    lines: list[str], at: int, made: list[Markup], name: str,
    fits: Callable[[str], bool], shape: Callable[[list[str]], Markup],
) -> int:  # fmt: skip
    end = at
    while end < len(lines) and lines[end].strip() and fits(lines[end]):
        end += 1
    made.append(tag(name, shape(lines[at:end])))
    return end


def _broken(lines: list[str]) -> list[Markup]:
    return [joined([inline(line), Markup("<br>") if at < len(lines) - 1 else ""]) for at, line in enumerate(lines)]


def _list(lines: list[str]) -> Markup:
    items = []
    for line in lines:
        match = _ITEM.match(line)
        if match:
            box = (match["box"] or "").strip()
            mark = {"": "", "[ ]": "☐ "}.get(box, "☑ ")
            items.append(tag("li", mark, inline(match["text"]), class_="task" if box else None))
    return joined(items)


def _table(lines: list[str]) -> Markup:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    head = tag("tr", *(tag("th", inline(cell)) for cell in rows[0]))
    return joined([head, *(tag("tr", *(tag("td", inline(cell)) for cell in row)) for row in rows[2:])])


def _quote(lines: list[str]) -> Markup:
    return joined(_broken([line.strip().removeprefix(">").strip() for line in lines]))


def inline(text: str) -> Markup:
    """Return one line's emphasis, code and links."""
    made: list[Markup] = []
    last = 0
    for match in _INLINE.finditer(text):
        made.append(_words(text[last : match.start()]))
        last = match.end()
        if match["code"] is not None:
            made.append(tag("code", match["code"]))
        elif match["bold"] is not None:
            made.append(tag("strong", match["bold"]))
        elif match["em"] is not None:
            made.append(tag("em", match["em"]))
        elif match["url"] is not None:
            made.append(link(match["url"], match["url"]))
        else:
            made.append(link(match["href"], match["text"] or match["href"]))
    return joined([*made, _words(text[last:])])


def _words(text: str) -> Markup:
    """Return plain words; the few tags that only shape text are dropped."""
    return esc(_TAGS.sub("", text))
