"""It is in: who said yes, which commit, where to try it, and the way back."""

from __future__ import annotations

from bot.cards import Words, buttons, checks, facts, proven, text
from bot.cards.blocks import actions, section
from bot.cards.frame import frame
from bot.cards.phases import heading
from bot.domain.change import Change, Phase


def merged(change: Change, _now: float) -> Words:
    """Return the card of a merged change; after an undo that failed it says why, and offers it again."""
    return frame(
        change,
        f"{heading(Phase.MERGED)}\n{yes(change)}",
        section(_undo_failed(change), facts.left_out(change).strip()),
        section(text.quote(change.summary, 900, 8)),
        section(
            facts.unexamined(change),
            facts.tests(change.evidence),
            proven.proof(change.evidence.proof if change.evidence else None),
            checks.ci(change.ci),
        ),
        small=(merge_line(change),),
        buttons=[
            *actions(*buttons.open_builds(change), buttons.view_pull(change)),
            *actions(buttons.undo(change)),
        ],
    )


def yes(change: Change) -> str:
    """Name who approved, or who merged it on GitHub."""
    if change.approvals:
        return f"Approved by {' and '.join(text.name(one.by) for one in change.approvals)}."
    return f"Merged on GitHub by {text.line(change.merged_by, 60)}." if change.merged_by else "Merged on GitHub."


def merge_line(change: Change) -> str:
    """Return the commit, and how long it took from the request."""
    sha = f"Merge {facts.short(change.merge_sha)}" if change.merge_sha else ""
    took = facts.lasted(change.updated_at - change.created_at) if change.updated_at and not change.undo else ""
    return " · ".join(one for one in (sha, f"{took} from request to merge" if took else "") if one)


def _undo_failed(change: Change) -> str:
    if change.undo is None or not change.undo.note:
        return ""
    return f":warning: *The undo didn't work.* {text.line(change.undo.note, 400)}"
