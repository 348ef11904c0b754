"""Readers: what is counted, what is refused, and what is nobody's format."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from bot.domain.verdict import Counts
from workers.ecosystems.node import read as node_read
from workers.ecosystems.python import read
from workers.reports import junit

PYTEST_XML = b"""<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest" failures="9" tests="99">
<testcase classname="tests.test_a" name="test_x" time="0.1"/>
<testcase classname="tests.test_a" name="test_y">
<failure message="assert 1 == 2">tests/test_a.py:3: AssertionError</failure></testcase>
<testcase classname="tests.test_a" name="test_z"><skipped message="later"/></testcase>
<testcase classname="tests.test_a" name="test_w"><error message="boom">at setup</error></testcase>
</testsuite></testsuites>"""


def test_cases_are_counted_not_the_totals_a_report_claims() -> None:
    reading = junit.read([PYTEST_XML])
    assert reading.counts == Counts(passed=1, failed=2, skipped=1)
    assert [failure.name for failure in reading.failing] == ["tests.test_a.test_y", "tests.test_a.test_w"]
    assert reading.failing[0].message == "assert 1 == 2\ntests/test_a.py:3: AssertionError"


def test_cases_at_any_depth_are_counted_once() -> None:
    report = (
        b'<testsuites><testcase name="top"/><testsuite name="a"><testsuite name="b"><testcase name="deep"/></testsuite>'
        b'<testcase name="mid"><failure/></testcase></testsuite></testsuites>'
    )
    assert junit.read([report, b'<testsuite><testcase name="x"/></testsuite>']).counts == Counts(passed=3, failed=1)


CTEST_XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="(empty)" tests="5" failures="0" disabled="1" skipped="2" hostname="" time="0">
<testcase name="ok" classname="ok" time="0.001" status="run"><system-out></system-out></testcase>
<testcase name="off" classname="off" time="0" status="disabled"><system-out>Disabled</system-out></testcase>
<testcase name="skipcode" classname="skipcode" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/></testcase>
<testcase name="missing" classname="missing" time="0" status="notrun">
<skipped message="Unable to find executable"/><system-out>Unable to find executable: no_such</system-out></testcase>
<testcase name="bad" classname="bad" time="0.001" status="fail"/></testsuite>"""


def test_ctest_says_by_attribute_what_did_not_run_and_what_could_not() -> None:
    reading = junit.read([CTEST_XML])
    assert reading.cases == {
        "ok": "passed", "off": "skipped", "skipcode": "skipped", "missing": "failed", "bad": "failed"
    }  # fmt: skip
    assert reading.counts == Counts(passed=1, failed=2, skipped=2)
    assert reading.failing[0].message == "Unable to find executable: no_such"


@pytest.mark.parametrize(
    ("attributes", "state"),
    [
        ('status="run" result="completed"', "passed"),
        ('status="run" result="skipped"', "skipped"),
        ('status="notrun" result="suppressed"', "skipped"),
        ('status="Not Run"', "skipped"),
        ('status="Ignored"', "skipped"),
        ('status="disabled"', "skipped"),
        ('status="a word of tomorrow"', "skipped"),
        ('status="FAILED"', "failed"),
        ('result="Passed"', "passed"),
        ('status=""', "passed"),
    ],
)
def test_an_outcome_said_by_an_attribute_is_heard(attributes: str, state: str) -> None:
    report = f'<testsuite><testcase name="one" {attributes}/></testsuite>'.encode()
    assert junit.read([report]).cases == {"one": state}


def test_what_a_suite_counts_as_switched_off_and_does_not_list_is_skipped() -> None:
    cargo = b'<testsuites><testsuite tests="3" failures="0" skipped="2"><testcase name="a"/></testsuite></testsuites>'
    assert junit.read([cargo]).counts == Counts(passed=1, skipped=2)
    listed = b'<testsuite tests="2" disabled="1"><testcase name="a"/><testcase name="b" status="notrun"/></testsuite>'
    assert junit.read([listed]).counts == Counts(passed=1, skipped=1)


@pytest.mark.parametrize("total", ["-4", "1e9", "99999999999999999999", "\u0665", "nine"])
def test_a_total_that_is_no_number_switches_nothing_off(total: str) -> None:
    report = f'<testsuite tests="{total}" disabled="{total}"><testcase name="a"/></testsuite>'.encode()
    assert junit.read([report]).counts == Counts(passed=1)


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (b'<!DOCTYPE x [<!ENTITY a "b">]><testsuites>&a;</testsuites>', "refused"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><testsuites/>', "refused"),
        (b"<html></html>", "not JUnit"),
        (b"<testsuites>", "not JUnit"),
        (b"", "not JUnit"),
        (b"\xff\xff", "not JUnit"),
        (b"<testsuites>" + b" " * (10 << 20), "10 MB"),
    ],
)
def test_a_hostile_or_broken_report_is_refused_in_words(report: bytes, words: str) -> None:
    with pytest.raises(junit.BadReport, match=words):
        junit.read([report])


def test_long_names_and_messages_are_cut() -> None:
    report = (
        b'<testsuite><testcase name="'
        + b"n" * 5000
        + b'"><failure>'
        + (b"m" * 5000 + b"\n") * 50
        + b"</failure></testcase></testsuite>"
    )
    (failure,) = junit.read([report]).failing
    assert len(failure.name) == 400
    assert len(failure.message) < 12 * 402


@pytest.mark.parametrize(
    ("output", "counts"),
    [
        ("..F\n1 failed, 2 passed in 0.12s\n", Counts(passed=2, failed=1)),
        ("===== 3 passed, 1 skipped, 2 warnings in 1.20s =====\n", Counts(passed=3, skipped=1)),
        ("== 1 failed, 1 error, 1 xfailed, 1 xpassed in 61.00s (0:01:01) ==", Counts(passed=1, failed=2, skipped=1)),
        ("no tests ran in 0.01s", Counts()),
        ("\x1b[32m\x1b[1m4 passed\x1b[0m\x1b[32m in 0.01s\x1b[0m", Counts(passed=4)),
    ],
)
def test_the_last_line_of_pytest_is_read(output: str, counts: Counts) -> None:
    reading = read.pytest(output)
    assert reading
    assert reading.counts == counts


def test_pytests_short_summary_names_what_failed() -> None:
    reading = read.pytest("FAILED t.py::test_y - assert 1\nERROR t.py\n1 failed, 1 error in 0.1s\n")
    assert reading
    assert [(one.name, one.message) for one in reading.failing] == [("t.py::test_y", "assert 1"), ("t.py", "")]


@pytest.mark.parametrize(
    ("output", "counts"),
    [
        ("Ran 3 tests in 0.001s\n\nOK\n", Counts(passed=3)),
        ("Ran 1 test in 0.001s\n\nOK (skipped=1)\n", Counts(skipped=1)),
        (
            "Ran 5 tests in 0.1s\n\nFAILED (failures=1, errors=1, skipped=1, expected failures=1)\n",
            Counts(passed=1, failed=2, skipped=2),
        ),
        ("Ran 0 tests in 0.000s\n\nNO TESTS RAN\n", Counts()),
        ("Ran 2 tests in 0.0s\n\nFAILED (unexpected successes=1)\n", Counts(passed=1, failed=1)),
    ],
)
def test_the_end_of_unittest_is_read(output: str, counts: Counts) -> None:
    reading = read.unittest(output)
    assert reading
    assert reading.counts == counts


@pytest.mark.parametrize(
    ("output", "counts"),
    [
        ("ℹ tests 3\nℹ suites 1\nℹ pass 2\nℹ fail 1\nℹ cancelled 0\nℹ skipped 0\n", Counts(passed=2, failed=1)),
        ("# tests 4\n# pass 1\n# fail 1\n# cancelled 1\n# skipped 1\n", Counts(passed=1, failed=2, skipped=1)),
    ],
)
def test_the_totals_of_nodes_runner_are_read(output: str, counts: Counts) -> None:
    reading = node_read.node(output)
    assert reading
    assert reading.counts == counts


@pytest.mark.parametrize("reader", [read.pytest, read.unittest, node_read.node])
@pytest.mark.parametrize("output", ["", "all good", "3 passed the river in 4 boats", "Ran away", "# tests many", "OK"])
def test_other_text_is_nobodys_format(reader: Callable[[str], object], output: str) -> None:
    assert reader(output) is None


@pytest.mark.parametrize("reader", [read.pytest, read.unittest, node_read.node])
@pytest.mark.parametrize(
    "piece", ["1 a, ", "=" * 50, "Ran 1 tests in 0.1s\n", "FAILED " + "x" * 50, "✖ ", "\x1b[", "not ok 1 - ", "a=1 "]
)
def test_hostile_output_costs_bounded_time(reader: Callable[[str], object], piece: str) -> None:
    began = time.process_time()
    reader(piece * (2_000_000 // len(piece)))
    assert time.process_time() - began < 5
