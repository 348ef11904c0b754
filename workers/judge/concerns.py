"""Say in sentences what an approver must know of the evidence: by code, whatever a model thinks. Pure."""

from __future__ import annotations

from bot.domain.verdict import Evidence
from workers.judge.answer import line

_NAMED = 3


def concerns(evidence: Evidence | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (holds, flags): lost tests and unread reports need a second approver; flaky tests are only reported."""
    if evidence is None:
        return (), ()
    holds, flags = [], []
    if count := len(evidence.lost):
        tests = "1 test of the base no longer runs" if count == 1 else f"{count} tests of the base no longer run"
        holds.append(f"{tests}: {_names(evidence.lost)}.")
    holds += [f"The results of the tests could not all be read: {line(one, 200)}" for one in evidence.unread]
    if count := len(evidence.flaky):
        tests = "1 test" if count == 1 else f"{count} tests"
        flags.append(f"{tests} failed once and passed when run again: {_names(evidence.flaky)}.")
    if evidence.proof is not None and evidence.proof.state == "unproven":
        why = line(evidence.proof.why, 300)
        flags.append(f"Not shown that its tests fail without the change{f': {why}' if why else '.'}")
    return tuple(holds), tuple(flags)


def _names(tests: tuple[str, ...]) -> str:
    shown = ", ".join(line(name, 120) for name in tests[:_NAMED])
    return f"{shown} and {len(tests) - _NAMED} more" if len(tests) > _NAMED else shown
