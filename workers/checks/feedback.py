"""Word a result of the checks for the agent: short enough to act on; cut in the middle, not at the ends."""

from __future__ import annotations

from bot.domain.verdict import Verdict
from workers.checks import CheckResult

_MOST = 8000
_TAIL = 3000
_MOST_NOTES = 3000
_OLD = 10
_WORDS = {Verdict.GREEN: "green", Verdict.RED: "red", Verdict.UNPROVEN: "unproven (nothing was proven either way)"}


def shorten(text: str, limit: int) -> str:
    """Return `text` in at most `limit` bytes of UTF-8; what is too much goes from the middle, and the gap says how
    much.
    """
    data = text.encode("utf-8", "replace")
    if len(data) <= limit:
        return text
    keep = max(0, limit - 60)
    head, tail = data[: keep // 2], data[len(data) - (keep - keep // 2) :]
    gap = f"\n[... {len(data) - keep} bytes left out ...]\n"
    return head.decode("utf-8", "ignore") + gap + tail.decode("utf-8", "ignore")


def feedback(outcome: CheckResult) -> str:
    """Return the outcome for the agent, at most 8 KB: verdict, what counts against it, old failures, end of the
    output.

    Findings of quick checks come with their places and failing tests with their messages.
    """
    evidence = outcome.evidence
    counts = evidence.counts
    parts = [f"The checks are {_WORDS[evidence.verdict]}. {' '.join(evidence.reasons)}".strip()]
    if outcome.notes:
        parts.append(shorten("\n\n".join(outcome.notes), _MOST_NOTES))
    if evidence.command:
        parts.append(f"Command: {evidence.command}")
    if counts.total:
        parts.append(f"Tests: {counts.passed} passed, {counts.failed} failed, {counts.skipped} skipped.")
    for name, message in outcome.failures[:20]:
        parts.append(f"FAILED {name}" + (f"\n{shorten(message, 700)}" if message else ""))
    if len(outcome.failures) > 20:
        parts.append(f"... and {len(outcome.failures) - 20} more.")
    if evidence.verdict is not Verdict.GREEN:
        parts += _besides(outcome)
    told = shorten("\n\n".join(parts), _MOST - _TAIL - 100)
    if evidence.verdict is Verdict.GREEN or not outcome.log.strip():
        return told
    return shorten(f"{told}\n\nEnd of the output:\n{shorten(outcome.log[-20_000:].strip(), _TAIL)}", _MOST)


def _besides(outcome: CheckResult) -> list[str]:
    """Return what does not count, or counts in another way: named so that nobody fixes the wrong thing."""
    evidence = outcome.evidence
    told = []
    for what, names in (
        ("These failed before the change too, so leave them alone:", evidence.old_failing),
        ("These failed once and passed when run again:", evidence.flaky),
        ("These ran before the change and no longer run:", evidence.lost),
    ):
        if names:
            more = f"\n... and {len(names) - _OLD} more." if len(names) > _OLD else ""
            told.append("\n".join((what, *names[:_OLD])) + more)
    return told
