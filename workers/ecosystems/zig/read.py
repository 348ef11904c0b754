"""Zig's tests: what `zig test` prints of each, and the summary of `zig build test --summary all`.

Law: names are believed where they add up to the totals; a run that announced tests and never summed them up has died,
and what it did not say counts as failed.
"""

from __future__ import annotations

import re

from workers.reports import Reading, State, mentions, split_lines
from workers.reports.summary import Form, Told, number, reader
from workers.reports.tally import Tally

_BEGIN = re.compile(r"^(\d{1,7})/(\d{1,7}) (\S.*?)(?<!\.)\.\.\.(?!\.)(.*)$")
_OUTCOME = re.compile(r"^(?:.*\b)?(OK|SKIP|FAIL)(?: \(.*\))?$")
_ALL = re.compile(r"^All (\d{1,8}) tests passed\.$")
_SOME = re.compile(r"^(\d{1,8}) passed; (\d{1,8}) skipped; (\d{1,8}) failed\.$")
_STATES: dict[str, State] = {"OK": "passed", "SKIP": "skipped", "FAIL": "failed"}
_LEAKED = re.compile(r"^\d+ (?:errors were logged|tests leaked memory)\.$")


def zig(output: str) -> Reading | None:
    """Read what `zig test` printed; None where it ran no test."""
    if not mentions(output, "..."):
        return None
    tally = Tally()
    name, said, announced, ended = "", list[str](), 0, False
    for line in split_lines(output):
        short = line[:1000]
        if begins := _BEGIN.match(short):
            _unfinished(tally, name, said)
            name, said, announced = begins[3], [], max(announced, int(begins[2]))
            short = begins[4]
        elif _ALL.match(short) or _SOME.match(short):
            ended = True
        elif _LEAKED.match(short):
            tally.add("the whole run", "failed", short)
        if name and (outcome := _OUTCOME.match(short)):
            tally.add(name, _STATES[outcome[1]], "\n".join(said))
            name = ""
        elif name and len(said) < 12:
            said.append(short)
    _unfinished(tally, name, said)
    if not announced:
        return None
    if not ended and sum(tally.counted.values()) < announced:
        tally.add("the tests that did not run", "failed", "The test program ended before its tests did.")
    return tally.reading("zig test's output")


def _unfinished(tally: Tally, name: str, said: list[str]) -> None:
    if name:
        tally.add(name, "failed", "\n".join(said) or "It did not end.")


def _counts(found: re.Match[str]) -> Told:
    """Count as failed what was neither passed nor skipped: tests of a program that died are in the total alone."""
    passed, total, skipped = (number(found[name]) for name in ("passed", "total", "skipped"))
    return passed, max(0, total - passed - skipped), skipped


_BUILD = Form(
    "zig build's summary",
    "Build Summary: ",
    r"^Build Summary: .*; (?P<passed>\d+)/(?P<total>\d+) tests passed(?:(?:; | \()(?P<skipped>\d+) skipped)?.*$",
    r"^error: '(.+?)' failed(?::.*)?$",
    _counts,
)
OUTPUTS = {"zig": zig, "zig-build": reader(_BUILD)}
