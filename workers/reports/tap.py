"""TAP, versions 12 to 14, with subtests.

Law: the plan is believed against the points. A test that it announced and the points lack counts as failed.
"""

from __future__ import annotations

import re

from workers.reports import Reading, State, split_lines
from workers.reports.tally import Tally

_POINT = re.compile(r"^( *)(not )?ok\b(?: (\d{1,9}))?(?: -)?(.*)$")
_PLAN = re.compile(r"^( *)1\.\.(\d{1,9})\b")
_DIRECTIVE = re.compile(r"(?<!\\)#\s*(skip|todo)\b", re.I)
_TIME = re.compile(r"\s*# time=[\d.]+m?s\b.*$")
_TITLE = re.compile(r"^# (?!Subtest: |tests? +\d|pass +\d|fail +\d|skip|todo|ok$|time=|failed |\{)(\S.*)$")
"""A comment at the margin: what tape calls the points after it."""
_DEEPEST = 64


def read(output: str) -> Reading | None:
    """Return the leaves of all subtests, or None where the output has no plan of TAP with points."""
    if "1.." not in output:
        return None
    tally = Tally()
    stream = _Stream(tally)
    planned = points = False
    yaml = -1
    for line in split_lines(output):
        short = line[:1000]
        stripped = short.lstrip(" ")
        indent = len(short) - len(stripped)
        if yaml >= 0:
            yaml = -1 if stripped == "..." and indent <= yaml else yaml
            continue
        if stripped == "---" and stream.ready and indent > stream.last:
            yaml = indent
        elif short.startswith(("TAP version", "Bail out!")):
            stream.close()
            if short.startswith("Bail"):
                tally.add(short, "failed")
        elif found := _TITLE.match(short):
            stream.title = found[1]
        elif found := _PLAN.match(short):
            planned = planned or not found[1]
            stream.plan(len(found[1]), int(found[2]))
        elif (found := _POINT.match(short)) and len(found[1]) <= _DEEPEST:
            points = True
            stream.point(len(found[1]), found[2] is None, found[4].strip())
    if not planned or not (points or tally.counted["skipped"] or stream.empty):
        return None
    stream.close()
    return tally.reading("TAP")


class _Stream:
    """Points as they come; a point after deeper ones sums them up, and is no test of its own."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.title = ""
        self.empty = False
        self.ready = False
        self.last = -1
        self._open: dict[int, list[tuple[str, State]]] = {}
        self._plans: dict[int, int] = {}
        self._told: dict[int, int] = {}

    def plan(self, indent: int, number: int) -> None:
        self._plans[indent] = self._plans.get(indent, 0) + number
        self.empty = self.empty or (number == 0 and indent == 0)

    def point(self, indent: int, good: bool, text: str) -> None:
        self.ready, self.last = True, indent
        text = _TIME.sub("", text)
        self._told[indent] = self._told.get(indent, 0) + 1
        found = _DIRECTIVE.search(text)
        name = (text[: found.start()] if found else text).strip().removesuffix("{").strip()
        state: State = "skipped" if found else "passed" if good else "failed"
        deeper = [place for place in self._open if place > indent]
        below = [case for place in deeper for case in self._open.pop(place)]
        missing = sum(max(0, self._plans.get(place, 0) - self._told.get(place, 0)) for place in deeper)
        for place in deeper:
            self._plans.pop(place, None)
            self._told.pop(place, None)
        mine = self._open.setdefault(indent, [])
        if not below:
            mine.append((f"{self.title} > {name}" if self.title and not indent else name, state))
            return
        mine.extend((f"{name} > {inner}" if name else inner, own) for inner, own in below)
        if (state == "failed" or missing) and not any(own == "failed" for _, own in below):
            mine.append((name, "failed"))

    def close(self) -> None:
        """Count everything that is open, and what the plans announced beyond it."""
        for place in sorted(self._open):
            for name, state in self._open[place]:
                self.tally.add(name, state)
        lost = self._plans.get(0, 0) - self._told.get(0, 0)
        if lost > 0 and self._plans.get(0):
            self.tally.add("tests that were planned and not run", "failed", f"{lost} planned tests were not reported.")
        self._open, self._plans, self._told, self.ready, self.title = {}, {}, {}, False, ""
