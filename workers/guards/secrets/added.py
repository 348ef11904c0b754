"""The lines that a change adds, as one text: a form is looked for once in a file, instead of once in every line."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from workers.guards.edits import Line


class Hit(NamedTuple):
    """What seems to be a secret: the rule, what it is called, the number of its line, itself."""

    rule: str
    what: str
    line: int
    value: str = ""


class Added:
    """Lines of a file, joined. A place in `content` belongs to a line and a column of the file."""

    def __init__(self, lines: Sequence[Line]) -> None:
        encoded = [line.text.encode("utf-8", "replace") for line in lines]
        self.lines = lines
        self.content = b"\n".join(encoded)
        self._begins = list(accumulate((len(line) + 1 for line in encoded), initial=0))[:-1]

    def line(self, at: int) -> bytes:
        """Return the line that a place is in."""
        begin = self._begins[bisect_right(self._begins, at) - 1]
        end = self.content.find(b"\n", at)
        return self.content[begin : end if end >= 0 else None]

    def number(self, at: int) -> int:
        """Return the number of the line that a place is in."""
        return self.lines[bisect_right(self._begins, at) - 1].number

    def column(self, at: int) -> int:
        """Return how many bytes of its line stand before a place."""
        return at - self._begins[bisect_right(self._begins, at) - 1]
