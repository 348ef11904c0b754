"""The page in `docs/` and the table say the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bot.domain import lifecycle
from bot.domain.change import Phase
from bot.domain.transitions import TABLE, picture

ROOT = Path(__file__).parents[2]


def test_the_page_is_what_the_table_prints() -> None:
    printed = (ROOT / "docs" / "lifecycle.md").read_text(encoding="utf-8")
    assert printed == lifecycle.page(), "run `make lifecycle`"


def test_the_command_prints_the_page() -> None:
    command = [sys.executable, "-m", "bot.domain.lifecycle"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60, check=True)
    assert run.stdout == lifecycle.page()


def test_the_picture_draws_every_way_between_phases() -> None:
    drawn = picture()
    for (phase, event), following in TABLE.items():
        for after in following:
            arrow = f"{phase} --> {after}: "
            line = next((line for line in drawn.splitlines() if line.strip().startswith(arrow)), "")
            assert (event in line.split(": ")[-1].split(", ")) == (phase != after)


def test_the_page_names_every_phase() -> None:
    assert all(f"| {phase} |" in lifecycle.page() for phase in Phase)
