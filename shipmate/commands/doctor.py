"""`shipmate doctor`: every setting against the live services."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.settings import Settings, load
from shipmate.commands.faults import WENT_WRONG
from shipmate.commands.progress import plain
from shipmate.doctor import Finding, fail, warn

_MARKS = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "bold red")}


def doctor(env_file: Path, *, as_json: bool) -> int:
    """Check, print, and return the exit code: 1 where something fails. Raises `SettingsInvalid`."""
    findings = examine(load(env_file=env_file))
    broken = any(finding.level == "fail" for finding in findings)
    if as_json:
        print(json.dumps({"ok": not broken, "findings": [asdict(finding) for finding in findings]}, indent=2))
        return WENT_WRONG if broken else 0
    _show(findings)
    return WENT_WRONG if broken else 0


def examine(settings: Settings) -> list[Finding]:
    """All checks, side by side, in the order of a reader: services first, then stores, then this machine."""
    from shipmate.doctor import broker, claude, github, machine, slack, storage

    checks: list[Callable[[Settings], list[Finding]]] = [
        slack.check,
        github.check,
        claude.check,
        broker.check,
        storage.database,
        storage.artifacts,
        storage.disk,
        machine.git,
        machine.sandbox,
        machine.toolbox,
    ]
    with ThreadPoolExecutor(len(checks)) as pool:
        found = [finding for part in pool.map(lambda one: _guarded(one, settings), checks) for finding in part]
    found += [warn("settings", note, "Unset it, or set the keys that belong to it.") for note in settings.notes]
    return list(dict.fromkeys(found))


def _guarded(check: Callable[[Settings], list[Finding]], settings: Settings) -> list[Finding]:
    try:
        return check(settings)
    except Exception as fault:  # one broken check must not hide the others
        name = check.__module__.rpartition(".")[2]
        return [fail(name, f"the check itself failed: {type(fault).__name__}: {fault}", "Report this, with this line.")]


def _show(findings: list[Finding]) -> None:
    table = Table.grid(padding=(0, 2))
    for finding in findings:
        mark, style = _MARKS[finding.level]
        table.add_row(Text(mark, style=style), Text(plain(finding.subject), style="bold"), Text(plain(finding.says)))
        if finding.mend and finding.level != "ok":
            table.add_row("", "", Text(f"→ {plain(finding.mend)}", style="cyan"))
    console = Console(highlight=False)
    console.print(table)
    counts = {level: sum(finding.level == level for finding in findings) for level in _MARKS}
    console.print(f"\n{counts['ok']} fine, {counts['warn']} to look at, {counts['fail']} broken.")
