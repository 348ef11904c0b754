"""Plans for the recorded file lists of well-known repositories (names of files and single facts, no code)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from workers.checks.plan import selecting
from workers.checks.plan.__main__ import paths, planned, table

FOLDER = Path(__file__).parent / "filelists"
LISTS = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.json"))}
DOCS = Path(__file__).parents[3] / "docs" / "policy.md"


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


def test_every_ecosystem_is_held_against_two_real_repositories_at_least() -> None:
    counted: dict[str, int] = {}
    for recorded in LISTS.values():
        ecosystem = recorded["expected"]["ecosystem"]
        counted[ecosystem] = counted.get(ecosystem, 0) + 1
    wanted = {
        "python",
        "node",
        "go",
        "rust",
        "jvm",
        "dotnet",
        "swift",
        "ruby",
        "php",
        "dart",
        "elixir",
        "native",
        "make",
    }
    assert wanted <= {ecosystem for ecosystem, number in counted.items() if number >= 2}
    assert len(LISTS) >= 40


def test_the_table_of_the_documentation_is_the_one_that_is_printed() -> None:
    assert table(FOLDER) in DOCS.read_text()


@pytest.mark.parametrize(
    ("name", "test", "other"),
    [
        ("pallets__flask", "tests/test_basic.py", "src/flask/app.py"),
        ("spf13__cobra", "args_test.go", "args.go"),
        ("google__gson", "gson/src/test/java/com/google/gson/CommentsTest.java", "gson/src/main/java/module-info.java"),
        ("serilog__serilog", "test/Serilog.Tests/LoggerConfigurationTests.cs", "src/Serilog/Log.cs"),
        ("vuejs__core", "packages/compiler-core/__tests__/codegen.spec.ts", "packages/compiler-core/src/ast.ts"),
    ],
)
def test_tests_are_told_from_other_files_by_their_names(name: str, test: str, other: str) -> None:
    assert selecting.is_test(test)
    assert not selecting.is_test(other)
    assert len(tuple(paths(LISTS[name]["files"]))) <= LISTS[name]["total"]
