"""JSON reports of Jest, Vitest, Mocha and RSpec, and the event lines of Dart's test runner.

Law: what is not of the shape that a tool documents is not counted, and a report that claims a failure without a case
that failed counts as one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from workers.reports import BadReport, Reading, State
from workers.reports.tally import Tally

LARGEST = 24 << 20
_ROOTS = ("/workspace/",)
_OF_JEST: dict[str, State] = {
    "passed": "passed", "failed": "failed", "pending": "skipped", "skipped": "skipped", "todo": "skipped",
    "disabled": "skipped", "focused": "passed",
}  # fmt: skip


def read(reports: Iterable[bytes]) -> Reading:
    """The cases of all reports together, each told apart by its shape. Raises `BadReport`."""
    tally = Tally()
    sources: dict[str, None] = {}
    for report in reports:
        sources[_one(report, tally)] = None
    return tally.reading(" and ".join(sources) or "JSON report")


def _one(report: bytes, tally: Tally) -> str:
    if len(report) > LARGEST:
        raise BadReport("A test report is larger than 24 MB.")
    text = report.decode("utf-8", "replace").strip()
    try:
        content = json.loads(text)
    except RecursionError:
        raise BadReport("A test report is nested too deeply.") from None
    except ValueError:
        events = list(_events(text))
        if not events:
            raise BadReport("A test report is not JSON.") from None
        dart(events, tally)
        return "Dart's report"
    if isinstance(content, dict) and isinstance(content.get("testResults"), list):
        _jest(content, tally)
        return "Jest's report"
    if isinstance(content, dict) and isinstance(content.get("examples"), list):
        _rspec(content, tally)
        return "RSpec's report"
    if isinstance(content, dict) and isinstance(content.get("passes"), list):
        _mocha(content, tally)
        return "Mocha's report"
    if isinstance(content, dict) and "type" in content:
        dart([content], tally)
        return "Dart's report"
    raise BadReport("A test report has no shape that is known.")


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    yield from (one for one in value if isinstance(one, dict)) if isinstance(value, list) else ()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _place(path: str) -> str:
    for root in _ROOTS:
        path = path.removeprefix(root)
    return path


def _jest(content: Mapping[str, Any], tally: Tally) -> None:
    for suite in _objects(content["testResults"]):
        place = _place(_text(suite.get("name")))
        failed_before = tally.counted["failed"]
        for case in _objects(suite.get("assertionResults")):
            titles = [_text(title) for title in case.get("ancestorTitles") or () if title]
            name = " > ".join([place, *titles, _text(case.get("title")) or _text(case.get("fullName"))])
            messages = case.get("failureMessages")
            message = "\n".join(map(_text, messages)) if isinstance(messages, list) else ""
            tally.add(name, _OF_JEST.get(_text(case.get("status")), "failed"), message)
        if suite.get("status") == "failed" and tally.counted["failed"] == failed_before:
            tally.add(place, "failed", _text(suite.get("message")))


def _rspec(content: Mapping[str, Any], tally: Tally) -> None:
    states: dict[str, State] = {"passed": "passed", "pending": "skipped"}
    for example in _objects(content["examples"]):
        exception = example.get("exception")
        message = _text(exception.get("message")) if isinstance(exception, dict) else ""
        name = f"{_text(example.get('file_path')).removeprefix('./')} > {_text(example.get('full_description'))}"
        tally.add(name, states.get(_text(example.get("status")), "failed"), message)
    summary = content.get("summary")
    outside = summary.get("errors_outside_of_examples_count") if isinstance(summary, dict) else 0
    said = content.get("messages")
    words = [_text(one).strip() for one in said if "error occurred" in _text(one)] if isinstance(said, list) else []
    for number in range(min(outside, 100) if isinstance(outside, int) else 0):
        message = words[number] if number < len(words) else ""
        tally.add(f"error {number + 1} outside of the examples", "failed", message)


def _mocha(content: Mapping[str, Any], tally: Tally) -> None:
    kinds: tuple[tuple[str, State], ...] = (("passes", "passed"), ("failures", "failed"), ("pending", "skipped"))
    for key, state in kinds:
        for case in _objects(content.get(key)):
            place = _place(_text(case.get("file")))
            error = case.get("err")
            message = _text(error.get("message")) if isinstance(error, dict) else ""
            title = _text(case.get("fullTitle")) or _text(case.get("title"))
            tally.add(f"{place} > {title}" if place else title, state, message)


def _events(text: str) -> Iterator[Mapping[str, Any]]:
    for line in text.splitlines():
        if line.startswith("{"):
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(event, dict) and "type" in event:
                yield event


def dart(events: Iterable[Mapping[str, Any]], tally: Tally) -> None:
    """The events of `dart test --reporter json`; loading a file is no test unless it fails."""
    started: dict[int, str] = {}
    files: dict[int, str] = {}
    errors: dict[int, str] = {}
    finished = False
    for event in events:
        kind, number = event.get("type"), event.get("testID")
        test, suite = event.get("test"), event.get("suite")
        if kind == "suite" and isinstance(suite, dict) and isinstance(suite.get("id"), int):
            files[suite["id"]] = _place(_text(suite.get("path")))
        elif kind == "testStart" and isinstance(test, dict) and isinstance(test.get("id"), int):
            place = files.get(test["suiteID"], "") if isinstance(test.get("suiteID"), int) else ""
            started[test["id"]] = f"{place} > {_text(test.get('name'))}" if place else _text(test.get("name"))
        elif kind == "error" and isinstance(number, int):
            errors.setdefault(number, _text(event.get("error")))
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
