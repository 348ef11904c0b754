"""What the samples of each language cannot say in a table: messages, and names that are not believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.verdict import Counts
from workers.checks import readers
from workers.reports import Reading

ECOSYSTEMS = Path(__file__).parents[3] / "workers" / "ecosystems"


def sample(name: str) -> Path:
    """Return the sample of this name, of whichever language."""
    (found,) = ECOSYSTEMS.glob(f"*/samples/{name}")
    return found


def text(name: str, reader: str) -> Reading:
    reading = readers.text(sample(name).read_text(), reader)
    assert reading
    return reading


def report(name: str) -> Reading:
    return readers.reports([sample(name).read_bytes()])


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
    lines = [line for line in sample(name).read_text().splitlines() if "same" not in line]
    reading = readers.text("\n".join(lines))
    assert reading
    assert (reading.counts.total, dict(reading.cases)) == (4 if name == "automake.txt" else 5, {})


def test_what_a_minitest_prints_does_not_hide_its_outcome() -> None:
    output = "ATest#test_a = hello\nthere\n 0.01 s = .\n\n1 runs, 1 assertions, 0 failures, 0 errors, 0 skips\n"
    reading = readers.text(output, "minitest")
    assert reading
    assert dict(reading.cases) == {"ATest#test_a": "passed"}


def test_what_ctest_prints_is_not_taken_for_zigs() -> None:
    output = (
        "    Start 1: total\n1/2 Test #1: total ............................   Passed    0.01 sec\n"
        "    Start 2: big\n2/2 Test #2: big ..............................***Not Run (Disabled)   0.00 sec\n\n"
        "100% tests passed, 0 tests failed out of 1\n"
    )
    (reading,) = readers.texts(output)
    assert (reading.source, reading.counts) == ("CTest's summary", Counts(passed=1))
