"""Runs checks side by side and prints their diagnoses, for people and for scripts."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.checkup import Checks, Diagnosis, fail
from bot.settings.sources import SettingsInvalid

_MARKS = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "bold red")}
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """Return one line without control or direction characters."""
    return CONTROL.sub(" ", text).strip()


def command(program: str, checks: Callable[[], Checks]) -> int:
    """Run a role's checks of itself as a program. 0: nothing fails; 1: something does; 2: settings are wrong."""
    parser = argparse.ArgumentParser(prog=program, description="Check this role's settings against live services.")
    parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON document")
    asked = parser.parse_args()
    try:
        return report(examine(checks()), as_json=asked.as_json)
    except SettingsInvalid as invalid:
        print(invalid, file=sys.stderr)
        return 2


def examine(checks: Checks) -> list[Diagnosis]:
    """Run all checks at the same time, and return the diagnoses in the order of the checks."""
    with ThreadPoolExecutor(len(checks)) as pool:
        return list(dict.fromkeys(found for part in pool.map(_guarded, checks.items()) for found in part))


def report(diagnoses: Sequence[Diagnosis], *, as_json: bool) -> int:
    """Print the diagnoses; return the exit code: 1 where something fails."""
    broken = any(diagnosis.level == "fail" for diagnosis in diagnoses)
    if as_json:
        print(json.dumps({"ok": not broken, "diagnoses": [asdict(diagnosis) for diagnosis in diagnoses]}, indent=2))
        return int(broken)
    table = Table.grid(padding=(0, 2))
    for diagnosis in diagnoses:
        mark, style = _MARKS[diagnosis.level]
        table.add_row(
            Text(mark, style=style), Text(plain(diagnosis.subject), style="bold"), Text(plain(diagnosis.says))
        )
        if diagnosis.fix and diagnosis.level != "ok":
            table.add_row("", "", Text(f"→ {plain(diagnosis.fix)}", style="cyan"))
    console = Console(highlight=False)
    console.print(table)
    counts = {level: sum(diagnosis.level == level for diagnosis in diagnoses) for level in _MARKS}
    console.print(f"\n{counts['ok']} fine, {counts['warn']} to look at, {counts['fail']} broken.")
    return int(broken)


def _guarded(named: tuple[str, Callable[[], list[Diagnosis]]]) -> list[Diagnosis]:
    name, check = named
    try:
        return check()
    except Exception as fault:  # one broken check must not hide the others
        return [fail(name, f"the check itself failed: {type(fault).__name__}: {fault}", "Report this, with this line.")]
