"""Readers against whatever may come: no error of theirs, in bounded time, with bounded answers."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.checks import readers
from workers.reports import MOST_CASES, MOST_FINDINGS, BadReport

WORDS = st.sampled_from(
    [
        "ok",
        "not ok",
        "1..3",
        "1..999999999",
        "TAP version 13",
        "    ",
        "# SKIP",
        "# Subtest: a",
        "---",
        "...",
        "Bail out!",
        "running 3 tests",
        "test a::b ... ok",
        "test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out",
        "--- FAIL: TestA (0.00s)",
        "ok  \tex.org/p\t0.1s",
        "FAIL\tex.org/p [build failed]",
        "Tests:       1 failed, 2 total",
        "  3 passing (3ms)",
        "5 tests, 1 failure",
        "OK (3 tests, 3 assertions)",
        "# PASS: 3",
        "3 specs, 0 failures",
        "Tests run: 3, Failures: 1, Errors: 0, Skipped: 0",
        "a.py:3:1: E1 no",
        "a.ts(1,2): error TS1: no",
        "--- a.py",
        "[warn] a.js",
        "  1:2  error  no  rule",
        "/a/b.js",
        "Diff in a.rs:3:",
        "a.py:3: error: no  [x]",
        "Ran 3 tests in 0.1s",
        '{"Action":"run","Package":"p","Test":"T"}',
        '{"Action":"fail","Package":"p","Test":"T"}',
        '{"reason":"compiler-message"}',
        "9" * 30,
        "\x1b[31m",
        "\x00",
        "\r",
        "é",
        "\u2028",
        "2 passed in 0.1s",
        "OK",
        "FAILED (failures=1)",
        "  * lib/a.ex",
    ]
)
OUTPUT = st.lists(st.one_of(WORDS, st.text(max_size=20)), max_size=40).flatmap(
    lambda parts: st.lists(
        st.sampled_from(["\n", "\n", " ", "", "\r\n"]), min_size=len(parts), max_size=len(parts)
    ).map(lambda ends: "".join(part + end for part, end in zip(parts, ends, strict=True)))
)
KEYS = st.sampled_from(
    [
        "testResults",
        "assertionResults",
        "status",
        "name",
        "ancestorTitles",
        "title",
        "failureMessages",
        "examples",
        "summary",
        "errors_outside_of_examples_count",
        "passes",
        "failures",
        "pending",
        "err",
        "type",
        "testID",
        "test",
        "id",
        "suiteID",
        "suite",
        "result",
        "hidden",
        "skipped",
        "runs",
        "results",
        "locations",
        "physicalLocation",
        "artifactLocation",
        "uri",
        "region",
        "startLine",
        "level",
        "message",
        "messages",
        "filePath",
        "severity",
        "filename",
        "location",
        "row",
        "files",
        "offenses",
        "diagnostics",
        "path",
        "file",
        "reason",
        "spans",
        "code",
        "generalDiagnostics",
        "range",
        "start",
        "line",
        "Action",
        "Package",
    ]
)
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-3, 10**12),
        st.floats(allow_nan=False),
        st.text(max_size=8),
        st.sampled_from(
            ["failed", "passed", "error", "testStart", "testDone", "suite", "compiler-message", "fail", "run"]
        ),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=6)),
    max_leaves=25,
)
LONG = (
    "1 a, ",
    "=" * 50,
    "ok 1 - x\n",
    "    ok 1\n",
    "1..1\n",
    "running 1 tests\n",
    "test x ... ok\n",
    "--- FAIL: T (0.0s)\n",
    "--- PASS: T/x (0.0s)\n",
    "FAIL\tp\n",
    "Tests:       1 failed, ",
    "1 failed | ",
    "a:1:",
    "a.py:1: error: x\n",
    " 1:1  error  x\n",
    "x" * 399 + ":",
    "[",
    "{",
    '{"a":',
    "[[",
    "--- a\n",
    "(1,1): error TS1",
    "Diff in ",
    "\x1b[",
    "  1) x\n",
    "# PASS: 1\n",
    "1 runs, ",
    ", 1 skipped",
    "# Subtest: x\n",
    "(",
    "\\",
    "|",
    "ERROR|A|B|",
    "  * x.ex\n",
    '{"Action":"run","Package":"p","Test":"T"}\n',
)


def counted(report: bytes) -> int:
    """How many cases a report has; none where it is refused."""
    try:
        return readers.reports([report]).counts.total
    except BadReport:
        return 0


@settings(max_examples=150, deadline=None)
@given(OUTPUT)
def test_no_output_breaks_a_reader(output: str) -> None:
    for read in readers.OUTPUTS.values():
        reading = read(output)
        assert reading is None or min(reading.counts.passed, reading.counts.failed, reading.counts.skipped) >= 0
    for name in (*readers.FINDINGS, "any"):
        found = readers.findings(output, name)
        assert found is None or all(len(one.path) <= 400 and len(one.message) <= 400 for one in found)


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_no_json_breaks_a_reader(value: object) -> None:
    written = json.dumps(value)
    assert counted(written.encode()) >= 0
    for name in readers.FINDINGS:
        assert readers.findings(written, name) is None or len(readers.findings(written, name) or ()) <= MOST_FINDINGS


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"<testsuite>", b"<TestRun>", b"{", b"TAP version 13\n", b"\xef\xbb\xbf["]),
)
def test_no_bytes_break_a_report(data: bytes, start: bytes) -> None:
    assert counted(start + data) >= 0


@pytest.mark.parametrize("piece", LONG)
def test_hostile_output_costs_bounded_time_and_answers(piece: str) -> None:
    output = piece * (400_000 // len(piece))
    began = time.process_time()
    for read in readers.OUTPUTS.values():
        reading = read(output)
        assert reading is None or len(reading.cases) <= MOST_CASES
    for finder in readers.FINDINGS.values():
        assert len(finder.read(output) or ()) <= MOST_FINDINGS
    assert time.process_time() - began < 60


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'{"testResults":[', b'{"type":"x","test":'])
def test_a_report_nested_a_million_deep_is_refused(opening: bytes) -> None:
    with pytest.raises(BadReport):
        readers.reports([opening * 300_000])
