"""The cards of an undo: in preparation, being checked, waiting for the second tap, being merged."""

from __future__ import annotations

from bot.cards import Words, buttons, checks, facts, text
from bot.cards.blocks import Block, actions, section
from bot.cards.frame import frame
from bot.cards.merged import merge_line, yes
from bot.domain.change import Change, Undo


def undoing(change: Change, _now: float) -> Words:
    undo = change.undo
    state, tap = _state(change, undo)
    asked = f"Undo asked for by {text.name(undo.by)}" if undo else ""
    history = (yes(change).rstrip("."), merge_line(change), asked)
    return frame(
        change,
        state,
        section(checks.ci(undo.ci, "Checks on the undo") if undo else ""),
        section(f":mag: {_elsewhere(undo)}" if undo and undo.instead_of else ""),
        small=(" · ".join(one for one in history if one),),
        buttons=actions(tap, buttons.view_undo(change)),
    )


def _elsewhere(undo: Undo) -> str:
    return facts.elsewhere(undo.instead_of, undo.pull.branch if undo.pull else "")


def _state(change: Change, undo: Undo | None) -> tuple[str, Block | None]:
    if undo is None or undo.pull is None:
        return ":rewind: *Preparing the undo*\nNothing is taken out yet.", None
    if undo.approved_by is not None:
        return f":rewind: *Merging the undo*\nApproved by {text.name(undo.approved_by)}.", None
    match undo.ci.state if undo.ci else "pending":
        case "pending":
            return ":rewind: *Checking the undo*\nThe same checks run on it as on any change.", None
        case "red":
            return (
                ":x: *The undo failed its checks*\nAn engineer has to look at its code.",
                None,
            )
        case _:
            return (
                ":rewind: *The undo is ready*\nOne more yes takes the change out again.",
                buttons.undo_approve(change),
            )
