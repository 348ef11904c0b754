"""Plans: what a repository says, what its files show, and what is wrong with its policy file."""

from __future__ import annotations

import pytest

from workers.checks import Plan
from workers.checks.plan import PolicyError, plan

NO_TEST = '{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}'


def planned(files: dict[str, str]) -> Plan:
    return plan(lambda name: files[name].encode() if name in files else None, tuple(files))


def test_the_policy_file_decides() -> None:
    made = planned({
        ".shipmate.toml": '[checks]\ntest = "make prove"\nreports = ["out/*.xml"]\nminutes = 2.5\n'
        '[build]\ncommand = "make app"\noutput = "dist"\n',
        "test_a.py": "def test_a(): pass",
    })  # fmt: skip
    assert made == Plan(
        ".shipmate.toml", "make prove", ("out/*.xml",), "", 150.0, "make app", "dist", ecosystem="python"
    )


def test_a_policy_without_a_test_leaves_the_tests_to_detection() -> None:
    made = planned({".shipmate.toml": "[checks]\nminutes = 1\n", "pytest.ini": "", "test_a.py": ""})
    assert (made.source, made.wall_seconds) == ("pytest", 60.0)
    assert made.test
    assert "pytest" in made.test


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[checks]\ntset = 'x'\n", 2, "no key `tset`; did you mean `test`"),
        ("[chekcs]\n", 1, r"no section \[chekcs\]"),
        ("# hello\n\nchecks = 3\n", 3, "must be a section"),
        ("[checks]\ntest = 3\n", 2, "must be a command in quotes"),
        ("[checks]\ntest = '  '\n", 2, "is empty"),
        ("[checks]\nminutes = 0\n", 2, "more than 0"),
        ("[checks]\nminutes = true\n", 2, "must be a number"),
        ("[checks]\nminutes = nan\n", 2, "more than 0"),
        ("[checks]\nreports = 'x'\n", 2, "must be a list"),
        ("[checks]\n\nreports = ['../../etc/*.xml']\n", 3, "inside the repository"),
        ("[checks]\nreports = ['/etc/*.xml']\n", 2, "inside the repository"),
        ("[checks]\nreports = [3]\n", 2, "must be a list"),
        ("[build]\ncommand = 'x'\noutput = '/tmp'\n", 3, "inside the repository"),
        ("[checks\n", 1, "not TOML"),
        ("x" * 70_000, 0, "too large"),
    ],
)
def test_a_mistake_in_the_policy_names_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(PolicyError, match=words) as wrong:
        planned({".shipmate.toml": text})
    assert wrong.value.line == line
    assert ".shipmate.toml" in str(wrong.value)


def test_a_policy_that_is_no_text_is_refused() -> None:
    with pytest.raises(PolicyError, match="UTF-8"):
        plan(lambda _: b"\xff\xfe", (".shipmate.toml",))


@pytest.mark.parametrize(
    ("files", "source"),
    [
        ({"pyproject.toml": "[tool.pytest.ini_options]", "tests/test_a.py": "def test_a(): pass"}, "pytest"),
        ({"setup.py": "", "tests/test_a.py": "import pytest"}, "pytest"),
        ({"test_a.py": "def test_a(): pass"}, "pytest"),
        ({"setup.cfg": "[tool:pytest]\n", "x.py": ""}, "pytest"),
        ({"a/test_a.py": "import unittest\nclass T(unittest.TestCase): ..."}, "unittest"),
        ({"test_a.py": "import unittest", "conftest.py": ""}, "pytest"),
        ({"package.json": '{"scripts": {"test": "jest --ci"}}'}, "package.json"),
        ({"package.json": '{"scripts": {"test": "node --test"}}'}, "node --test"),
        ({"package.json": NO_TEST, "x.test.js": ""}, "node --test"),
        ({"package.json": "{}", "test/a.mjs": ""}, "node --test"),
        ({"package.json": '{"scripts": {"test": "jest"}}', "tools/test_x.py": "def test(): ..."}, "package.json"),
        ({"Makefile": "all:\n\ttrue\ntest: all\n\t./run\n"}, "make test"),
        ({"Makefile": "check:\n\t./run\n"}, "make check"),
        ({"GNUmakefile": "test:\n", "Makefile": "check:\n"}, "make test"),
    ],
)  # fmt: skip
def test_a_plan_is_detected_from_what_the_repository_holds(files: dict[str, str], source: str) -> None:
    made = planned(files)
    assert made.source == source
    assert made.test


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"README.md": "test: nothing"},
        {"Makefile": "test := 3\n"},
        {"package.json": "not json"},
        {"package.json": "[]"},
        {"package.json": '{"scripts": []}'},
        {"package.json": '{"scripts": {"test": 3}}', "x": ""},
    ],
)
def test_without_recognisable_tests_the_plan_says_why(files: dict[str, str]) -> None:
    made = planned(files)
    assert made.test is None
    assert "no tests that Shipmate recognises" in made.why_not


def test_sources_below_src_are_importable() -> None:
    made = planned({"pyproject.toml": "[tool.pytest.ini_options]", "src/app/__init__.py": "", "tests/test_a.py": ""})
    assert made.test
    assert made.test.startswith("PYTHONPATH=src:. ")


def test_unittest_finds_what_lies_below_src() -> None:
    files = {"src/tomli/__init__.py": "", "tests/test_a.py": "import unittest\nclass T(unittest.TestCase): ..."}
    found = plan(lambda path: files[path].encode() if path in files else None, list(files))
    assert found.test == "PYTHONPATH=src:. python -m unittest discover -v"
