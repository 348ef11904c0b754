"""The card of an undone change: it was merged, and it was taken out."""

from __future__ import annotations

from bot.cards import Words, buttons, facts, text
from bot.cards.blocks import actions, section
from bot.cards.frame import frame
from bot.cards.merged import merge_line, yes
from bot.cards.phases import heading
from bot.domain.change import Change, Phase


def undone(change: Change, _now: float) -> Words:
    """Return the card of an undone change; `undo.note` is the commit that took it out."""
    undo = change.undo
    by = undo.approved_by or undo.by if undo else None
    out = f"Taken out by {text.name(by)}." if by else ""
    back = f"Undo {facts.short(undo.note)}" if undo and facts.short(undo.note) else ""
    return frame(
        change,
        f"{heading(Phase.UNDONE)}\nIt was merged, and is out again.",
        section(out),
        small=(" · ".join(one for one in (yes(change).rstrip("."), merge_line(change), back) if one),),
        buttons=actions(buttons.view_undo(change) or buttons.view_pull(change)),
    )
