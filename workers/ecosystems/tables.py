"""A language's folder as data: what its `language.toml` says becomes an `Ecosystem`; code adds what no table can say.

`tests.toml` and `supply.toml` are read where the folder has them. [docs/ecosystems.md](../../docs/ecosystems.md) is the
guide.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import Field

from workers.ecosystems import Detect, Ecosystem, Lack, ReadDocument, Readers, Select, Spell
from workers.ecosystems.candidate import Candidate, Check, Kind, check
from workers.ecosystems.facts import REPORTS, Facts
from workers.ecosystems.forms import Table
from workers.ecosystems.packages import Packages
from workers.ecosystems.suite import test_forms
from workers.ecosystems.supply import Supply, supply
from workers.reports import Finder, ReadOutput
from workers.reports.summary import Form, reader

Names = tuple[str, ...]


class Quick(Table):
    """A quick check, where the folder `has` one of these files, CI `uses` one of these words, or a file `holds` one.

    `tools` are those whose plans get it; none: all.
    """

    name: str
    command: str
    kind: Kind
    reader: str = ""
    needs: Names = ()
    endings: Names = ()
    has: Names = ()
    uses: Names = ()
    holds: dict[str, str] = Field(default_factory=dict)
    tools: Names = ()

    def found(self, facts: Facts, tool: str) -> Iterator[Check]:
        """Yield the check where it is wanted."""
        held = any(word in facts.text(name) for name, word in self.holds.items())
        wanted = held or facts.has(*self.has) or any(map(facts.uses, self.uses))
        if wanted and (tool in self.tools or not self.tools):
            yield check(self.name, self.command, self.kind, self.reader, self.needs, self.endings)


class Detected(Table):
    """A plan for a folder that `has` one of these files, and `tests` among files with these `endings`.

    `{reports}` is the folder for reports, `{run}` the test command; `{files}` and `{tests...}` are as in a `Candidate`.
    """

    tool: str
    run: str
    has: Names
    tests: str
    endings: Names
    manager: str = ""
    reports: Names = ()
    reader: str = ""
    needs: Names = ()
    changed: str = ""
    select: str = ""

    def plan(self, language: str, facts: Facts) -> Candidate | None:
        """Return the plan for a folder, None where it is another's."""
        tests = facts.count(re.compile(self.tests), *self.endings)
        if not facts.has(*self.has) or not tests:
            return None
        run = self.run.replace("{reports}", facts.reports)
        changed, select = (one.replace("{run}", run) or None for one in (self.changed, self.select))
        reports = tuple(one.replace("{reports}", REPORTS) for one in self.reports)
        return Candidate(
            language, self.tool, run, tests, manager=self.manager, reports=reports, reader=self.reader,
            needs=self.needs, test_changed=changed, select=select,
        )  # fmt: skip


class Summary(Table):
    """A `Form` of `workers.reports.summary` whose numbers are named groups."""

    source: str
    needle: str
    line: str
    failing: str = ""
    last: bool = False


class Language(Table):
    """A `language.toml`; what is not explained here is as in an `Ecosystem` and its parts.

    `declaring` are files at the root on which an installation depends, where no code installs.
    """

    label: str
    rank: int = 50
    manifests: Names = ()
    endings: Names = ()
    sources: Names = ()
    recipes: Names = ()
    programs: Names = ()
    made: Names = ()
    declaring: Names = ()
    harmless: frozenset[str] = frozenset()
    agreeing: frozenset[str] = frozenset()
    select: dict[Literal["belongs", "runnable", "before"], str] = Field(default_factory=dict)
    lack: Lack = Lack()
    summary: dict[str, Summary] = Field(default_factory=dict)
    detect: tuple[Detected, ...] = ()
    quick: tuple[Quick, ...] = ()


def ecosystem(
    beside: str,
    *detect: Detect,
    spell: Mapping[str, Spell] | None = None,
    outputs: Mapping[str, ReadOutput] | None = None,
    findings: Mapping[str, Finder] | None = None,
    documents: tuple[ReadDocument, ...] = (),
    supplied: Supply | None = None,
) -> Ecosystem:
    """Return the ecosystem of the folder that a module is in. Raises ValueError where a table is wrong."""
    folder = Path(beside).parent
    table = Language.model_validate(tomllib.loads((folder / "language.toml").read_text(encoding="utf-8")))
    summaries = {name: reader(Form(**one.model_dump())) for name, one in table.summary.items()}
    select = {part: re.compile(pattern) for part, pattern in table.select.items()}
    made: tuple[Detect, ...] = (*detect, *(_planned(folder.name, one) for one in table.detect))
    return Ecosystem(
        name=folder.name,
        label=table.label,
        rank=table.rank,
        manifests=table.manifests,
        detect=tuple(_with_quick(one, table.quick) for one in made),
        select=Select(select.get("belongs"), select.get("runnable"), select.get("before"), spell or {}),
        readers=Readers(summaries | dict(outputs or {}), findings or {}, documents, table.harmless, table.agreeing),
        lack=table.lack,
        packages=Packages(table.declaring) if table.declaring else None,
        supply=supplied or (supply(beside) if (folder / "supply.toml").is_file() else None),
        programs=table.programs,
        made=table.made,
        tests=test_forms(beside) if (folder / "tests.toml").is_file() else (),
        endings=table.endings,
        sources=table.sources,
        recipes=table.recipes,
    )


def _planned(language: str, one: Detected) -> Detect:
    return lambda facts: one.plan(language, facts)


def _with_quick(detect: Detect, quick: tuple[Quick, ...]) -> Detect:
    def detected(facts: Facts) -> Candidate | None:
        found = detect(facts)
        checks = [each for one in quick for each in one.found(facts, found.tool)] if found else []
        return replace(found, quick=(*found.quick, *checks)) if found else None

    return detected
