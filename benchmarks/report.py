"""What a benchmark found: tables, sentences about them, goals. One report, printed by rich or as JSON.

Law: a goal that was missed is printed as missed; nothing is left out because it looks bad.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text


@dataclass
class Table:
    """Rows of ready-made text under `columns`; the first column is left-aligned. `notes` stand below it."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Goal:
    """Something that should be so, and what was found. `met` None: it could not be measured."""

    wanted: str
    found: str
    met: bool | None


@dataclass
class Report:
    """One benchmark's findings; `numbers` are the plain values behind the tables, for scripts."""

    name: str
    tables: list[Table] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    numbers: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Return plain values; what could not be measured is null."""
        known: dict[str, Any] = json.loads(json.dumps(asdict(self)), parse_constant=lambda _: None)
        return known

    def show(self, console: Console) -> None:
        """Print it for people."""
        console.print()
        console.rule(Text(f"{self.name}  ({self.seconds:.0f} s)"))
        for table in self.tables:
            drawn = RichTable(title=Text(table.title), title_justify="left", header_style="bold")
            for number, column in enumerate(table.columns):
                drawn.add_column(Text(column), justify="left" if number == 0 else "right", overflow="fold")
            for row in table.rows:
                drawn.add_row(*(Text(cell) for cell in row))
            console.print(drawn)
            for note in table.notes:
                console.print(Text(f"  {note}", style="dim"))
        for goal in self.goals:
            mark = {True: ("met   ", "green"), False: ("MISSED", "bold red"), None: ("?     ", "yellow")}[goal.met]
            console.print(Text(f"  goal {mark[0]} ", style=mark[1]) + Text(f"{goal.wanted}: {goal.found}"))
