"""The Markdown of pull requests, READMEs and summaries, as HTML. markdown-it-py reads it; this file only narrows it.

HTML in the text stays text, a link goes to http(s) only, and no image is loaded: these pages show what strangers wrote.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from .html import Markup, esc, link

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAGS = re.compile(r"</?(?:details|summary|sub|sup|br|p|b|i)\s*/?>", re.IGNORECASE)
_BOX = re.compile(r"^\[([ xX])\] ")
_URL = re.compile(r"https?://[^\s<>()\"]+[^\s<>()\".,;:!?]")
_LIMIT = 100_000


class _Pages(RendererHTML):
    """Writes tokens as the pages want them: escaped by `esc`, headings a level down, boxes of tasks as characters."""

    def text(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: MutableMapping[str, object]) -> str:
        """Write plain words. The few tags that only shape text are dropped, and addresses become links."""
        words = _TAGS.sub("", tokens[idx].content)
        if idx == 0:
            words = _BOX.sub(lambda box: "☐ " if box[1] == " " else "☑ ", words)
        inside = any(one.type == "link_open" for one in tokens[:idx]) and tokens[idx].level > 0
        if inside:
            return esc(words)
        made, last = "", 0
        for found in _URL.finditer(words):
            made += esc(words[last : found.start()]) + link(found[0], found[0])
            last = found.end()
        return made + esc(words[last:])

    def code_inline(
        self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: MutableMapping[str, object]
    ) -> str:
        """Write code between words."""
        return f"<code>{esc(tokens[idx].content)}</code>"

    def fence(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: MutableMapping[str, object]) -> str:
        """Write a block of code."""
        return f"<pre><code>{esc(tokens[idx].content.rstrip())}</code></pre>"

    def code_block(
        self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: MutableMapping[str, object]
    ) -> str:
        """Write an indented block of code."""
        return self.fence(tokens, idx, _options, _env)


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 20}, renderer_cls=_Pages)
    reader.enable("table").disable(["image", "html_block", "html_inline", "entity"])
    reader.validateLink = lambda url: url.startswith(("http://", "https://"))  # type: ignore[method-assign]  # its way
    return reader


_READER = _reader()


def render(text: str) -> Markup:
    """Return the text as HTML."""
    env: dict[str, object] = {}
    tokens = _READER.parse(_COMMENT.sub("", text[:_LIMIT]), env)
    for at, token in enumerate(tokens):
        if token.type == "inline" and _BOX.match(token.content) and tokens[at - 2].type == "list_item_open":
            tokens[at - 2].attrs["class"] = "task"
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
        for inner in token.children or ():
            if inner.type == "link_open":
                inner.attrs |= {"rel": "noopener noreferrer", "target": "_blank"}
    return Markup(_READER.renderer.render(tokens, _READER.options, env))
