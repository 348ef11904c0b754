"""Summarise a change for a terminal or a script, one line for each fact.

Law: everything here is read from the change as it was recorded; nothing is computed again.
"""

from __future__ import annotations

from collections import Counter

from bot.domain.change import Change
from bot.domain.ci import CiReading


def beyond(change: Change) -> dict[str, object]:
    """Return the facts beyond the test counts, without empty ones."""
    evidence, opinion = change.evidence, change.opinion
    proof = evidence.proof if evidence else None
    found = {
        "command": evidence.command if evidence else "",
        "proof": f"{proof.state}: {', '.join(proof.tests) or proof.why}" if proof else "",
        "before": list(evidence.old_failing) if evidence else [],
        "flaky": list(evidence.flaky) if evidence else [],
        "lost": list(evidence.lost) if evidence else [],
        "steps": {step.name: step.state for step in evidence.steps} if evidence else {},
        "review": f"{opinion.verdict}{' (scripted)' if opinion.scripted else ''}: {opinion.sentence}"
        if opinion
        else "",
        "holds": list(change.holds),
        "findings": list(change.findings),
    }
    return {name: what for name, what in found.items() if what}


def counted(change: Change) -> str:
    """Return the verdict with its counts and reasons, on one line; empty before anything ran."""
    if change.evidence is None:
        return ""
    counts = change.evidence.counts
    said = f"{change.evidence.verdict.value}: {counts.passed} passed, {counts.failed} failed, {counts.skipped} skipped"
    return f"{said} ({'; '.join(change.evidence.reasons)})" if change.evidence.reasons else said


def forge_checks(reading: CiReading | None) -> str:
    """Return what the checks at the forge said, on one line."""
    if reading is None:
        return ""
    if reading.state == "none":
        return "none: the repository has no checks there"
    states = Counter(run.state for run in reading.runs)
    said = "nothing ran" if set(states) == {"skipped"} else reading.state
    return f"{said}: {', '.join(f'{count} {state}' for state, count in sorted(states.items()))}"
