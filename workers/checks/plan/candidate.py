"""What a detector found: commands for one folder, made into a plan for the whole repository. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from workers.checks import Check, Kind, Plan
from workers.checks.plan.facts import REPORTS, Facts

XML = (f"{REPORTS}/*.xml",)


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

    def plan(self, folder: str) -> Plan:
        """The plan, whose commands run at the repository's root."""
        inside = f"cd {shlex.quote(folder)} && " if folder else ""

        def placed(command: str) -> str:
            return f"{inside}{{ {command}; }}" if folder else command

        source = self.source or self.tool
        return Plan(
            source=f"{source} in {folder}" if folder else source,
            test=placed(self.test),
            reports=tuple(
                glob if glob.startswith(REPORTS) or not folder else f"{folder}/{glob}" for glob in self.reports
            ),
            ecosystem=self.ecosystem,
            tool=self.tool,
            manager=self.manager,
            reader=self.reader,
            needs=self.needs,
            quick=tuple(replace(check, command=placed(check.command)) for check in self.quick),
            test_changed=placed(self.test_changed) if self.test_changed else None,
            select=placed(self.select) if self.select else None,
            folder=folder,
            notes=self.notes,
        )


def check(
    name: str, command: str, kind: Kind, reader: str = "", needs: Sequence[str] = (), endings: Sequence[str] = ()
) -> Check:
    """A quick check; it needs the program of its own name unless told otherwise."""
    return Check(name, command, kind, reader, tuple(needs) or (name,), tuple(endings))


def adding(command: str, more: str) -> str:
    """A command line with something added to its last command."""
    return f"{command.rstrip().rstrip(';')} {more}".strip()


def report(facts: Facts, name: str) -> str:
    """Where a command in this folder writes a report of this name."""
    return f"{facts.reports}/{name}"
