"""Go's tests: the events of `go test -json`, and the text of `go test -v` and `go test`.

Law: a package that does not build or that panics fails as a test of its own, since none of its tests could.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from workers.reports import Reading, State, plain, split_lines
from workers.reports.tally import Tally

_END: dict[str, State] = {"pass": "passed", "fail": "failed", "skip": "skipped"}
_CASE = re.compile(r"^\s*--- (PASS|FAIL|SKIP): (\S+) \([\d.]+s\)$")
_PACKAGE = re.compile(r"^(ok  |FAIL|\?   |---)\t(\S+)")
_UNBUILT = re.compile(r"^FAIL\t(\S+) \[(?:build|setup) failed\]$")
_HEADLINE = re.compile(r"^# (\S+)(?: \[\S+\])?$")
_OF_TEXT: dict[str, State] = {"PASS": "passed", "FAIL": "failed", "SKIP": "skipped"}
_MOST_KEPT = 4000


def go(output: str) -> Reading | None:
    """Return what Go's tests said, or None where they did not speak."""
    if not any(needle in output for needle in ('"Action"', "ok  \t", "FAIL\t")):
        return None
    events = _events(output)
    return events if events is not None else _text(plain(output))


def _events(output: str) -> Reading | None:
    run, about = _Run(), ""
    for line in split_lines(output):
        if line.startswith("{") and '"Action"' in line[:2000]:
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(event, dict):
                run.take(event)
        elif found := _HEADLINE.match(line[:500]):
            about = found[1]
        elif found := _UNBUILT.match(line[:500]):
            run.unbuilt(found[1])
        elif about:
            run.hear((about, ""), f"{line[:500]}\n")
    return run.reading() if run.seen else None


class _Run:
    """Events as they come; a test with subtests is no test of its own unless it fails where they do not."""

    def __init__(self) -> None:
        self.seen = False
        self._said: dict[tuple[str, str], str] = {}
        self._running: dict[tuple[str, str], None] = {}
        self._parents: set[tuple[str, str]] = set()
        self._ends: list[tuple[str, str, State]] = []

    def take(self, event: Mapping[str, object]) -> None:
        action, package, test = event.get("Action"), event.get("Package"), event.get("Test", "")
        if action == "build-output" and isinstance(place := event.get("ImportPath"), str):
            self.hear((place.partition(" ")[0], ""), str(event.get("Output", "")))
        if not isinstance(package, str) or not isinstance(test, str) or not isinstance(action, str):
            return
        self.seen, key = True, (package, test)
        if action == "output" and isinstance(output := event.get("Output"), str):
            self.hear(key, output)
        elif action == "run":
            self._running[key] = None
            self._parents.add((package, test.rpartition("/")[0]))
        elif action in _END:
            self._running.pop(key, None)
            self._ends.append((package, test, _END[action]))

    def hear(self, key: tuple[str, str], words: str) -> None:
        """Keep what a package or a test says, up to a limit."""
        if len(said := self._said.get(key, "")) < _MOST_KEPT:
            self._said[key] = said + words[:_MOST_KEPT]

    def unbuilt(self, package: str) -> None:
        """Note a package that does not compile; older versions of Go say so beside their events."""
        self.seen = True
        self._ends.append((package, "", "failed"))

    def reading(self) -> Reading:
        tally = Tally()
        failed = {(package, test) for package, test, state in self._ends if test and state == "failed"}
        failed |= set(self._running)
        above = {(package, test.rpartition("/")[0]) for package, test in failed if "/" in test}
        packages = {package for package, _ in failed}
        for package, test, state in self._ends:
            key = (package, test)
            if not test:
                if state == "failed" and package not in packages:
                    packages.add(package)
                    tally.add(package, "failed", self._said.get(key, ""))
            elif key not in self._parents or (state == "failed" and key not in above):
                tally.add(f"{package}.{test}", state, _message(self._said.get(key, "")))
        for package, test in self._running:
            if test:
                tally.add(f"{package}.{test}", "failed", "It did not end.")
        return tally.reading("go test's events")


def _message(said: str) -> str:
    lines = [line for line in said.splitlines() if not line.startswith(("=== ", "--- "))]
    return "\n".join(lines)


def _text(output: str) -> Reading | None:
    tally = Tally()
    seen = False
    pending: list[tuple[str, State]] = []
    for line in output.splitlines():
        short = line[:500]
        if found := _CASE.match(short):
            pending.append((found[2], _OF_TEXT[found[1]]))
        elif (found := _PACKAGE.match(short)) and (end := found[1].strip()) in {"ok", "FAIL"}:
            seen = True
            parents = {name.rpartition("/")[0] for name, _ in pending}
            above = {name.rpartition("/")[0] for name, state in pending if state == "failed"}
            for name, state in pending:
                if name not in parents or (state == "failed" and name not in above):
                    tally.add(f"{found[2]}.{name}", state)
            if end == "FAIL" and not any(state == "failed" for _, state in pending):
                tally.add(found[2], "failed")
            elif end == "ok" and not pending and "[no test" not in short:
                tally.add(found[2], "passed")
            pending = []
    return tally.reading("go test's output") if seen else None
