"""A unified diff as git's plumbing prints it, taken apart into files and hunks. Pure.

Law: the header alone says how long a hunk is. Its lines are never searched for its end, so no file can contain a line
that looks like the next file's header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

FILE = "diff --git "
HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_QUOTED = re.compile(r"\\([0-7]{3}|.)")
_ESCAPES = {"n": b"\n", "t": b"\t", "r": b"\r", "a": b"\a", "b": b"\b", "f": b"\f", "v": b"\v"}


@dataclass(frozen=True)
class Hunk:
    """`header` is the `@@` line, `lines` what follows, each with its mark (" ", "+", "-" or "\\")."""

    header: str
    lines: tuple[str, ...]

    @property
    def added(self) -> int:
        return sum(line.startswith("+") for line in self.lines)

    @property
    def removed(self) -> int:
        return sum(line.startswith("-") for line in self.lines)


@dataclass(frozen=True)
class FileChange:
    """One path. `what` is the rest of git's head for it: "new file mode 100644", "old mode 100644" and the like."""

    path: str
    what: tuple[str, ...]
    hunks: tuple[Hunk, ...]
    whole: bool = True
    """Whether the diff was long enough to hold all of it."""

    @property
    def added(self) -> int:
        return sum(hunk.added for hunk in self.hunks)

    @property
    def removed(self) -> int:
        return sum(hunk.removed for hunk in self.hunks)


def parse(diff: str) -> tuple[FileChange, ...]:
    """Return the files of a diff without renames; one that was cut short is marked as not whole."""
    return tuple(_files(diff.removesuffix("\n").split("\n") if diff else []))


def _files(lines: list[str]) -> Iterator[FileChange]:
    at = 0
    while at < len(lines):
        if not lines[at].startswith(FILE):
            at += 1
            continue
        path = _path(lines[at][len(FILE) :])
        what: list[str] = []
        at += 1
        while at < len(lines) and not lines[at].startswith((FILE, "@@ ")):
            if not lines[at].startswith(("--- ", "+++ ", "index ")):
                what.append(lines[at])
            at += 1
        hunks: list[Hunk] = []
        whole = True
        while at < len(lines) and whole and (found := HUNK.match(lines[at])):
            hunk, at, whole = _hunk(lines, at, found)
            hunks.append(hunk)
        yield FileChange(path, tuple(what), tuple(hunks), whole)


def _hunk(lines: list[str], at: int, found: re.Match[str]) -> tuple[Hunk, int, bool]:
    old, new = (1 if count is None else int(count) for count in (found[2], found[4]))
    start, header = at + 1, lines[at]
    at = start
    while (old > 0 or new > 0) and at < len(lines):
        mark = lines[at][:1]
        old -= mark in {" ", "-", ""}
        new -= mark in {" ", "+", ""}
        at += 1
    while at < len(lines) and lines[at].startswith("\\"):
        at += 1
    return Hunk(header, tuple(lines[start:at])), at, old <= 0 and new <= 0


def _path(both: str) -> str:
    """Return the path in `a/PATH b/PATH`, of which the halves are equal, with git's quotes undone."""
    if both.startswith('"'):
        return unquoted(both[: (len(both) - 1) // 2])[2:]
    return both[2 : 2 + (len(both) - 5) // 2]


def unquoted(name: str) -> str:
    """Return a path as git quotes it, without the quotes; bytes that are no text are kept as surrogates."""
    inner = name.removeprefix('"').removesuffix('"')
    parts, at = [], 0
    for hit in _QUOTED.finditer(inner):
        parts.append(inner[at : hit.start()].encode("utf-8", "surrogateescape"))
        code = hit[1]
        parts.append(bytes([int(code, 8) & 255]) if code.isdigit() else _ESCAPES.get(code, code.encode()))
        at = hit.end()
    parts.append(inner[at:].encode("utf-8", "surrogateescape"))
    return b"".join(parts).decode("utf-8", "surrogateescape")
