"""What a detector found for one folder: how to test it, and which quick checks it has. Pure.

`workers.checks.plan` makes it a plan for the whole repository.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from workers.ecosystems.facts import REPORTS, Facts

XML = (f"{REPORTS}/*.xml",)

Kind = Literal["format", "lint", "types", "build"]


@dataclass(frozen=True)
class Check:
    """A quick check beside the tests: a bash command line run at the repository's root.

    `reader` names a reader of findings ("" where only the exit status speaks). `needs` are programs without which it
    cannot be run, so that it is `not_run` and not failed. `{files}` in the command stands for the changed files that
    end in one of `endings`; without such files the check has nothing to say.
    """

    name: str
    command: str
    kind: Kind
    reader: str = ""
    needs: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """Commands run in the detected folder. `tests` is how many files look like tests of this ecosystem.

    `reports` are globs relative to that folder unless they begin with the folder for reports.
    """

    ecosystem: str
    tool: str
    test: str
    tests: int
    source: str = ""
    manager: str = ""
    reports: tuple[str, ...] = ()
    reader: str = ""
    needs: tuple[str, ...] = ()
    quick: tuple[Check, ...] = field(default=())
    test_changed: str | None = None
    select: str | None = None
    notes: tuple[str, ...] = ()
    loose: re.Pattern[str] | None = None
    """The tests of a folder that says nothing of itself: with all of them in projects of their own it has none."""


def check(
    name: str, command: str, kind: Kind, reader: str = "", needs: Sequence[str] = (), endings: Sequence[str] = ()
) -> Check:
    """Return a quick check; it needs the program of its own name unless told otherwise."""
    return Check(name, command, kind, reader, tuple(needs) or (name,), tuple(endings))


def adding(command: str, more: str) -> str:
    """Return a command line with something added to its last command."""
    return f"{command.rstrip().rstrip(';')} {more}".strip()


def report(facts: Facts, name: str) -> str:
    """Return where a command in this folder writes a report of this name."""
    return f"{facts.reports}/{name}"
