"""File changes for a small screen: one card per file, lines that wrap, folded when there are many."""

from __future__ import annotations

from ..git_diff import FileChange
from .html import Markup, badge, joined, tag

_OPEN_FILES = 20
_LINES = 800
_KINDS = {"+": "add", "-": "del", "@": "hunk"}


def file_cards(files: list[FileChange]) -> Markup:
    added, removed = sum(file.additions for file in files), sum(file.deletions for file in files)
    count = f"{len(files)} file{'' if len(files) == 1 else 's'} changed"
    head = tag(
        "p", count, " ", tag("span", f"+{added}", class_="plus"), " ", tag("span", f"−{removed}", class_="minus")
    )
    return joined([head, *(_card(file, at < _OPEN_FILES) for at, file in enumerate(files))])


def _card(file: FileChange, opened: bool) -> Markup:
    counts = joined([
        tag("span", f"+{file.additions}", class_="plus"), " ", tag("span", f"−{file.deletions}", class_="minus"),
    ])  # fmt: skip
    name = f"{file.previous} → {file.filename}" if file.previous else file.filename
    state = badge(file.status, file.status) if file.status != "modified" else ""
    head = tag("summary", tag("span", name, class_="path"), " ", state, " ", tag("span", counts, class_="counts"))
    body = (
        _patch(file.patch) if file.patch else tag("p", "No text to show (binary, empty or very large).", class_="quiet")
    )
    return tag("details", head, body, class_="file", open="" if opened else None)


def _patch(patch: str) -> Markup:
    lines = patch.split("\n")
    rows = [tag("span", line or " ", class_=f"line {_KINDS.get(line[:1], '')}".strip()) for line in lines[:_LINES]]
    if len(lines) > _LINES:
        rows.append(tag("span", f"… {len(lines) - _LINES} more lines", class_="line hunk"))
    return tag("pre", *rows, class_="diff")
