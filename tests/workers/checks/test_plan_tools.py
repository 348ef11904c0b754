"""What a sandbox lacks is known before anything is run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from workers.checks import Plan
from workers.checks.plan.tools import absent, missing_tools, unavailable
from workers.ecosystems.candidate import Check
from workers.sandbox import Session
from workers.sandbox.bubblewrap import Bubblewrap

TOOLBOX = Path(__file__).resolve().parents[3] / ".toolbox"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    place = tmp_path / "workspace"
    place.mkdir()
    return place


@pytest.fixture
def session(tmp_path: Path, workspace: Path) -> Iterator[Session]:
    made = Bubblewrap(tmp_path / "home", TOOLBOX).open(workspace)
    yield made
    made.close()


def test_programs_are_looked_for_on_the_path_and_in_the_repository(session: Session, workspace: Path) -> None:
    local = workspace / "node_modules" / ".bin" / "jest"
    local.parent.mkdir(parents=True)
    local.write_text("#!/bin/sh\n")
    local.chmod(0o755)
    (workspace / "vendor" / "bin").mkdir(parents=True)
    (workspace / "vendor" / "bin" / "phpunit-of-its-own").symlink_to("../../node_modules/.bin/jest")
    (workspace / "run").write_text("#!/bin/sh\n")
    (workspace / "run").chmod(0o755)
    wanted = (
        "python",
        "sh",
        "jest",
        "./run",
        "no-such-program",
        "phpunit-of-its-own",
        "vendor/bin/pest",
        "rm -rf /",
        "$(id)",
        "",
    )
    assert absent(wanted, session) == ("no-such-program", "vendor/bin/pest")
    assert absent((), session) == ()


def test_a_plan_without_its_toolchain_is_told_from_one_with_it(session: Session) -> None:
    assert missing_tools(Plan("go", "go test", needs=("python", "no-such-toolchain")), session) == (
        "no-such-toolchain",
    )
    assert missing_tools(Plan("pytest", "pytest", needs=("python",)), session) == ()


def test_a_quick_check_without_its_tool_is_unavailable(session: Session) -> None:
    there = Check("syntax", "python -m compileall .", "lint", needs=("python",))
    away = Check("linter", "no-such-linter .", "lint", needs=("python", "no-such-linter"))
    assert unavailable(Plan("x", "x", quick=(there, away)), session) == frozenset({"linter"})
