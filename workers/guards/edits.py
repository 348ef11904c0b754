"""The changed files with their texts: what a line-by-line guard looks at.

Law: a line is new only where the file (or the one it was moved from) did not hold it before, wherever it stood; what
was there already does not count.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from workers.guards.found import Read
from workers.workspace import Changed

SYMLINK, GITLINK = "120000", "160000"
MOST_BYTES = 10 * 1024 * 1024
"""A file of more than this blocks a change."""
MOST_IN_ALL = 48 * 1024 * 1024
"""Bytes that are read of one change, both sides together."""
MOST_LINES, MOST_LINES_IN_ALL = 100_000, 600_000
"""Lines of a text, and of all texts of a change; what has more is reported, and not read line by line."""
LONGEST = 1000
"""Characters of a line that are looked at together; what is longer is cut into pieces that overlap."""
_SNIFFED = 8000
_MOST_PAIRS = 2500
_MOST_PIECES = 24
_STRAY = re.compile("[\udc80-\udcff]")
_BLANKS = re.compile(r"[ \t]{5,}")
_ALIKE = 0.6


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end; `number` counts from 1."""

    number: int
    text: str


@dataclass(frozen=True)
class Edit:
    """One changed path. `before` and `after` are its bytes, None where absent, no regular file, or beyond the budget.

    `moved_from` is the deleted path whose content this added file goes on with; `before` is then that content.
    """

    changed: Changed
    before: bytes | None = None
    after: bytes | None = None
    moved_from: str | None = None
    moved_to: str | None = None

    @property
    def path(self) -> str:
        return self.changed.path

    @cached_property
    def binary(self) -> bool:
        """Return whether either side is no text, as git would say."""
        return any(is_binary(side) for side in (self.before, self.after) if side)

    @cached_property
    def old(self) -> str:
        """Return the text before, "" where there was none."""
        return text(self.before)

    @cached_property
    def new(self) -> str:
        """Return the text after, "" where there is none."""
        return text(self.after)

    @cached_property
    def added(self) -> tuple[Line, ...]:
        """Return lines of the new text that the old one lacks, as multisets of stripped lines."""
        return more(split(self.new), split(self.old))

    @cached_property
    def removed(self) -> tuple[Line, ...]:
        """Return lines of the old text that the new one lacks."""
        return more(split(self.old), split(self.new))


@dataclass(frozen=True)
class Examined:
    """A whole change as guards see it. `secrets` are configured values of this installation."""

    edits: tuple[Edit, ...]
    old: Read
    new: Read
    secrets: tuple[str, ...] = ()
    request: str = ""
    """What the person who asked typed."""
    cut: tuple[str, ...] = field(default=())
    """Paths that were not read for want of budget."""


def is_binary(content: bytes) -> bool:
    """Return whether git would show these bytes as binary."""
    return b"\0" in content[:_SNIFFED]


def text(content: bytes | None) -> str:
    """Return bytes as text, "" for binary and too large ones; UTF-16 with its mark, which git does not show, is read.

    A byte that is no UTF-8 is read as Latin-1, each by itself, so that one of them changes nothing about the others.
    """
    if not content or len(content) >= MOST_BYTES or content.count(b"\n") + content.count(b"\r") > MOST_LINES:
        return ""
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return content.decode("utf-16", "replace")
    if is_binary(content):
        return ""
    decoded = content.decode("utf-8", "surrogateescape")
    return _STRAY.sub(lambda one: chr(ord(one.group()) - 0xDC00), decoded)


def pieces(line: str, longest: int) -> tuple[str, ...]:
    """Cut a line into overlapping pieces of at most `longest` characters, runs of blanks shortened: what stands
    far to the right is read too. Of a line without end only its beginning is."""
    if len(line) <= longest:
        return (line,)
    line = _BLANKS.sub("    ", line)
    step = longest * 3 // 4
    return tuple(line[at : at + longest] for at in range(0, min(len(line), step * _MOST_PIECES), step))


def unread_of(line: str, longest: int) -> int:
    """Return how many characters of a line `pieces` leaves out."""
    return max(0, len(_BLANKS.sub("    ", line)) - longest * 3 // 4 * _MOST_PIECES) if len(line) > longest else 0


def split(whole: str) -> list[str]:
    """Return lines ended by LF, CRLF or CR alone, as compilers see them."""
    return whole.replace("\r\n", "\n").replace("\r", "\n").split("\n") if whole else []


def more(these: list[str], those: list[str]) -> tuple[Line, ...]:
    """Return what `these` hold more of than `those`, compared without surrounding blanks; blank lines never count."""
    start = 0
    for one, other in zip(these, those, strict=False):
        if one != other:
            break
        start += 1
    had = Counter(line.strip() for line in those[start:])
    lines = []
    for number, line in enumerate(these[start:], start + 1):
        bare = line.strip()
        if had[bare] > 0:
            had[bare] -= 1
        elif bare:
            lines.append(Line(number, line))
    return tuple(lines)


def load(
    changed: Iterable[Changed], old: Read, new: Read, secrets: tuple[str, ...] = (), request: str = ""
) -> Examined:
    """Read a change, within the budget, and pair what was moved."""
    edits, cut, left, lines = [], [], MOST_IN_ALL, MOST_LINES_IN_ALL
    for one in changed:
        before = old(one.path) if one.status != "A" and min(left, lines) > 0 else None
        after = new(one.path) if one.status != "D" and min(left, lines) > 0 else None
        ends = [side.count(b"\n") + side.count(b"\r") for side in (before, after) if side]
        if min(left, lines) <= 0 or max(ends, default=0) > MOST_LINES:
            cut.append(one.path)
        left -= len(before or b"") + len(after or b"")
        lines -= sum(ends)
        edits.append(Edit(one, before, after))
    return Examined(tuple(_paired(edits)), old, new, secrets, request, tuple(cut))


def _paired(edits: list[Edit]) -> list[Edit]:
    """Join deleted and added files of the same or much the same content."""
    gone = {at: edit for at, edit in enumerate(edits) if edit.changed.status == "D" and edit.before}
    came = {at: edit for at, edit in enumerate(edits) if edit.changed.status == "A" and edit.after}
    look = len(gone) * len(came) <= _MOST_PAIRS
    lines = {at: _lines(edit.old) for at, edit in gone.items()} if look else {}
    for at, edit in came.items():
        source = next((one for one, left in gone.items() if left.changed.old_sha == edit.changed.new_sha), None)
        if source is None and lines:
            source = _most_alike(_lines(edit.new), {one: lines[one] for one in gone})
        if source is not None:
            left = gone.pop(source)
            edits[at] = Edit(edit.changed, left.before, edit.after, moved_from=left.path)
            edits[source] = Edit(left.changed, left.before, None, moved_to=edit.path)
    return edits


def _lines(whole: str) -> Counter[str]:
    return Counter(line.strip() for line in split(whole) if line.strip())


def _most_alike(mine: Counter[str], others: dict[int, Counter[str]]) -> int | None:
    best, score, size = None, _ALIKE, mine.total()
    for one, theirs in others.items():
        larger = max(1, size, theirs.total())
        if min(size, theirs.total()) / larger >= score and (alike := (mine & theirs).total() / larger) >= score:
            best, score = one, alike
    return best
