"""The events of Dart's test runner, and what its analyzer prints."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workers.reports import ROOT, Finder, Finding, State, cut
from workers.reports.documents import string
from workers.reports.findings import by_line, own_path
from workers.reports.tally import Tally

_ANALYZE = re.compile(r"^(?:ERROR|WARNING)\|[A-Z_]*\|([A-Z0-9_]+)\|((?:[^|\\]|\\.){1,400})\|(\d+)\|\d+\|\d+\|(.*)$")


def events(content: object, tally: Tally) -> str | None:
    """Read the events of `dart test --reporter json`; loading a file is no test unless it fails."""
    every = content if isinstance(content, tuple) else (content,)
    known = [event for event in every if isinstance(event, dict) and "type" in event]
    if not known:
        return None
    started: dict[int, str] = {}
    files: dict[int, str] = {}
    errors: dict[int, str] = {}
    finished = False
    for event in known:
        kind, number = event["type"], event.get("testID")
        test, suite = event.get("test"), event.get("suite")
        if kind == "suite" and isinstance(suite, dict) and isinstance(suite.get("id"), int):
            files[suite["id"]] = string(suite.get("path")).removeprefix(ROOT)
        elif kind == "testStart" and isinstance(test, dict) and isinstance(test.get("id"), int):
            place = files.get(test["suiteID"], "") if isinstance(test.get("suiteID"), int) else ""
            started[test["id"]] = f"{place} > {string(test.get('name'))}" if place else string(test.get("name"))
        elif kind == "error" and isinstance(number, int):
            errors.setdefault(number, string(event.get("error")))
        elif kind == "testDone" and isinstance(number, int) and number in started:
            name, good = started.pop(number), event.get("result") == "success"
            if event.get("hidden") is True and good:
                continue
            state: State = ("skipped" if event.get("skipped") is True else "passed") if good else "failed"
            tally.add(name, state, errors.get(number, ""))
        elif kind == "done":
            finished = True
    for name in started.values() if not finished else ():
        tally.add(name, "failed", "It did not end.")
    return "Dart's report"


def _analyze(every: list[str]) -> Iterable[Finding]:
    for line in every:
        if found := _ANALYZE.match(line):
            path = re.sub(r"\\(.)", r"\1", found[2])
            yield Finding(own_path(path), int(found[3][:8]), found[1].lower(), cut(found[4]))


FINDINGS = {"dart-analyze": Finder(by_line(_analyze))}
