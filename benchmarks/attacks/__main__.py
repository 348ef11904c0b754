"""`python -m benchmarks.attacks` (`make attacks`): run every attack and print how many of each family are held.

Law: a family's count is of tests and cases that ran; what was skipped is printed as such, never as held.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from benchmarks.attacks.corpus import Case, cases

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(__file__).parent
CAUGHT, ALARMS = 0.96, 0.02
"""Goals: the share of evasions that is blocked or held, and of innocent changes that is, wrongly."""


@dataclass
class Families:
    """A pytest plugin: counts the tests that are marked `attack("family")`."""

    held: Counter[str] = field(default_factory=Counter)
    tried: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count one test, at its call, or at the set-up that failed or was skipped."""
        family = dict(report.user_properties).get("attack")
        if not isinstance(family, str) or (report.when != "call" and report.passed):
            return
        if report.skipped:
            self.skipped[family] += 1
            return
        self.tried[family] += 1
        if report.passed:
            self.held[family] += 1
        else:
            self.broken.append(report.nodeid)


def main(arguments: list[str] | None = None) -> int:
    """Print the table; exit code 1 where an attack went through or a goal of the corpus was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attacks", description=__doc__)
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="a folder with evasions/*.toml and innocent/*.toml")
    parser.add_argument("--corpus-only", action="store_true", help="the changes of the corpus alone, without tests")
    parser.add_argument("--even", action="store_true", help="only every second case: those that no rule was made with")
    parser.add_argument("--list", action="store_true", help="name the cases that were decided wrongly")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    asked = parser.parse_args(arguments)
    families = Families()
    if not asked.corpus_only:
        words = ["-m", "attack", "-n", "2", "--dist", "loadgroup"]
        with contextlib.redirect_stdout(sys.stderr):
            pytest.main([*words, str(ROOT / "tests")], plugins=[families])
    every = list(cases(asked.corpus, even=asked.even))
    with ProcessPoolExecutor(2) as pool:
        right = dict(zip(every, pool.map(Case.right, every, chunksize=8), strict=True)) if every else {}
    caught, alarms = _shares(right)
    if asked.json:
        print(json.dumps(_numbers(families, right), indent=2))
    else:
        _show(families, right, listed=asked.list)
    met = caught >= CAUGHT and alarms <= ALARMS
    return 0 if met and not families.broken else 1


def _shares(right: dict[Case, bool]) -> tuple[float, float]:
    evasions = [ok for case, ok in right.items() if case.kind == "evasion"]
    innocent = [ok for case, ok in right.items() if case.kind == "innocent"]
    return sum(evasions) / max(1, len(evasions)), sum(not ok for ok in innocent) / max(1, len(innocent))


def _numbers(families: Families, right: dict[Case, bool]) -> dict[str, object]:
    caught, alarms = _shares(right)
    return {
        "families": {
            name: {"held": families.held[name], "all": families.tried[name], "skipped": families.skipped[name]}
            for name in sorted(families.tried | families.skipped)
        },
        "broken": families.broken,
        "evasions": sum(case.kind == "evasion" for case in right),
        "caught": round(caught, 4),
        "innocent": sum(case.kind == "innocent" for case in right),
        "false_alarms": round(alarms, 4),
        "wrong": [f"{case.kind}: {case.family}: {case.name}" for case, ok in right.items() if not ok],
    }


def _show(families: Families, right: dict[Case, bool], *, listed: bool) -> None:
    console = Console(width=120, highlight=False)
    if families.tried or families.skipped:
        table = Table("attacks", "held", "all", "skipped")
        for name in sorted(families.tried | families.skipped):
            held, tried, skipped = families.held[name], families.tried[name], families.skipped[name]
            table.add_row(name, str(held), str(tried), str(skipped))
        console.print(table)
    for kind, title in (("evasion", "changes that try to slip past"), ("innocent", "innocent changes")):
        table = Table(title, "decided rightly", "all")
        mine = {case: ok for case, ok in right.items() if case.kind == kind}
        for family in sorted({case.family for case in mine}):
            some = [ok for case, ok in mine.items() if case.family == family]
            table.add_row(family, str(sum(some)), str(len(some)))
        table.add_row("all", str(sum(mine.values())), str(len(mine)), style="bold")
        console.print(table)
    caught, alarms = _shares(right)
    console.print(f"caught {caught:.1%} (goal {CAUGHT:.0%}), false alarms {alarms:.1%} (goal {ALARMS:.0%})")
    for name in families.broken:
        console.print(f"went through: {name}", markup=False)
    if listed:
        for case, ok in right.items():
            if not ok:
                said = ", ".join(sorted({f"{one.rule} ({one.level})" for one in case.found()})) or "nothing"
                console.print(f"{case.kind}, {case.family}: {case.name}: {said}", markup=False)


if __name__ == "__main__":
    sys.exit(main())
