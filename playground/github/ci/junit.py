"""Test counts from JUnit XML that a job left behind, for the summary of its check run.

Law: the XML is hostile: no document type, no entities, no file over the cap; what cannot be read is not counted.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from .files import TooMuch, walk

_CAP = 5_000_000
_FILES = 200


@dataclass
class Counts:
    tests: int = 0
    failed: int = 0
    skipped: int = 0
    names: list[str] = field(default_factory=list)

    @property
    def passed(self) -> int:
        return self.tests - self.failed - self.skipped

    def title(self) -> str:
        parts = [f"{self.passed} passed", f"{self.failed} failed"]
        return ", ".join([*parts, *([f"{self.skipped} skipped"] if self.skipped else [])])

    def summary(self) -> str:
        table = "| tests | passed | failed | skipped |\n| --- | --- | --- | --- |\n"
        table += f"| {self.tests} | {self.passed} | {self.failed} | {self.skipped} |\n"
        failed = "".join(f"- `{name[:200].replace('`', '')}`\n" for name in self.names[:20])
        return table + (f"\nFailed:\n\n{failed}" if failed else "")


def read_reports(root: Path) -> Counts | None:
    """Return the counts of every JUnit file in a work tree; None when there is no such file."""
    total, found = Counts(), 0
    try:
        for name, file in walk(root):
            if name.endswith(".xml") and "node_modules/" not in name and os.fstat(file).st_size <= _CAP:
                counts = count(os.read(file, _CAP))
                if counts is not None and found < _FILES:
                    found += 1
                    total.tests, total.failed = total.tests + counts.tests, total.failed + counts.failed
                    total.skipped += counts.skipped
                    total.names += counts.names
    except (TooMuch, OSError):
        return None
    return total if found else None


def count(raw: bytes) -> Counts | None:
    """Return the test cases of one file, or None when it is not JUnit."""
    reader = _Reader()
    try:
        reader.parser.Parse(raw, True)
    except (expat.ExpatError, ValueError):
        return None
    return reader.counts if reader.is_junit else None


class _Reader:
    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.counts = Counts()
        self.is_junit = False
        self._depth = 0
        self._case: dict[str, str] | None = None
        self._state = ""

    def _refuse(self, *_: object) -> None:
        raise ValueError("no document types here")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._depth == 0:
            self.is_junit = name in {"testsuite", "testsuites"}
        self._depth += 1
        if name == "testcase":
            self._case, self._state = attributes, "passed"
        elif self._case is not None and name in {"failure", "error"}:
            self._state = "failed"
        elif self._case is not None and name == "skipped" and self._state != "failed":
            self._state = "skipped"

    def _end(self, name: str) -> None:
        self._depth -= 1
        if name == "testcase" and self._case is not None:
            self.counts.tests += 1
            self.counts.failed += self._state == "failed"
            self.counts.skipped += self._state == "skipped"
            if self._state == "failed":
                parts = (self._case.get("classname", ""), self._case.get("name", "?"))
                self.counts.names.append(" › ".join(part for part in parts if part))
            self._case = None
