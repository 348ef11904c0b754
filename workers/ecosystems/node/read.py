"""What JavaScript's test runners print and report, and its linters and type checkers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from bot.domain.verdict import Counts
from workers.reports import END, ROOT, Failing, Finder, Finding, Reading, State, cut, split_lines, tap
from workers.reports.documents import objects, string
from workers.reports.findings import PLACE, Shape, by_line, from_json, lines, own_path, unformatted
from workers.reports.summary import Form, by_words, reader
from workers.reports.tally import Tally

_TOTAL = re.compile(r"^(?:ℹ|#) (tests|pass|fail|cancelled|skipped|todo) (\d+)$")
_FAILED = re.compile(r"^\s*(?:✖ (.+?)(?: \([\d.]+ms\))?|not ok \d+ - (.+))$")
_WORDS: dict[str, State] = {
    "passed": "passed", "failed": "failed", "skipped": "skipped", "todo": "skipped", "pending": "skipped",
    "expected": "skipped", "pass": "passed", "fail": "failed", "skip": "skipped", "passing": "passed",
    "failing": "failed",
}  # fmt: skip
_OF_JEST: dict[str, State] = {
    "passed": "passed", "failed": "failed", "pending": "skipped", "skipped": "skipped", "todo": "skipped",
    "disabled": "skipped", "focused": "passed",
}  # fmt: skip


def node(output: str) -> Reading | None:
    """Read the totals of Node's own runner: its spec ("ℹ pass 3"), or its TAP ("# pass 3") where that is incomplete."""
    every = split_lines(output[-END:])
    totals: dict[str, int] = {}
    for line in every[-4000:]:
        if found := _TOTAL.match(line.strip()[:100]):
            totals[found[1]] = int(found[2])
    if not {"tests", "pass", "fail"} <= totals.keys() or tap.read(output) is not None:
        return None
    failing: dict[str, None] = {}
    for line in every:
        if (found := _FAILED.match(line[:1000])) and (name := (found[1] or found[2]).strip()) != "failing tests:":
            failing.setdefault(cut(name), None)
    counts = Counts(
        passed=totals["pass"],
        failed=totals["fail"] + totals.get("cancelled", 0),
        skipped=totals.get("skipped", 0) + totals.get("todo", 0),
    )
    return Reading("node's summary", counts, tuple(Failing(name) for name in list(failing)[:200]))


def jest(content: object, tally: Tally) -> str | None:
    """Read the report of Jest, or of Vitest in Jest's form."""
    if not isinstance(content, dict) or not isinstance(content.get("testResults"), list):
        return None
    for suite in objects(content["testResults"]):
        place = string(suite.get("name")).removeprefix(ROOT)
        failed_before = tally.counted["failed"]
        for case in objects(suite.get("assertionResults")):
            above = case.get("ancestorTitles")
            titles = [string(title) for title in above if title] if isinstance(above, list) else []
            name = " > ".join([place, *titles, string(case.get("title")) or string(case.get("fullName"))])
            messages = case.get("failureMessages")
            message = "\n".join(map(string, messages)) if isinstance(messages, list) else ""
            tally.add(name, _OF_JEST.get(string(case.get("status")), "failed"), message)
        if suite.get("status") == "failed" and tally.counted["failed"] == failed_before:
            tally.add(place, "failed", string(suite.get("message")))
    return "Jest's report"


def mocha(content: object, tally: Tally) -> str | None:
    """Read the report of Mocha."""
    if not isinstance(content, dict) or not isinstance(content.get("passes"), list):
        return None
    kinds: tuple[tuple[str, State], ...] = (("passes", "passed"), ("failures", "failed"), ("pending", "skipped"))
    for key, state in kinds:
        for case in objects(content.get(key)):
            place = string(case.get("file")).removeprefix(ROOT)
            error = case.get("err")
            message = string(error.get("message")) if isinstance(error, dict) else ""
            title = string(case.get("fullTitle")) or string(case.get("title"))
            tally.add(f"{place} > {title}" if place else title, state, message)
    return "Mocha's report"


OUTPUTS = {
    "node": node,
    "jest": reader(
        Form(
            "Jest's summary",
            "Tests:  ",
            r"^Tests: {5,8}((?:\d+ [a-z]+, )*\d+ total)$",
            r"^  ● (.+)$",
            by_words(_WORDS),
        )
    ),
    "vitest": reader(
        Form(
            "Vitest's summary",
            "Tests  ",
            r"^ {2,8}Tests  ((?:\d+ [a-z]+(?: \| )?)+)(?: \(\d+\))?$",
            r"^ FAIL  (.+)$",
            by_words(_WORDS),
        )
    ),
    "mocha": reader(
        Form(
            "Mocha's summary",
            " passing",
            r"^  (\d{1,8} (?:passing|failing|pending))(?: \(\d+\w+\))?$",
            r"^  \d+\) (\S.*)$",
            by_words(_WORDS),
            needs=r"^  \d{1,8} passing",
        )
    ),
    "jasmine": reader(
        Form(
            "Jasmine's summary",
            " spec",
            r"^(?P<total>\d+) specs?, (?P<failed>\d+) failures?(?:, (?P<skipped>\d+) pending specs?)?$",
            r"^\d+\) (\S.*)$",
        )
    ),
    "bun": reader(
        Form(
            "bun's summary",
            "Ran ",
            r"^ *(\d{1,8} (?:pass|fail|skip|todo))$",
            r"^\(fail\) (.+?)(?: \[.*)?$",
            by_words(_WORDS),
            needs=r"^Ran \d+ tests? across \d+ files?\.",
        )
    ),
}

_STYLISH_FILE = re.compile(r"^(?P<path>(?:/|\w:|\.{0,2}[\w@-])[^\n]{0,399})$")
_STYLISH = re.compile(r"^\s+(?P<line>\d{1,8}):\d{1,8}\s+error\s+(?P<message>.*?)(?:\s{2,}(?P<rule>[\w@/.-]+))?$")


def _stylish(every: list[str]) -> Iterable[Finding]:
    path = ""
    for line in every:
        if path and (found := _STYLISH.match(line)):
            yield Finding(own_path(path), int(found["line"]), found["rule"] or "", cut(found["message"]))
        elif found := _STYLISH_FILE.match(line):
            path = found["path"]


_ESLINT = Shape(
    ("", "messages"),
    marker="messages",
    path=("filePath",),
    line="line",
    rule=("ruleId",),
    message=("message",),
    unnamed="parse",
    counts=lambda one: one.get("severity") == 2 or one.get("fatal") is True,
)
_BIOME = Shape(
    ("diagnostics",),
    path=("location.path.file", "location.path"),
    line="location.start.line",
    rule=("category",),
    message=("description", "message", "category"),
    counts=lambda one: one.get("severity") in {"error", "fatal"},
)
_TSC = r"error (?P<rule>TS\d+): (?P<message>.*)$"
FINDINGS: Mapping[str, Finder] = {
    "eslint": Finder(from_json(_ESLINT), "first"),
    "biome": Finder(from_json(_BIOME), "first"),
    "tsc": Finder(lines(rf"^{PLACE}\((?P<line>\d{{1,8}}),\d{{1,8}}\): {_TSC}", rf"^{_TSC}"), "first"),
    "stylish": Finder(by_line(_stylish), "first"),
    "prettier": Finder(
        unformatted(r"^\[(?:warn|error)\] (?!Code style|All matched)(\S.*?)(?:: SyntaxError.*)?$"), "last"
    ),
}
