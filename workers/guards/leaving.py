"""What is private, and where it would go: both in the lines that a change adds to one file.

Law: reading something private is ordinary, and so is a request; a person looks where the same file newly does both.
"""

from __future__ import annotations

from collections.abc import Iterator

from workers.guards.edits import LONGEST, Edit, Examined, pieces
from workers.guards.found import Found, spell
from workers.guards.rules import FORMS, found, is_of
from workers.guards.secrets import respelled
from workers.guards.secrets.added import Added

_CODED = {"in base64", "in hex", "backwards", "written as numbers"}
Lines = list[tuple[int, str]]


def guard(change: Examined) -> Iterator[Found]:
    """Yield files that newly send something private, and addresses that are written so that no reader sees them."""
    had = {hit.groups["host"] for edit in change.edits for hit in FORMS["address"].every(edit.old)}
    for edit in change.edits:
        if edit.changed.status == "D" or not edit.added or is_of("example", edit.path):
            continue
        hidden = None if is_of("test", edit.path) or is_of("data", edit.path) else _hidden(edit)
        if hidden:
            yield found("address-hidden", edit.path, f"holds an address that is encoded (line {hidden})")
        lines = [
            (line.number, text)
            for line in edit.added
            if not FORMS["remark"].matches(line.text[:200])
            for text in pieces(line.text, LONGEST)
        ]
        source = _first("everything-private", lines)
        if source is None and (hidden or _is_elsewhere(lines, had)) and not is_of("test", edit.path):
            source = _first("someones-own", lines)
        sink = _first("computed-name", lines)
        if source is None and sink:
            source = _first("reads-environment", lines)
        if source and sink is None:
            sink = _first("reaches-network", lines) or _first("signals", lines)
        if source and sink:
            words = f"reads {spell(source[1].strip(), 40)} (line {source[0]}) and reaches the network (line {sink[0]})"
            yield found("sends-private", edit.path, words)


def _first(form: str, lines: Lines) -> tuple[int, str] | None:
    """Return the first line of a form: its number, and what matched."""
    at = next(iter(FORMS[form].among([text for _, text in lines])), None)
    hit = FORMS[form].search(lines[at][1]) if at is not None else None
    return (lines[at][0], hit.text) if at is not None and hit else None


def _is_elsewhere(lines: Lines, had: set[str]) -> bool:
    """Return whether lines name a host that the changed files did not name before."""
    every = FORMS["address"].every("\n".join(text for _, text in lines))
    return any(hit.groups["host"] not in had for hit in every)


def _hidden(edit: Edit) -> int | None:
    """Return the line of the first encoded address."""
    blob, at = respelled.texts(Added(edit.added))
    for hit in FORMS["nothing-but-address"].every(blob.decode("utf-8", "replace")) if blob else ():
        number, how = at(len(blob.decode("utf-8", "replace")[: hit.start].encode()))
        if how in _CODED:
            return number
    return None
