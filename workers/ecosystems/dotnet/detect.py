""".NET: `dotnet test`, dotnet format. Pure."""

from __future__ import annotations

import re

from workers.ecosystems.candidate import Candidate, Check, check, report
from workers.ecosystems.facts import REPORTS, Facts

_TESTS = re.compile(r"(^|/)[^/]*Tests?[^/]*/.*\.(cs|fs|vb)$|Tests?\.(cs|fs|vb)$")
_PROJECTS = ("csproj", "fsproj", "vbproj")
_PROJECT = re.compile(r"\.(csproj|fsproj|vbproj)$")
_TEST_PROJECT = re.compile(r"(^|/)[^/]*(Tests?|Specs)[^/]*\.(csproj|fsproj|vbproj)$")


def detect(facts: Facts) -> Candidate | None:
    """Return a .NET solution, or a single test project."""
    project = facts.first(_PROJECT, *_PROJECTS)
    tests = facts.count(_TESTS, "cs", "fs", "vb")
    if project is None or not tests:
        return None
    solutions = facts.of("sln", "slnx")
    place = min(solutions, key=lambda path: (path.count("/"), len(path))) if solutions else None
    if place is None or place.count("/") > 1:
        place = facts.first(_TEST_PROJECT, *_PROJECTS) or place
    if place is None:
        return None
    quoted = "'" + place.replace("'", "'\\''") + "'"
    run = f"dotnet test {quoted} --nologo --logger trx --results-directory {report(facts, 'dotnet')}"
    quick: tuple[Check, ...] = ()
    if facts.has(".editorconfig") and facts.uses("dotnet format"):
        command = f"dotnet format {quoted} --verify-no-changes --no-restore"
        quick = (check("dotnet format", command, "format", "lines", ("dotnet",), (".cs", ".vb")),)
    return Candidate(
        "dotnet", "dotnet test", run, tests, manager="nuget", reports=(f"{REPORTS}/dotnet/**/*.trx",), reader="trx",
        needs=("dotnet",), quick=quick, select=f"{run} --filter {{tests~}}",
    )  # fmt: skip
