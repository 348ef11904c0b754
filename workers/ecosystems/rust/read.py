"""Rust's tests: the text of `cargo test`; what the compiler, clippy and rustfmt say.

Law: a run that announced tests and never summed them up has died; what it did not tell counts as failed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from workers.reports import Finder, Finding, Reading, State, split_lines
from workers.reports.documents import below, objects, string
from workers.reports.findings import from_json, number, own_path, unformatted, words
from workers.reports.tally import Tally

_RUNNING = re.compile(r"^running (\d+) tests?$")
_CRATE = re.compile(r"^\s*(?:Running (?:unittests )?(\S+) \((?:.*/)?([\w-]+?)-[0-9a-f]{8,}\)|Doc-tests ([\w-]+))")
_CASE = re.compile(r"^test (.+?)(?: - should panic)? \.\.\. (ok|FAILED|ignored)\b")
_END = re.compile(
    r"^test result: (?:ok|FAILED)\. (\d+) passed; (\d+) failed; (\d+) ignored; \d+ measured; \d+ filtered out"
)
_STATES: dict[str, State] = {"ok": "passed", "FAILED": "failed", "ignored": "skipped"}
_PANIC = re.compile(r"^---- (.+) stdout ----$")


def cargo(output: str) -> Reading | None:
    """Return what all test binaries said together, or None where none spoke."""
    if not re.search(r"^running \d", output, re.M):
        return None
    tally = Tally()
    crate, announced, seen = "", None, False
    cases: list[tuple[str, State]] = []
    lines = split_lines(output)
    messages = _messages(lines)
    for line in lines:
        short = line[:1000]
        if found := _CRATE.match(short):
            if announced is not None:
                _died(tally, crate, cases, announced, messages)
                announced, cases = None, []
            crate = found[2] or (f"doc {found[3]}" if found[3] else "")
        elif found := _RUNNING.match(short):
            if announced is not None:
                _died(tally, crate, cases, announced, messages)
            announced, cases, seen = int(found[1]), [], True
        elif announced is not None and (found := _CASE.match(short)):
            cases.append((found[1].strip(), _STATES[found[2]]))
        elif announced is not None and (found := _END.match(short)):
            _told(tally, crate, cases, (int(found[1]), int(found[2]), int(found[3])), messages)
            announced, cases = None, []
    if announced is not None:
        _died(tally, crate, cases, announced, messages)
    return tally.reading("cargo test's output") if seen else None


def _told(
    tally: Tally, crate: str, cases: list[tuple[str, State]], totals: tuple[int, int, int], messages: dict[str, str]
) -> None:
    """Add the cases by name; whatever the totals count beyond them (a line lost among other output) without one."""
    for name, state in cases:
        tally.add(_named(crate, name), state, messages.get(name, ""))
    states: tuple[State, ...] = ("passed", "failed", "skipped")
    for state, told in zip(states, totals, strict=True):
        lost = min(told, 1_000_000) - sum(1 for _, own in cases if own == state)
        tally.counted[state] += max(0, lost)


def _died(tally: Tally, crate: str, cases: list[tuple[str, State]], announced: int, messages: dict[str, str]) -> None:
    for name, state in cases:
        tally.add(_named(crate, name), state, messages.get(name, ""))
    if announced > len(cases):
        tally.add(_named(crate, "the tests that did not end"), "failed", "The test program ended before its tests did.")


def _named(crate: str, name: str) -> str:
    return f"{crate} {name}" if crate else name


def _messages(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for at, line in enumerate(lines):
        if (head := _PANIC.match(line[:500])) and len(found) < 200:
            found[head[1]] = "\n".join(lines[at + 1 : at + 12])
    return found


def _compiler(document: object) -> Iterable[Finding] | None:
    """Read one message of cargo's JSON: an error or a warning, at its primary place."""
    if not isinstance(document, dict) or "reason" not in document:
        return None
    message = document.get("message")
    if document["reason"] != "compiler-message" or below(message, "level") not in {"error", "warning"}:
        return ()
    spans = [span for span in objects(below(message, "spans")) if span.get("is_primary") is True]
    return (
        Finding(
            own_path(string(span.get("file_name"))),
            number(span.get("line_start")),
            words(below(message, "code", "code")),
            words(below(message, "message")),
        )
        for span in spans[:1]
    )


FINDINGS = {
    "cargo": Finder(from_json(_compiler)),
    "rustfmt": Finder(unformatted(r"^Diff in (.+?)(?::\d+:| at line \d+:)$")),
}
