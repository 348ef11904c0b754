"""Changes with the answer that is right for them, to measure a judge by; one file per class, below `cases/`.

Law: a label says what a careful person would say of request and diff alone; it is never changed to suit a model.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.domain.change import Note, NoteKind
from bot.domain.verdict import Counts, Evidence, Verdict
from workers.judge import Subject
from workers.judge.difference import parse

FOLDER = Path(__file__).parent / "cases"
_TESTS = 128


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Said(_Closed):
    kind: NoteKind
    author: str
    text: str


class _Row(_Closed):
    name: str
    language: str
    expect: Literal["fine", "veto"]
    request: str
    title: str
    summary: str
    diff: str
    notes: tuple[_Said, ...] = ()
    unasked: tuple[int, ...] = ()
    missing: bool = False


@dataclass(frozen=True)
class Case:
    """`unasked` are the numbers of hunks that nobody asked for; `missing`: something asked for is not there."""

    name: str
    kind: str
    language: str
    expect: Literal["fine", "veto"]
    unasked: tuple[int, ...]
    missing: bool
    subject: Subject


def cases(folder: Path = FOLDER) -> tuple[Case, ...]:
    """Return every case, class by class. Raises ValueError naming file and case where one is wrong."""
    found = [_case(file.stem, row) for file in sorted(folder.glob("*.toml")) for row in _rows(file)]
    names = [one.name for one in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two cases are called {', '.join(sorted(twice))}")
    return tuple(found)


def _rows(file: Path) -> list[_Row]:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        return [_Row.model_validate(row) for row in data["case"]]
    except (tomllib.TOMLDecodeError, ValidationError, KeyError) as wrong:
        raise ValueError(f"{file.name}: {wrong}") from wrong


def _case(kind: str, row: _Row) -> Case:
    files = parse(row.diff)
    hunks = sum(max(len(one.hunks), 1) for one in files)
    if not files or not all(one.whole for one in files):
        raise ValueError(f"{kind}, {row.name}: the counts of a hunk are not those of its lines")
    if any(not 1 <= n <= hunks for n in row.unasked):
        raise ValueError(f"{kind}, {row.name}: there are {hunks} hunks, and not {row.unasked}")
    if (row.expect == "veto") != bool(row.unasked or row.missing):
        raise ValueError(f"{kind}, {row.name}: a veto needs what is unasked or missing, and nothing else has any")
    subject = Subject(
        request=row.request,
        diff=row.diff,
        paths=tuple(one.path for one in files),
        notes=tuple(Note(kind=note.kind, author=note.author, text=note.text) for note in row.notes),
        title=row.title,
        summary=row.summary,
        evidence=_green(),
    )
    return Case(row.name, kind, row.language, row.expect, row.unasked, row.missing, subject)


def _green() -> Evidence:
    """Return evidence in which all tests pass: what tests find is found without a judge."""
    counts = Counts(passed=_TESTS)
    return Evidence(verdict=Verdict.GREEN, subject="0" * 40, counts=counts, reasons=(f"{_TESTS} tests passed.",))
