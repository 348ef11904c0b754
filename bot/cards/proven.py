"""What stands behind a change beyond the count of its tests: proof, old failures, style, the review, what holds it.

Law: what code measured comes first and in our words; what the reviewing model said is quoted, and never counted.
"""

from __future__ import annotations

from bot.cards import text
from bot.domain.change import Change, Opinion
from bot.domain.verdict import Evidence, Proof

_NAMED = 2
_HELD = 4
_REFUSED = 3


def proven(evidence: Evidence | None) -> str:
    """Return the lines below the count of tests; empty where nothing more is known."""
    if evidence is None:
        return ""
    return "\n".join(one for one in (proof(evidence.proof), *_caveats(evidence), steps(evidence)) if one)


def proof(found: Proof | None) -> str:
    """Say whether a test of the change fails on the old code."""
    if found is None:
        return ""
    match found.state:
        case "proven":
            count = len(found.tests)
            which = "1 new test proves it: it fails" if count == 1 else f"{count} new tests prove it: they fail"
            return f":white_check_mark: {which} on the old code"
        case "unproven":
            return f":warning: Not proven: {text.line(found.why, 200)}"
        case "none":
            return f":grey_question: {text.line(found.why, 200) or 'The change has no test of its own.'}"


def steps(evidence: Evidence) -> str:
    """Return the checks beside the tests (style, types, build): those that failed by name, the others together."""
    failed = [
        f":x: {text.line(step.name, 40)}: {text.line(step.summary, 150)}"
        for step in evidence.steps
        if step.state == "failed"
    ]
    fine = [text.line(step.name, 40) for step in evidence.steps if step.state == "passed"]
    old = [text.line(step.name, 40) for step in evidence.steps if step.state == "old"]
    return "\n".join(
        (
            *failed,
            *([f":white_check_mark: Style and types: fine ({', '.join(fine)})"] if fine else ()),
            *([f":information_source: Already failing before: {', '.join(old)}"] if old else ()),
        )
    )


def review(opinion: Opinion | None, sent_back: int = 0) -> str:
    """Return what the reviewing model said, in one sentence, and whether it had sent the work back before."""
    if opinion is None:
        return ""
    who = reviewer(opinion) or "Review by a second model"
    mark = ":eyes:" if opinion.verdict == "fine" else ":warning:"
    before = {0: "", 1: " (second version; the first was sent back)"}
    version = before.get(sent_back, f" (version {sent_back + 1}; {sent_back} were sent back)")
    return f"{mark} {who}: {text.line(opinion.sentence, 250)}{version}"


def reviewer(opinion: Opinion) -> str:
    """Name a scripted review, once: by us, or by its own sentence. Empty for a review by a model."""
    if not opinion.scripted:
        return ""
    return "Review" if "scripted" in opinion.sentence.lower() else "Review (scripted)"


def blocks(change: Change) -> str:
    """Say what keeps the version from being approved: rule, file and line, as the guards said it."""
    if not change.blocks:
        return ""
    shown = [f"• {text.line(one, 250)}" for one in change.blocks[:_HELD]]
    if len(change.blocks) > _HELD:
        shown.append(f"• and {len(change.blocks) - _HELD} more")
    return "\n".join((":no_entry: *This must not be merged*", *shown))


def holds(change: Change) -> str:
    """Say why two people have to approve."""
    if not change.holds:
        return ""
    shown = [f"• {text.line(one, 250)}" for one in change.holds[:_HELD]]
    if len(change.holds) > _HELD:
        shown.append(f"• and {len(change.holds) - _HELD} more, in the pull request")
    return "\n".join((":bust_in_silhouette::bust_in_silhouette: *Needs two approvals, because*", *shown))


def _caveats(evidence: Evidence) -> list[str]:
    found = []
    if evidence.old_failing:
        count = text.counted(len(evidence.old_failing), "test")
        found.append(f":information_source: {count} failed before this change too{_names(evidence.old_failing)}")
    if evidence.flaky:
        count = text.counted(len(evidence.flaky), "test")
        found.append(f":information_source: {count} failed once, then passed when run again{_names(evidence.flaky)}")
    if evidence.refused:
        few = ", ".join(text.line(one, 60) for one in evidence.refused[:_REFUSED])
        more = f" and {len(evidence.refused) - _REFUSED} more" if len(evidence.refused) > _REFUSED else ""
        were = "was" if len(evidence.refused) == 1 else "were"
        found.append(f":no_entry: {text.counted(len(evidence.refused), 'host')} {were} refused: {few}{more}")
    return found


def _names(tests: tuple[str, ...]) -> str:
    named = ", ".join(text.line(one, 70) for one in tests[:_NAMED])
    return f": {named}" + (f" and {len(tests) - _NAMED} more" if len(tests) > _NAMED else "")
