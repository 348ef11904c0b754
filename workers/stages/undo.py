"""read_undo_ci and merge_undo: the reverting pull request passes the same checks, then the second tap merges it."""

from __future__ import annotations

from bot.cards.pull import undo_message, undo_title
from bot.domain.change import Pull
from bot.domain.effects import MergeUndo, ReadUndoCi
from bot.domain.events import StageResult, UndoCiRead, UndoFailed, Undone
from workers import GiveUp, TryAgain
from workers.forge import MergeRefused, PullState
from workers.stages.context import StageContext
from workers.stages.read_ci import CI_DEADLINE, patient


def read_undo_ci(context: StageContext) -> StageResult:
    """Read or merge the undo. A second run asks again; nothing outside is changed."""
    change, tools, effect = context.change, context.tools, context.claim.effect
    assert isinstance(effect, ReadUndoCi)
    if effect.patient and not context.claim.again:
        raise TryAgain(tools.poll_seconds, "CI of the undo is running", polling=True)
    pull = _pull(context)
    if ended := _happened(tools.forge.pull(context.repository, pull.number), effect.head_sha):
        return ended
    reading, _builds = tools.forge.read_ci(context.repository, effect.head_sha)
    reading = patient(reading, tools.clock() - change.asked_at)
    if reading.state == "pending" and change.undo is not None and reading == change.undo.ci:
        if tools.clock() - change.asked_at > CI_DEADLINE:
            return UndoFailed(reason="The checks of the undo haven't finished in six hours. An engineer has to look.")
        raise TryAgain(tools.poll_seconds, "CI of the undo is running", polling=True)
    return UndoCiRead(reading=reading)


def merge_undo(context: StageContext) -> StageResult:
    """Read or merge the undo. A second run finds the pull request merged and reports that merge."""
    change, forge, effect = context.change, context.tools.forge, context.claim.effect
    assert isinstance(effect, MergeUndo)
    pull = _pull(context)
    state = forge.pull(context.repository, pull.number)
    if ended := _happened(state, effect.head_sha):
        return ended
    if state.mergeable is None and context.claim.age < 60:
        raise TryAgain(1, "GitHub is still working out whether it can be merged")
    context.secure()
    try:
        merged = forge.merge(
            context.repository,
            pull.number,
            sha=effect.head_sha,
            title=f"{undo_title(change)} (#{pull.number})",
            message=undo_message(change),
        )
    except MergeRefused as refused:
        again = forge.pull(context.repository, pull.number)
        return _happened(again, effect.head_sha) or UndoFailed(reason=refused.reason)
    return Undone(merge_sha=merged)


def _happened(state: PullState, known: str) -> StageResult | None:
    if state.merged:
        return Undone(merge_sha=state.merge_sha or state.pull.head_sha, by=state.merged_by or "")
    if not state.open:
        return UndoFailed(reason="The undo's pull request was closed on GitHub. Tap Undo to start again.")
    if state.pull.head_sha != known:
        return UndoFailed(reason="The undo was changed on GitHub, so it is no longer just an undo.")
    return None


def _pull(context: StageContext) -> Pull:
    if context.change.undo is None or context.change.undo.pull is None:
        raise GiveUp("The undo has no pull request yet.", "Tap Undo again.")
    return context.change.undo.pull
