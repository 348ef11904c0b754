"""`python -m workers.checks.plan` prints a table of what is detected for the repositories that each language records.

A list is a JSON file: `repo`, `commit`, `total` (files of the commit), `files` as a tree ("" holds the names in a
folder, "name/" a folder in it), `contents` (single facts of the files that decide) and `expected`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from workers.checks import Plan
from workers.checks.plan import plan

FOLDER = Path(__file__).parents[2] / "ecosystems"
REPOSITORIES = sorted(FOLDER.glob("*/samples/repositories/*.json"), key=lambda file: file.name)


def paths(tree: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Yield the paths of a tree of names."""
    for name, inside in tree.items():
        if name:
            yield from paths(inside, f"{above}{name}")
        else:
            yield from (f"{above}{file}" for file in inside)


def planned(recorded: Mapping[str, Any]) -> Plan:
    """Return the plan for a recorded list."""
    files = sorted(paths(recorded["files"]))
    contents = recorded["contents"]
    return plan(lambda path: contents.get(path, "").encode() if path in files else None, files)


def table() -> str:
    """Return a table in Markdown, a line per recorded repository, ordered by ecosystem."""
    rows = []
    for file in REPOSITORIES:
        recorded = json.loads(file.read_text(encoding="utf-8"))
        made = planned(recorded)
        quick = ", ".join(check.name for check in made.quick) or "-"
        place = f" in `{made.folder}`" if made.folder else ""
        what = f"{made.tool}{place}" if made.test else "nothing"
        rows.append((made.ecosystem or "~", recorded["repo"], recorded["total"], what, made.manager or "-", quick))
    lines = ["| Repository | Files | Ecosystem | Tests by | Packages by | Quick checks |", "|---|---:|---|---|---|---|"]
    for ecosystem, repository, total, what, manager, quick in sorted(rows):
        lines.append(f"| {repository} | {total} | {ecosystem.replace('~', '-')} | {what} | {manager} | {quick} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
