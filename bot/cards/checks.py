"""Say what the checks and the reviewers on GitHub think of a commit.

Law: a check is green in the name of who reported it; what decides nothing is named all the same.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.cards import text
from bot.cards.facts import counted_tests
from bot.domain import ci as rules
from bot.domain.change import Change
from bot.domain.ci import CiReading, CiRun

_NAMED = 3
_STATES: dict[str, str] = {
    "expected": "has not begun",
    "absent": "never began",
    "waiting": "is waiting",
    "running": "is running",
    "person": "was cancelled or waits for a person",
    "failed": "failed",
}


def ci(reading: CiReading | None, what: str = "Checks on GitHub") -> str:
    """Return one line for what counts, and one for what is only named."""
    if reading is None:
        return ""
    return "\n".join(one for one in (f"{_sign(reading)} {what}: {_said(reading)}", _others(reading)) if one)


def waiting_for(reading: CiReading | None) -> str:
    """Name what a merge waits for; empty where it waits for nothing."""
    return _names(rules.holding(reading)) if reading else ""


def objections(change: Change) -> str:
    """Name who asks for changes on GitHub."""
    if not change.objections:
        return ""
    who = ", ".join(text.line(one.by, 40) for one in change.objections[:_NAMED])
    return f":speech_balloon: {who} asked for changes on GitHub"


def _sign(reading: CiReading) -> str:
    signs = {"green": ":white_check_mark:", "red": ":x:", "pending": ":hourglass_flowing_sand:"}
    return signs.get(reading.state, ":warning:")


def _said(reading: CiReading) -> str:
    total = len(reading.runs)
    match reading.state:
        case "none":
            return "this repository has none"
        case "pending":
            done = sum(run.state not in rules.UNFINISHED for run in reading.runs)
            return f"{done} of {total} done, waiting for {waiting_for(reading)}"
        case "red":
            failed = rules.failing(reading)
            counted = f"{counted_tests(reading.counts, unit='test')}"
            return f"{len(failed)} of {total} failed: {_names(failed)}" if failed else counted
        case "green":
            who = ", ".join(dict.fromkeys(text.line(run.by, 30) for run in rules.proving(reading) if run.by))
            skipped = f", {reading.skipped} did not run" if reading.skipped else ""
            counts = f", {counted_tests(reading.counts, unit='test')}" if reading.counts.total else ""
            return f"{reading.passed} of {total} passed{skipped}{counts}{f' ({who})' if who else ''}"
        case "unproven":
            return _why_not(reading)


def _why_not(reading: CiReading) -> str:
    if not reading.complete:
        return "there are more than I could read"
    if unmet := rules.unmet(reading):
        return _stated(unmet[:_NAMED])
    if absent := [run for run in reading.runs if run.state == "absent"]:
        return f"{_names(absent)} never began"
    if reading.skipped == len(reading.runs):
        return "the only one did not run" if reading.skipped == 1 else f"all {reading.skipped} did not run"
    return "none that counts here passed"


def _others(reading: CiReading) -> str:
    """Name what did not end well and decides nothing, and green that its own author set."""
    told = [_stated([run]) for run in rules.named(reading) if run.state != "absent"]
    told += [
        f"{text.line(run.name, 60)} was set by {text.line(run.by, 40)}, who works on this change"
        for run in reading.runs
        if run.own and run.state == "passed"
    ]
    more = f" and {len(told) - _NAMED} more" if len(told) > _NAMED else ""
    return f":information_source: Doesn't count: {', '.join(told[:_NAMED])}{more}" if told else ""


def _stated(runs: Iterable[CiRun]) -> str:
    before = {"failed": " (before this change too)"}
    return ", ".join(
        f"{text.line(run.name, 60)} {_STATES.get(run.state, run.state)}"
        + (before.get(run.before, "") if run.state == "failed" else "")
        for run in runs
    )


def _names(runs: Iterable[CiRun]) -> str:
    """Return the names, each once; a name that several apps use carries its app."""
    listed = list(dict.fromkeys(text.line(run.name, 60) for run in runs))
    more = f" and {len(listed) - _NAMED} more" if len(listed) > _NAMED else ""
    return f"{', '.join(listed[:_NAMED])}{more}"
