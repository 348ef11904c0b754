"""Readers on what the tools themselves wrote (`readers_samples/`), mostly of one good, one bad and one skipped test."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.verdict import Counts
from workers.checks import readers
from workers.reports import Finding, Reading

SAMPLES = Path(__file__).parent / "readers_samples"
ONE_OF_EACH = Counts(passed=1, failed=1, skipped=1)


def text(name: str, reader: str = "") -> Reading:
    reading = readers.text((SAMPLES / name).read_text(), reader)
    assert reading
    return reading


def report(*names: str) -> Reading:
    return readers.reports([(SAMPLES / name).read_bytes() for name in names])


def findings(name: str, reader: str) -> list[tuple[str, int, str]]:
    found = readers.findings((SAMPLES / name).read_text(), reader)
    assert found is not None
    return [(one.path, one.line, one.rule) for one in found]


@pytest.mark.parametrize(
    ("name", "counts", "failing"),
    [
        ("pytest.txt", ONE_OF_EACH, ["test_m.py::T::test_b"]),
        ("unittest.txt", ONE_OF_EACH, ["test_b (test_m.T.test_b)"]),
        ("node.txt", ONE_OF_EACH, ["fails", "sum"]),
        ("node.tap", ONE_OF_EACH, ["sum > fails"]),
        ("ava.tap", Counts(passed=1, failed=1, skipped=2), ["fails"]),
        ("tape.tap", Counts(passed=1, failed=1), ["adds > one"]),
        ("jest.txt", Counts(passed=1, failed=1, skipped=2), ["sum › fails"]),
        ("vitest.txt", ONE_OF_EACH, ["test/a.test.js > sum > fails"]),
        ("mocha.txt", ONE_OF_EACH, ["sum"]),
        ("jasmine.txt", ONE_OF_EACH, ["sum fails"]),
        ("cargo.txt", Counts(passed=3, failed=1, skipped=1), ["rs tests::fails"]),
    ],
)
def test_what_a_runner_prints_is_counted_and_its_failures_are_named(
    name: str, counts: Counts, failing: list[str]
) -> None:
    reading = text(name)
    assert reading.counts == counts
    assert sorted(one.name for one in reading.failing) == sorted(failing)


@pytest.mark.parametrize(
    ("name", "counts", "cases"),
    [
        (
            "pytest.xml",
            ONE_OF_EACH,
            {"test_m.T.test_a": "passed", "test_m.T.test_b": "failed", "test_m.T.test_c": "skipped"},
        ),
        ("node.xml", ONE_OF_EACH, {"adds": "passed", "fails": "failed", "later": "skipped"}),
        ("mocha.xml", ONE_OF_EACH, {"sum.adds": "passed", "sum.fails": "failed", "sum.later": "skipped"}),
        (
            "mocha.json",
            ONE_OF_EACH,
            {
                "test/a.test.js > sum adds": "passed",
                "test/a.test.js > sum fails": "failed",
                "test/a.test.js > sum later": "skipped",
            },
        ),
        (
            "vitest.xml",
            ONE_OF_EACH,
            {
                "test/a.test.js.sum > adds": "passed",
                "test/a.test.js.sum > fails": "failed",
                "test/a.test.js.sum > later": "skipped",
            },
        ),
        (
            "vitest.json",
            ONE_OF_EACH,
            {
                "test/a.test.js > sum > adds": "passed",
                "test/a.test.js > sum > fails": "failed",
                "test/a.test.js > sum > later": "skipped",
            },
        ),
        (
            "jest.json",
            Counts(passed=1, failed=2, skipped=2),
            {
                "test/a.test.js > sum > adds": "passed",
                "test/a.test.js > sum > fails": "failed",
                "test/a.test.js > sum > later": "skipped",
                "test/a.test.js > sum > x": "skipped",
                "test/b.test.js": "failed",
            },
        ),
        ("ctest.xml", Counts(passed=1, failed=1), {"good": "passed", "bad": "failed"}),
    ],
)
def test_a_report_tells_each_test_and_how_it_ended(name: str, counts: Counts, cases: dict[str, str]) -> None:
    reading = report(name)
    assert (reading.counts, dict(reading.cases)) == (counts, cases)
    assert {one.name for one in reading.failing} == {name for name, state in cases.items() if state == "failed"}


def test_reports_of_several_kinds_add_up() -> None:
    assert report("jest.json", "mocha.xml", "pytest.xml").counts == Counts(passed=3, failed=4, skipped=4)


def test_tap_names_the_tests_within_tests() -> None:
    assert dict(text("node.tap", "tap").cases) == {
        "sum > adds": "passed",
        "sum > fails": "failed",
        "sum > later": "skipped",
    }


@pytest.mark.parametrize(
    ("name", "reader", "found"),
    [
        ("tsc.txt", "tsc", [("src/a.ts", 1, "TS2322"), ("src/a.ts", 2, "TS2322")]),
        (
            "eslint.json",
            "eslint",
            [("src/a.js", 1, "no-unused-vars"), ("src/a.js", 2, "no-unused-vars"), ("src/a.js", 2, "no-undef")],
        ),
        (
            "eslint-stylish.txt",
            "stylish",
            [("src/a.js", 1, "no-unused-vars"), ("src/a.js", 2, "no-unused-vars"), ("src/a.js", 2, "no-undef")],
        ),
        ("prettier.txt", "prettier", [("src/a.js", 0, "format"), ("src/a.ts", 0, "format")]),
        ("ruff.json", "ruff", [("bad.py", 2, "invalid-syntax"), ("m.py", 1, "I001"), ("m.py", 1, "F401")]),
        ("ruff.sarif", "sarif", [("m.py", 1, "I001"), ("m.py", 1, "F401")]),
        ("ruff-concise.txt", "lines", [("m.py", 1, "I001"), ("m.py", 1, "F401")]),
        ("ruff-format.txt", "reformat", [("m.py", 0, "format")]),
        ("isort.txt", "reformat", [("m.py", 0, "format")]),
        ("black.diff", "diff", [("m.py", 0, "format")]),
        ("rustfmt.txt", "rustfmt", [("src/lib.rs", 0, "format")]),
        ("clippy.jsonl", "cargo", [("src/lib.rs", 4, "clippy::needless_return")]),
        ("mypy.txt", "mypy", [("m.py", 3, "return-value")]),
    ],
)
def test_what_a_quick_check_finds_has_a_place_and_a_rule(
    name: str, reader: str, found: list[tuple[int | str, ...]]
) -> None:
    assert findings(name, reader) == found


@pytest.mark.parametrize(
    ("name", "number"),
    [("tsc.txt", 2), ("eslint.json", 3), ("ruff.json", 3), ("ruff.sarif", 2), ("mypy.txt", 1), ("flake8.txt", 10)],
)
def test_a_command_of_the_repositorys_own_is_read_by_whoever_knows_its_form(name: str, number: int) -> None:
    assert len(findings(name, "any")) == number


def test_a_finding_stays_itself_when_lines_above_it_come_and_go() -> None:
    one, other = Finding("a.py", 3, "E1", "wrong"), Finding("a.py", 9, "E1", "wrong")
    assert one.identity == other.identity
