"""Running some tests alone, and looking at some files alone: names are found again, and quoted."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest

from workers.checks import Plan
from workers.checks.plan import only_files, only_tests, plan, quick_command
from workers.ecosystems.candidate import Check

FILES = {
    "pyproject.toml": "[tool.pytest.ini_options]\n[tool.ruff]\n",
    "tests/test_a.py": "",
    "tests/unit/test_b.py": "",
    "src/a.py": "",
}


def planned(files: dict[str, str]) -> Plan:
    return plan(lambda path: files[path].encode() if path in files else None, sorted(files))


def python() -> Plan:
    return planned(FILES)


def test_a_name_of_junit_is_found_again_as_pytest_wants_it() -> None:
    names = ["tests.test_a.test_x[1.5-a b]", "tests.unit.test_b.TestB.TestC.test_y", "tests/test_a.py::test_z"]
    command = only_tests(python(), names, FILES)
    assert command
    assert shlex.split(command)[-3:] == [
        "tests/test_a.py::test_x[1.5-a b]",
        "tests/unit/test_b.py::TestB::TestC::test_y",
        "tests/test_a.py::test_z",
    ]


@pytest.mark.parametrize("name", ["elsewhere.test_x", "test_x", "", "-p.evil", "tests.test_a.test\nx", "x" * 399 + "…"])
def test_a_name_that_cannot_be_found_again_selects_nothing(name: str) -> None:
    assert only_tests(python(), [name], FILES) is None


def test_names_are_quoted() -> None:
    command = only_tests(python(), ["tests.test_a.test_x[$(touch /tmp/x)`id`'; rm -rf /]"], FILES)
    assert command
    assert shlex.split(command)[-1] == "tests/test_a.py::test_x[$(touch /tmp/x)`id`'; rm -rf /]"


def test_only_test_files_are_run_by_name() -> None:
    command = only_files(python(), ["src/a.py", "tests/test_a.py", "tests/data.json", "conftest.py"])
    assert command
    assert command.endswith(" tests/test_a.py")
    assert only_files(python(), ["src/a.py"]) is None
    assert only_files(python(), [f"tests/test_{n}.py" for n in range(500)]) is None


def test_a_path_is_never_an_option() -> None:
    command = only_files(python(), ["-p/test_x.py"])
    assert command
    assert shlex.split(command)[-1] == "./-p/test_x.py"


@pytest.mark.parametrize(
    ("files", "names", "end"),
    [
        ({"go.mod": "", "a_test.go": ""}, ["ex.org/p.TestA/x y", "ex.org/p.TestB"], "-run '^(TestA|TestB)$' ./..."),
        ({"Cargo.toml": "", "src/lib.rs": ""}, ["rs tests::fails"], "-- --exact tests::fails"),
        (
            {"pom.xml": "", "src/test/java/a/BTest.java": ""},
            ["a.BTest.adds", "a.BTest.counts(int)[1]"],
            "-Dtest='a.BTest#adds,a.BTest#counts'",
        ),
        (
            {"build.gradle": "", "src/test/java/a/BTest.java": ""},
            ["a.BTest.adds()", "a.BTest.b"],
            "--tests a.BTest.adds --tests a.BTest.b",
        ),
        (
            {"A.sln": "", "A.Tests/A.Tests.csproj": "", "A.Tests/BTests.cs": ""},
            ["N.A", "N.B"],
            "--filter 'FullyQualifiedName=N.A|FullyQualifiedName=N.B'",
        ),
        (
            {"tests/test_a.py": "import unittest"},
            ["test_x (tests.test_a.A.test_x)", "test_y (tests.test_a.A)"],
            "tests.test_a.A.test_x tests.test_a.A.test_y",
        ),
        (
            {"package.json": '{"scripts": {"test": "jest"}}', "test/a.test.js": ""},
            ["test/a.test.js > sum > adds"],
            "test/a.test.js",
        ),
        (
            {"package.json": '{"scripts": {"test": "vitest"}}', "test/a.test.js": ""},
            ["test/a.test.js.sum > adds"],
            "test/a.test.js",
        ),
        (
            {"Gemfile": "gem 'rspec'", "spec/a_spec.rb": ""},
            ["spec/a_spec.rb > A adds"],
            "spec/a_spec.rb",
        ),
        (
            {"mix.exs": "", "test/a_test.exs": ""},
            ["test sums adds (ATest)"],
            "--only test:'test sums adds'",
        ),
    ],
)
def test_each_tool_is_asked_in_its_own_words(files: dict[str, str], names: list[str], end: str) -> None:
    command = only_tests(planned(files), names, files)
    assert command
    assert command.endswith(end), command


def test_commands_of_a_folder_take_paths_from_its_root() -> None:
    files = {"services/api/pyproject.toml": "[tool.pytest.ini_options]", "services/api/tests/test_a.py": ""}
    made = planned(files)
    assert made.folder == "services/api"
    assert made.test
    assert made.test.startswith("cd services/api && {")
    assert "--junitxml=../../.shipmate-reports/pytest.xml" in made.test
    command = only_files(made, ["services/api/tests/test_a.py", "other/tests/test_b.py"])
    assert command
    assert command.endswith("pytest.xml tests/test_a.py; }")
    named = only_tests(made, ["tests.test_a.test_x"], files)
    assert named
    assert "tests/test_a.py::test_x" in named


def test_a_quick_check_looks_at_the_changed_files_it_knows() -> None:
    check = Check("ruff", "ruff check {files}", "lint", "ruff", ("ruff",), (".py",))
    made = python()
    assert quick_command(check, made, ["src/a b.py", "README.md"]) == "ruff check 'src/a b.py'"
    assert quick_command(check, made, ["README.md"]) is None
    assert quick_command(check, made, []) is None
    whole = Check("tsc", "tsc --noEmit", "types", "tsc", (), (".ts",))
    assert quick_command(whole, made, ["x.ts"]) == "tsc --noEmit"
    assert quick_command(replace(whole, endings=()), made, []) == "tsc --noEmit"
    assert quick_command(check, replace(made, folder="api"), ["api/x.py", "web/y.py"]) == "ruff check x.py"
