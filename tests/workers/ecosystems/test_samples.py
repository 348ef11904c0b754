"""Samples of every language: what tools wrote is read as its folder says, and real repositories get the right plan.

A folder without samples fails here, so that nothing is claimed of a language that was never seen.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from workers.checks import readers
from workers.checks.missing import missing
from workers.checks.plan.__main__ import REPOSITORIES, planned, table
from workers.ecosystems import registry
from workers.reports import Reading
from workers.sandbox import Ran

ROOT = Path(__file__).parents[3]
FOLDERS = {one.name: ROOT / "workers" / "ecosystems" / one.name / "samples" for one in registry.ALL}
SHORTEST = 2
"""Recorded repositories that a language needs at least."""


def tables(kind: str) -> list[Any]:
    """Return the samples of one kind as test parameters: (folder, table)."""
    found = []
    for name, folder in FOLDERS.items():
        file = folder / "samples.toml"
        every = tomllib.loads(file.read_text(encoding="utf-8")).get(kind, []) if file.exists() else []
        for number, one in enumerate(every):
            found.append(pytest.param(folder, one, id=f"{name}-{one.get('file', number)}-{one.get('reader', '')}"))
    return found


def check(reading: Reading | None, wanted: dict[str, Any], printed: bool) -> None:
    """Compare a reading with a sample's table: names with outcomes, or counts with the names of what failed."""
    assert reading
    told = {state: getattr(reading.counts, state) for state in ("passed", "failed", "skipped")}
    failing = sorted(one.name for one in reading.failing)
    if "cases" in wanted:
        states = list(wanted["cases"].values())
        assert dict(reading.cases) == wanted["cases"]
        assert failing == sorted(name for name, state in wanted["cases"].items() if state == "failed")
        assert not printed or told == {state: states.count(state) for state in told}
    else:
        assert told == {state: wanted.get(state, 0) for state in told}
        assert failing == sorted(wanted["failing"])


@pytest.mark.parametrize(("folder", "wanted"), tables("output"))
def test_what_a_runner_prints_is_counted_and_its_failures_are_named(folder: Path, wanted: dict[str, Any]) -> None:
    output = (folder / wanted["file"]).read_text(encoding="utf-8")
    check(readers.text(output, wanted.get("reader", "")), wanted, printed=True)
    if wanted.get("reader", "tap") != "tap":
        assert readers.text(output) == readers.text(output, wanted["reader"])


@pytest.mark.parametrize(("folder", "wanted"), tables("report"))
def test_a_report_tells_each_test_and_how_it_ended(folder: Path, wanted: dict[str, Any]) -> None:
    check(readers.reports([(folder / wanted["file"]).read_bytes()]), wanted, printed=False)


@pytest.mark.parametrize(("folder", "wanted"), tables("finding"))
def test_what_a_quick_check_finds_has_a_place_and_a_rule(folder: Path, wanted: dict[str, Any]) -> None:
    found = readers.findings((folder / wanted["file"]).read_text(encoding="utf-8"), wanted["reader"])
    assert found is not None
    if "number" in wanted:
        assert len(found) == wanted["number"]
    else:
        assert [[one.path, one.line, one.rule] for one in found] == wanted["found"]


class Empty:
    """A session in which no file is found."""

    def run(self, _command: str, **_: object) -> Ran:
        return Ran(1, "", 0.0)


@pytest.mark.parametrize(("folder", "wanted"), tables("lack"))
def test_what_the_sandbox_lacks_is_named(folder: Path, wanted: dict[str, Any]) -> None:
    output = wanted["output"] if "output" in wanted else (folder / wanted["file"]).read_text(encoding="utf-8")
    assert missing(f"   Compiling\n{output}\n", Empty()) == wanted["lacks"]  # type: ignore[arg-type]  # all that is asked


LISTS = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in REPOSITORIES}


@pytest.mark.parametrize("name", sorted(LISTS))
def test_the_plan_of_a_real_repository_is_the_expected_one(name: str) -> None:
    recorded: dict[str, Any] = LISTS[name]
    made = planned(recorded)
    told = {
        "ecosystem": made.ecosystem,
        "tool": made.tool,
        "manager": made.manager,
        "folder": made.folder,
        "test": made.test,
        "needs": list(made.needs),
        "quick": [check.name for check in made.quick],
        "notes": list(made.notes),
    }
    assert told == recorded["expected"]


@pytest.mark.parametrize("name", [one.name for one in registry.ALL])
def test_every_language_is_held_against_real_repositories(name: str) -> None:
    assert len(list((FOLDERS[name] / "repositories").glob("*.json"))) >= SHORTEST


def test_the_table_of_the_documentation_is_the_one_that_is_printed() -> None:
    assert len(LISTS) >= 40
    assert table() in (ROOT / "docs" / "policy.md").read_text()
