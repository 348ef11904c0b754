"""unittest's end ("Ran 3 tests in 0.001s", "FAILED (failures=1)") and its "FAIL:" and "ERROR:" heads."""

from __future__ import annotations

import re

from bot.domain.verdict import Counts
from workers.reports import Failing, Reading, cut, mentions, split_lines

_RAN = re.compile(r"^Ran (\d+) tests? in [\d.]+s$")
_END = re.compile(r"^(OK|FAILED|NO TESTS RAN)(?: \(([^)]*)\))?$")
_PART = re.compile(r"([a-z ]+)=(\d+)")
_HEAD = re.compile(r"^(?:FAIL|ERROR): (.+)$")


def read(output: str) -> Reading | None:
    """The counts of the last run, or None where unittest did not speak."""
    if not mentions(output, "\nRan ") and not output.startswith("Ran "):
        return None
    lines = split_lines(output)
    at = next((at for at in range(len(lines) - 1, -1, -1) if _RAN.match(lines[at][:200])), None)
    if at is None:
        return None
    ran = int(_RAN.match(lines[at])[1])  # type: ignore[index] # matched above
    end = next((found for line in lines[at + 1 : at + 6] if (found := _END.match(line.strip()[:500]))), None)
    if end is None:
        return None
    parts = {word.strip(): int(number) for word, number in _PART.findall(end[2] or "")}
    failed = parts.get("failures", 0) + parts.get("errors", 0) + parts.get("unexpected successes", 0)
    skipped = parts.get("skipped", 0) + parts.get("expected failures", 0)
    failing = [Failing(cut(found[1]), _message(lines, number)) for number, found in _heads(lines)]
    # A broken module counts as an error without having been among those that ran.
    counts = Counts(passed=max(0, ran - failed - skipped), failed=failed, skipped=skipped)
    return Reading("unittest's summary", counts, tuple(failing[:200]))


def _heads(lines: list[str]) -> list[tuple[int, re.Match[str]]]:
    return [(at, found) for at, line in enumerate(lines) if (found := _HEAD.match(line[:1000]))]


def _message(lines: list[str], at: int) -> str:
    block: list[str] = []
    for line in lines[at + 2 : at + 40]:
        if line.startswith(("======", "------")):
            break
        block.append(cut(line))
    return "\n".join(block[-4:]).strip()
