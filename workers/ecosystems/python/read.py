"""Python's test runners, by how they end, and what its linters and type checkers print."""

from __future__ import annotations

import re

from bot.domain.verdict import Counts
from workers.reports import END, Failing, Finder, Reading, State, cut, mentions, split_lines
from workers.reports.findings import PLACE, Shape, from_json, lines

_LAST = re.compile(r"^=*\s*((?:\d+ [a-z]+(?:, )?)+|no tests ran)\s+in [\d.]+s.*$")
_SUMMARY = re.compile(r"^(?:FAILED|ERROR) (\S.*?)(?: - (.*))?$")
_STATES: dict[str, State] = {
    "passed": "passed", "xpassed": "passed", "failed": "failed", "error": "failed", "errors": "failed",
    "skipped": "skipped", "xfailed": "skipped",
}  # fmt: skip
_RAN = re.compile(r"^Ran (\d+) tests? in [\d.]+s$")
_END = re.compile(r"^(OK|FAILED|NO TESTS RAN)(?: \(([^)]*)\))?$")
_HEAD = re.compile(r"^(?:FAIL|ERROR): (.+)$")


def pytest(output: str) -> Reading | None:
    """Read pytest's last summary line ("2 failed, 3 passed in 0.12s") and its short summary."""
    every = split_lines(output[-END:])
    last = next((found for line in reversed(every[-400:]) if (found := _LAST.match(line.strip()[:500]))), None)
    if last is None:
        return None
    counts: dict[State, int] = {"passed": 0, "failed": 0, "skipped": 0}
    for number, word in re.findall(r"(\d+) ([a-z]+)", last[1]):
        if word in _STATES:
            counts[_STATES[word]] += int(number)
    failing = [
        Failing(cut(found[1]), cut(found[2] or "")) for line in every[-2000:] if (found := _SUMMARY.match(line[:1000]))
    ]
    return Reading("pytest's summary", Counts(**counts), tuple(failing[:200]))


def unittest(output: str) -> Reading | None:
    """Read unittest's end ("Ran 3 tests in 0.001s", "FAILED (failures=1)") and its "FAIL:" and "ERROR:" heads."""
    if not mentions(output, "\nRan ") and not output.startswith("Ran "):
        return None
    every = split_lines(output)
    ran = next(((at, one) for at in range(len(every) - 1, -1, -1) if (one := _RAN.match(every[at][:200]))), None)
    if ran is None:
        return None
    end = next((found for line in every[ran[0] + 1 : ran[0] + 6] if (found := _END.match(line.strip()[:500]))), None)
    if end is None:
        return None
    parts = {word.strip(): int(number) for word, number in re.findall(r"([a-z ]+)=(\d+)", end[2] or "")}
    failed = parts.get("failures", 0) + parts.get("errors", 0) + parts.get("unexpected successes", 0)
    skipped = parts.get("skipped", 0) + parts.get("expected failures", 0)
    heads = [(at, found) for at, line in enumerate(every) if (found := _HEAD.match(line[:1000]))]
    failing = tuple(Failing(cut(found[1]), _message(every, at)) for at, found in heads[:200])
    # A broken module counts as an error without having been among those that ran.
    counts = Counts(passed=max(0, int(ran[1][1]) - failed - skipped), failed=failed, skipped=skipped)
    return Reading("unittest's summary", counts, failing)


def _message(every: list[str], at: int) -> str:
    block: list[str] = []
    for line in every[at + 2 : at + 40]:
        if line.startswith(("======", "------")):
            break
        block.append(cut(line))
    return "\n".join(block[-4:]).strip()


_RUFF = Shape(
    ("",),
    marker="filename",
    path=("filename",),
    line="location.row",
    rule=("code",),
    message=("message",),
    unnamed="parse",
)
_PYRIGHT = Shape(
    ("generalDiagnostics",),
    path=("file",),
    line="range.start.line",
    from_zero=True,
    rule=("rule",),
    message=("message",),
    counts=lambda one: one.get("severity") == "error",
)
_ERROR = r": error: (?P<message>.*?)(?:  \[(?P<rule>[\w-]+)\])?$"
FINDINGS = {
    "ruff": Finder(from_json(_RUFF), "first"),
    "pyright": Finder(from_json(_PYRIGHT), "first"),
    "mypy": Finder(
        lines(rf"^{PLACE}:(?P<line>\d{{1,8}})(?::\d{{1,8}})?(?::\d+:\d+)?{_ERROR}", rf"^{PLACE}{_ERROR}"), "first"
    ),
}
