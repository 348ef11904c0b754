"""read_undo_ci and merge_undo: the reverting pull request passes the same checks, then the second tap merges it."""

from __future__ import annotations

from bot.cards.pull import undo_message, undo_title
from bot.domain import ci
from bot.domain.change import Pull, Undo
from bot.domain.effects import MergeUndo, ReadUndoCi
from bot.domain.events import StageResult, UndoCiRead, UndoFailed
from workers import GiveUp, TryAgain
from workers.forge import MergeRefused, PullState
from workers.stages.context import StageContext
from workers.stages.merge import without_right
from workers.stages.merged import merged_change, undone
from workers.stages.provision import unreachable
from workers.stages.read_ci import CI_DEADLINE, read_pull
from workers.workspace import RemoteRefused
from workers.workspace.steps import Step


def read_undo_ci(context: StageContext) -> StageResult:
    """Read CI of the undo. A second run asks again; nothing outside is changed."""
    change, tools, effect = context.change, context.tools, context.claim.effect
    assert isinstance(effect, ReadUndoCi)
    if effect.patient and not context.claim.again:
        raise TryAgain(tools.poll_seconds, "CI of the undo is running", polling=True)
    undo, pull = _undo(context)
    at = read_pull(context, pull, change.merge_sha)
    if ended := _happened(context, undo, at.state, effect.head_sha):
        return ended
    reading = ci.settled(at.ci, tools.clock() - change.asked_at)
    if reading.state == "pending" and reading == undo.ci:
        if tools.clock() - change.asked_at > CI_DEADLINE:
            return UndoFailed(reason="The checks of the undo haven't finished in six hours. An engineer has to look.")
        raise TryAgain(tools.poll_seconds, "CI of the undo is running", polling=True)
    return UndoCiRead(reading=reading)


def merge_undo(context: StageContext) -> StageResult:
    """Merge the undo, if it still is what was computed. A second run finds it merged, and checks that merge."""
    change, forge, effect = context.change, context.tools.forge, context.claim.effect
    assert isinstance(effect, MergeUndo)
    undo, pull = _undo(context)
    at = read_pull(context, pull, change.merge_sha)
    if ended := _happened(context, undo, at.state, effect.head_sha):
        return ended
    if at.state.mergeable is None and context.claim.age < 60:
        raise TryAgain(1, "GitHub is still working out whether it can be merged")
    by = undo.approved_by
    if by and without_right(context, {by.id}):
        told = f"{by.name} can't push to {context.repository} on GitHub, so that yes doesn't count. Tap Undo again."
        return UndoFailed(reason=told)
    try:
        if stale := _is_stale(context, undo, at.state, effect.head_sha):
            return UndoFailed(reason=stale)
        context.secure()
        title, message = f"{undo_title(change)} (#{pull.number})", undo_message(change)
        try:
            merged = forge.merge(
                context.repository,
                pull.number,
                sha=effect.head_sha,
                title=title,
                message=message,
                methods=at.methods,
            )
        except MergeRefused as refused:
            again = forge.pull(context.repository, pull.number)
            return _happened(context, undo, again, effect.head_sha) or UndoFailed(reason=refused.reason)
        return undone(context, undo, merged, effect.head_sha)
    except RemoteRefused as refused:
        raise unreachable(context.repository, refused) from refused


def _is_stale(context: StageContext, undo: Undo, state: PullState, head: str) -> str:
    """Say why merging the undo now would not take out exactly the change. Raises `RemoteRefused`."""
    change = merged_change(context)
    if isinstance(change, UndoFailed):
        return change.reason
    if state.into != change.into:
        return f"The undo would go into {state.into} by now, not into {change.into}. Tap Undo to start again."
    would = change.mirror.replay(Step(undo.base_sha, head), change.tip) if undo.base_sha else change.without(change.tip)
    if would is not None and would != change.without(change.tip):
        return f"{change.into} has moved on, so this undo is out of date. Tap Undo to start again."
    return ""


def _happened(context: StageContext, undo: Undo, state: PullState, known: str) -> StageResult | None:
    if state.merged:
        head = state.pull.head_sha
        try:
            return undone(context, undo, state.merge_sha or head, head, state.merged_by or "")
        except RemoteRefused as refused:
            raise unreachable(context.repository, refused) from refused
    if not state.open:
        return UndoFailed(reason="The undo's pull request was closed on GitHub. Tap Undo to start again.")
    if state.pull.head_sha != known:
        return UndoFailed(reason="The undo was changed on GitHub, so it is no longer just an undo.")
    return None


def _undo(context: StageContext) -> tuple[Undo, Pull]:
    undo = context.change.undo
    if undo is None or undo.pull is None:
        raise GiveUp("The undo has no pull request yet.", "Tap Undo again.")
    return undo, undo.pull
