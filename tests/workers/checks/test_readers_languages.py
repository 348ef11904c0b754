"""What test tools of many languages wrote of good, bad and skipped tests (`readers_samples/`), read as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.verdict import Counts
from workers.checks import readers
from workers.reports import Reading

SAMPLES = Path(__file__).parent / "readers_samples"


def text(name: str, reader: str) -> Reading:
    reading = readers.text((SAMPLES / name).read_text(), reader)
    assert reading
    return reading


def report(name: str) -> Reading:
    return readers.reports([(SAMPLES / name).read_bytes()])


@pytest.mark.parametrize(
    ("name", "reader", "cases"),
    [
        (
            "go.jsonl",
            "go",
            {
                "example.com/calc/sub.TestX": "passed",
                "example.com/calc.TestAdd": "failed",
                "example.com/calc.TestSame": "passed",
                "example.com/calc.TestTable/a": "passed",
                "example.com/calc.TestTable/b_c": "passed",
                "example.com/calc.TestOld": "failed",
                "example.com/calc.TestLater": "skipped",
            },
        ),
        (
            "cargo-abort.txt",
            "cargo",
            {
                "calc tests::later": "skipped",
                "calc tests::old": "failed",
                "calc tests::panics": "passed",
                "calc tests::same_is_one": "passed",
                "add the tests that did not end": "failed",
                "other other": "passed",
                "doc calc src/lib.rs - add (line 5)": "passed",
            },
        ),
        (
            "minitest.txt",
            "minitest",
            {
                "OldTest#test_later": "skipped",
                "OldTest#test_error": "failed",
                "OldTest#test_same": "passed",
                "OldTest#test_old": "failed",
                "AddTest#test_adds": "failed",
            },
        ),
        (
            "test-unit.txt",
            "minitest",
            {
                "test_adds(AddTest)": "failed",
                "test_error(OldTest)": "failed",
                "test_later(OldTest)": "skipped",
                "test_old(OldTest)": "failed",
                "test_same(OldTest)": "passed",
            },
        ),
        (
            "automake.txt",
            "automake",
            {"t_same": "passed", "t_old": "failed", "t_later": "skipped", "t_add": "failed"},
        ),
    ],
)
def test_an_output_that_names_each_test_is_read_by_name(name: str, reader: str, cases: dict[str, str]) -> None:
    reading = text(name, reader)
    assert dict(reading.cases) == cases
    assert {one.name for one in reading.failing} == {name for name, state in cases.items() if state == "failed"}
    states = list(cases.values())
    assert reading.counts == Counts(**{state: states.count(state) for state in ("passed", "failed", "skipped")})
    assert readers.text((SAMPLES / name).read_text()) == reading


@pytest.mark.parametrize(
    ("name", "cases"),
    [
        (
            "rspec.json",
            {
                "spec/add_spec.rb > Calc adds": "failed",
                "spec/old_spec.rb > Calc is same": "passed",
                "spec/old_spec.rb > Calc is old": "failed",
                "spec/old_spec.rb > Calc is later": "skipped",
                "spec/old_spec.rb > Calc known": "skipped",
                "spec/old_spec.rb > Calc is expected to eq 3": "passed",
            },
        ),
        (
            "phpunit.xml",
            {
                "AddTest.testAdds": "failed",
                "OldTest.testSame": "passed",
                "OldTest.testOld": "failed",
                "OldTest.testLater": "skipped",
                "OldTest.testError": "failed",
                "OldTest.testRisky": "passed",
                'OldTest.testCases with data set "one"': "passed",
                'OldTest.testCases with data set "two "x""': "passed",
                "OldTest.testCases with data set #0": "passed",
            },
        ),
        (
            "surefire.xml",
            {
                "calc.OldTest.old": "failed",
                "calc.OldTest.same": "passed",
                "calc.OldTest.cases(int)[1]": "passed",
                "calc.OldTest.cases(int)[2]": "passed",
                "calc.OldTest.later": "skipped",
                "calc.OldTest$Inner.inner": "passed",
            },
        ),
        (
            "gradle.xml",
            {"calc.OldTest.old": "failed", "calc.OldTest.same": "passed", "calc.OldTest.later": "skipped"},
        ),
        (
            "meson.xml",
            {"calc.same": "passed", "calc.old": "failed", "calc.later": "skipped", "calc.add": "failed"},
        ),
    ],
)
def test_a_report_of_each_tool_tells_how_each_test_ended(name: str, cases: dict[str, str]) -> None:
    assert dict(report(name).cases) == cases


def test_exunit_counts_doctests_and_names_what_fails() -> None:
    reading = text("exunit.txt", "mix")
    assert reading.counts == Counts(passed=2, failed=2, skipped=1)
    assert [one.name for one in reading.failing] == ["test old is old (OldTest)", "test adds (AddTest)"]


def test_a_go_package_that_does_not_compile_fails_with_the_compilers_words() -> None:
    reading = text("go-unbuilt.jsonl", "go")
    assert reading.counts == Counts(passed=1, failed=1)
    assert [(one.name, one.message) for one in reading.failing] == [
        ("example.com/calc", "./calc.go:3:37: undefined: c")
    ]


def test_an_error_outside_of_rspecs_examples_says_what_it_is() -> None:
    (failure,) = report("rspec-outside.json").failing
    assert failure.name == "error 1 outside of the examples"
    assert "uninitialized constant Calcc" in failure.message


@pytest.mark.parametrize(
    ("name", "reader", "test", "words"),
    [
        ("minitest.txt", "minitest", "AddTest#test_adds", "Expected: 3\n  Actual: -1"),
        ("test-unit.txt", "minitest", "test_adds(AddTest)", "<3> expected but was\n<-1>"),
        ("go.jsonl", "go", "example.com/calc.TestAdd", "add_test.go:7: got -1"),
    ],
)
def test_a_failure_comes_with_its_message(name: str, reader: str, test: str, words: str) -> None:
    messages = {one.name: one.message for one in text(name, reader).failing}
    assert words in messages[test]


def test_what_a_failing_program_printed_is_its_message() -> None:
    messages = {one.name: one.message for one in report("meson.xml").failing}
    assert messages["calc.old"] == "1 is not 2"


@pytest.mark.parametrize("name", ["minitest.txt", "test-unit.txt", "automake.txt"])
def test_names_that_do_not_add_up_to_the_summary_are_not_believed(name: str) -> None:
    lines = [line for line in (SAMPLES / name).read_text().splitlines() if "same" not in line]
    reading = readers.text("\n".join(lines))
    assert reading
    assert (reading.counts.total, dict(reading.cases)) == (4 if name == "automake.txt" else 5, {})


def test_what_a_minitest_prints_does_not_hide_its_outcome() -> None:
    output = "ATest#test_a = hello\nthere\n 0.01 s = .\n\n1 runs, 1 assertions, 0 failures, 0 errors, 0 skips\n"
    reading = readers.text(output, "minitest")
    assert reading
    assert dict(reading.cases) == {"ATest#test_a": "passed"}
