"""What the agent is told about an outcome: short enough to act on, the ends kept where text must go."""

from __future__ import annotations

from bot.domain.verdict import Verdict
from workers.checks import Outcome

_MOST = 8000
_TAIL = 3000
_WORDS = {Verdict.GREEN: "green", Verdict.RED: "red", Verdict.UNPROVEN: "unproven (nothing was proven either way)"}


def shorten(text: str, limit: int) -> str:
    """`text` in at most `limit` bytes of UTF-8; what is too much goes from the middle, and the gap says how much."""
    data = text.encode("utf-8", "replace")
    if len(data) <= limit:
        return text
    keep = max(0, limit - 60)
    head, tail = data[: keep // 2], data[len(data) - (keep - keep // 2) :]
    gap = f"\n[... {len(data) - keep} bytes left out ...]\n"
    return head.decode("utf-8", "ignore") + gap + tail.decode("utf-8", "ignore")


def feedback(outcome: Outcome) -> str:
    """The outcome for the agent, at most 8 KB: verdict, counts, failing tests and messages, end of the output."""
    evidence = outcome.evidence
    counts = evidence.counts
    parts = [f"The checks are {_WORDS[evidence.verdict]}. {' '.join(evidence.reasons)}".strip()]
    if evidence.command:
        parts.append(f"Command: {evidence.command}")
    if counts.total:
        parts.append(f"Tests: {counts.passed} passed, {counts.failed} failed, {counts.skipped} skipped.")
    for name, message in outcome.failures[:20]:
        parts.append(f"FAILED {name}" + (f"\n{shorten(message, 700)}" if message else ""))
    if len(outcome.failures) > 20:
        parts.append(f"... and {len(outcome.failures) - 20} more.")
    told = shorten("\n\n".join(parts), _MOST - _TAIL - 100)
    if evidence.verdict is Verdict.GREEN or not outcome.log.strip():
        return told
    return shorten(f"{told}\n\nEnd of the output:\n{shorten(outcome.log[-20_000:].strip(), _TAIL)}", _MOST)
