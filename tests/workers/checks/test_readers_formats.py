"""Readers of formats whose tools document them: what is counted, what has died, and what is nobody's form."""

from __future__ import annotations

import json

import pytest

from bot.domain.verdict import Counts
from workers.checks import readers
from workers.reports import BadReport, Reading


def text(output: str, reader: str = "") -> Reading:
    reading = readers.text(output, reader)
    assert reading
    return reading


def events(*lines: dict[str, object]) -> str:
    return "".join(json.dumps(line) + "\n" for line in lines)


def go(action: str, test: str = "", **more: object) -> dict[str, object]:
    return {"Action": action, "Package": "ex.org/p", **({"Test": test} if test else {}), **more}


def test_events_of_go_are_counted_by_their_innermost_tests() -> None:
    output = events(
        go("run", "TestA"),
        go("run", "TestA/x"),
        go("run", "TestA/y"),
        go("output", "TestA/y", Output="    a_test.go:3: 1 is not 2\n"),
        go("pass", "TestA/x"),
        go("fail", "TestA/y"),
        go("fail", "TestA"),
        go("run", "TestB"),
        go("skip", "TestB"),
        go("fail"),
    )
    reading = text(output, "go")
    assert dict(reading.cases) == {
        "ex.org/p.TestA/x": "passed",
        "ex.org/p.TestA/y": "failed",
        "ex.org/p.TestB": "skipped",
    }
    assert reading.failing[0].message == "a_test.go:3: 1 is not 2"
    assert reading.counts == Counts(passed=1, failed=1, skipped=1)


def test_a_go_test_that_began_and_never_ended_has_failed() -> None:
    assert text(events(go("run", "TestA"), go("fail")), "go").cases == {"ex.org/p.TestA": "failed"}


def test_a_go_package_that_does_not_build_fails_as_a_test() -> None:
    reading = text(events(go("output", Output="./a.go:1:1: syntax error\n"), go("fail")), "go")
    assert reading.cases == {"ex.org/p": "failed"}
    assert "syntax error" in reading.failing[0].message


def test_go_in_words_is_counted_too() -> None:
    output = (
        "=== RUN   TestA\n--- PASS: TestA (0.00s)\n    --- PASS: TestA/x (0.00s)\n--- FAIL: TestB (0.01s)\nFAIL\n"
        "FAIL\tex.org/p\t0.011s\nok  \tex.org/q\t0.020s\n?   \tex.org/r\t[no test files]\nFAIL\n"
    )
    assert text(output).cases == {"ex.org/p.TestA/x": "passed", "ex.org/p.TestB": "failed", "ex.org/q": "passed"}


def test_rust_tests_that_died_with_their_program_have_failed() -> None:
    reading = text("running 3 tests\ntest a ... ok\nerror: test failed, to rerun pass `--lib`\n", "cargo")
    assert reading.counts == Counts(passed=1, failed=1)
    assert "ended before" in reading.failing[0].message


def test_rust_totals_count_what_other_output_tore_apart() -> None:
    end = "test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n"
    assert text(f"running 2 tests\ntest a ... hello\nok\ntest b ... ok\n\n{end}", "cargo").counts == Counts(passed=2)


@pytest.mark.parametrize(
    ("output", "counts"),
    [
        ("TAP version 14\n1..2\nok 1 - a\nnot ok 2 - b\n", Counts(passed=1, failed=1)),
        ("ok 1\nok 2 # SKIP no network\nnot ok 3 # Todo later\n1..3\n", Counts(passed=1, skipped=2)),
        ("1..4\nok 1 - a\nok 2 - b\n", Counts(passed=2, failed=1)),
        ("TAP version 13\n1..1\nok 1 - a\nBail out! no database\n", Counts(passed=1, failed=1)),
        ("1..0 # skipped\n", Counts()),
        (
            "TAP version 14\n# Subtest: a.js # time=3ms\n    ok 1 - x\n    not ok 2 - y\n    1..2\n"
            "not ok 1 - a.js # time=3ms\n  ---\n  at: ok 1 - no\n  ...\nok 2 - b.js\n1..2\n",
            Counts(passed=2, failed=1),
        ),
        ("1..1\n    ok 1 - x\n    1..2\nok 1 - outer\n", Counts(passed=1, failed=1)),
    ],
)
def test_tap_is_counted_by_its_leaves_and_its_plan(output: str, counts: Counts) -> None:
    assert text(output, "tap").counts == counts


def test_trx_results_are_counted_and_unknown_ones_fail() -> None:
    report = b"""<?xml version="1.0"?><TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>
    <UnitTestResult testName="N.A" outcome="Passed"/><UnitTestResult testName="N.B" outcome="Failed"><Output><ErrorInfo>
    <Message>no</Message></ErrorInfo></Output></UnitTestResult><UnitTestResult testName="N.C" outcome="NotExecuted"/>
    <UnitTestResult testName="N.D" outcome="Burnt"/></Results></TestRun>"""
    reading = readers.reports([report])
    assert reading.cases == {"N.A": "passed", "N.B": "failed", "N.C": "skipped", "N.D": "failed"}
    assert reading.failing[0].message == "no"


def test_rspec_examples_and_errors_outside_of_them_are_counted() -> None:
    example = {"file_path": "./spec/a_spec.rb", "full_description": "A adds", "status": "passed"}
    failed = {**example, "full_description": "A fails", "status": "failed", "exception": {"message": "expected 2"}}
    report = {"examples": [example, failed], "summary": {"errors_outside_of_examples_count": 1}}
    reading = readers.reports([json.dumps(report).encode()])
    assert reading.counts == Counts(passed=1, failed=2)
    assert reading.failing[0].name == "spec/a_spec.rb > A fails"


def test_dart_events_leave_loading_out_and_count_what_never_ended() -> None:
    report = events(
        {"type": "suite", "suite": {"id": 0, "path": "test/a_test.dart"}},
        {"type": "testStart", "test": {"id": 1, "name": "loading", "suiteID": 0}},
        {"type": "testDone", "testID": 1, "result": "success", "hidden": True},
        {"type": "testStart", "test": {"id": 2, "name": "adds", "suiteID": 0}},
        {"type": "testDone", "testID": 2, "result": "success", "hidden": False, "skipped": False},
        {"type": "testStart", "test": {"id": 3, "name": "hangs", "suiteID": 0}},
    )
    reading = readers.reports([report.encode()])
    assert reading.cases == {"test/a_test.dart > adds": "passed", "test/a_test.dart > hangs": "failed"}


@pytest.mark.parametrize(
    ("output", "counts"),
    [
        ("Finished in 0.1 seconds\n5 tests, 1 failure, 1 skipped\n", Counts(passed=3, failed=1, skipped=1)),
        ("1 doctest, 2 properties, 5 tests, 0 failures\n", Counts(passed=8)),
        ("12 runs, 30 assertions, 1 failures, 1 errors, 2 skips\n", Counts(passed=8, failed=2, skipped=2)),
        (
            "9 tests, 20 assertions, 0 failures, 0 errors, 1 pendings, 1 omissions, 0 notifications\n",
            Counts(passed=7, skipped=2),
        ),
        ("5 examples, 1 failure, 1 pending\n", Counts(passed=3, failed=1, skipped=1)),
        ("OK (3 tests, 5 assertions)\n", Counts(passed=3)),
        ("PASSED: 16\nFAILED: 1\n./next\n\nPASSED: 2\nFAILED: 0\n", Counts(passed=18, failed=1)),
        ("Tests: 5, Assertions: 6, Errors: 1, Failures: 1, Skipped: 1.\n", Counts(passed=2, failed=2, skipped=1)),
        (
            "# TOTAL: 6\n# PASS:  3\n# SKIP:  1\n# XFAIL: 0\n# FAIL:  1\n# XPASS: 0\n# ERROR: 1\n",
            Counts(passed=3, failed=2, skipped=1),
        ),
        ("67% tests passed, 1 tests failed out of 3\n", Counts(passed=2, failed=1)),
        (
            "[INFO] Tests run: 4, Failures: 0, Errors: 0, Skipped: 1, Time elapsed: 0.1 s - in A\n"
            "[INFO] Tests run: 4, Failures: 0, Errors: 0, Skipped: 1\n"
            "[ERROR] Tests run: 2, Failures: 1, Errors: 0, Skipped: 0\n",
            Counts(passed=4, failed=1, skipped=1),
        ),
        (
            "\t Executed 3 tests, with 1 test skipped and 1 failure (0 unexpected) in 0.1 (0.2) seconds\n",
            Counts(passed=1, failed=1, skipped=1),
        ),
        (
            "Failed!  - Failed:     1, Passed:     2, Skipped:     1, Total:     4, Duration: 5 ms - A.dll\n",
            Counts(passed=2, failed=1, skipped=1),
        ),
        (" 3 pass\n 1 fail\nRan 4 tests across 1 files. [5.00ms]\n", Counts(passed=3, failed=1)),
    ],
)
def test_a_summary_in_words_is_counted(output: str, counts: Counts) -> None:
    assert text(output).counts == counts


@pytest.mark.parametrize("name", sorted(readers.OUTPUTS))
@pytest.mark.parametrize(
    "output",
    ["", "all good", "ok", "5 tests passed, I think", "ok 1 of 3 done", "running late", "FAIL", "{}", "Tests: 3"],
)
def test_other_text_is_nobodys_summary(name: str, output: str) -> None:
    assert readers.OUTPUTS[name](output) is None


@pytest.mark.parametrize(
    "report",
    [
        b"{}",
        b"[1, 2]",
        b'{"testResults": 3}',
        b"{" * 100_000,
        b"hello",
        b"<TestRun",
        b"<TestRun><!DOCTYPE a></TestRun>",
    ],
)
def test_a_report_of_no_known_shape_is_refused_in_words(report: bytes) -> None:
    with pytest.raises(BadReport, match="report"):
        readers.reports([report])


@pytest.mark.parametrize(
    ("reader", "output", "found"),
    [
        (
            "rubocop",
            '{"files": [{"path": "a.rb", "offenses": [{"cop_name": "Style/X", "message": "no",'
            ' "location": {"start_line": 4}}]}]}',
            [("a.rb", 4, "Style/X")],
        ),
        (
            "pyright",
            '{"generalDiagnostics": [{"file": "/workspace/a.py", "severity": "error", "rule": "r", "message": "m",'
            ' "range": {"start": {"line": 2}}}, {"file": "b.py", "severity": "warning"}]}',
            [("a.py", 3, "r")],
        ),
        ("php-cs-fixer", '{"files": [{"name": "src/A.php"}]}', [("src/A.php", 0, "format")]),
        (
            "dart-analyze",
            "ERROR|COMPILE|UNDEFINED|/workspace/lib/a.dart|3|1|4|no\nINFO|HINT|X|b.dart|1|1|1|x\n",
            [("lib/a.dart", 3, "undefined")],
        ),
        ("mix-format", "** (Mix) not formatted:\n\n  * lib/a.ex\n", [("lib/a.ex", 0, "format")]),
        ("paths", "a.go\nb/c.go\n", [("a.go", 0, "format"), ("b/c.go", 0, "format")]),
        ("lines", "a.go:3:1: unused variable (unused)\nvet: b.go:2:3: bad\n", [("a.go", 3, "unused"), ("b.go", 2, "")]),
        (
            "biome",
            '{"diagnostics": [{"severity": "error", "category": "lint/x", "location": {"path": {"file": "a.ts"}}}]}',
            [("a.ts", 0, "lint/x")],
        ),
        (
            "mypy",
            "a.py:3: error: no  [x]\na.py:3: note: see\nmypy.ini: error: odd\n",
            [("a.py", 3, "x"), ("mypy.ini", 0, "")],
        ),
    ],
)
def test_findings_of_a_documented_form_are_read(reader: str, output: str, found: list[tuple[int | str, ...]]) -> None:
    made = readers.findings(output, reader)
    assert made is not None
    assert [(one.path, one.line, one.rule) for one in made] == found


@pytest.mark.parametrize("name", sorted(readers.FINDINGS))
def test_silence_is_no_finding_and_a_crash_is_no_silence(name: str) -> None:
    assert readers.findings("  \n", name) == ()
    assert readers.findings("Traceback (most recent call last):\n  ImportError: no\n", name) in (None, ())


def test_the_worst_outcome_of_a_name_that_occurs_twice_is_kept() -> None:
    report = b'<testsuite><testcase name="a"/><testcase name="a"><failure/></testcase><testcase name="a"/></testsuite>'
    reading = readers.reports([report])
    assert (reading.counts, dict(reading.cases)) == (Counts(passed=2, failed=1), {"a": "failed"})
