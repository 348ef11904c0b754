"""read_ci and watch_pull: what the forge says of the pull request and its head, asked until something is new.

Law: webhooks only wake these stages; what they report is what the forge answers when asked.
"""

from __future__ import annotations

from bot.domain.change import CiReading
from bot.domain.effects import ReadCi, WatchPull
from bot.domain.events import CiRead, HeadMoved, Merged, PullClosed, StageResult
from bot.domain.frozen import revised
from workers import GiveUp, TryAgain
from workers.forge import PullState
from workers.stages.context import StageContext
from workers.stages.provision import fetch_missing, fingerprint

NO_CI_AFTER = 20.0
"""Seconds after a push in which a commit without any check is still expected to get one."""
CI_DEADLINE = 6 * 3600.0
"""Seconds after which unfinished CI is a person's business."""


def read_ci(context: StageContext) -> StageResult:
    """Read CI. A second run asks again; nothing outside is changed."""
    change, tools, effect = context.change, context.tools, context.claim.effect
    assert isinstance(effect, ReadCi)
    if effect.patient and not context.claim.again:
        raise TryAgain(tools.poll_seconds, "CI is running", polling=True)
    state = _state(context)
    if moved := happened(context, state, effect.head_sha):
        return moved
    reading, builds = tools.forge.read_ci(context.repository, effect.head_sha)
    reading = patient(reading, tools.clock() - change.asked_at)
    if reading.state == "pending" and reading == change.ci and builds == change.builds:
        if tools.clock() - change.asked_at > CI_DEADLINE:
            raise GiveUp("The checks on GitHub haven't finished in six hours.", "Look at them there, or try again.")
        raise TryAgain(tools.poll_seconds, "CI is running", polling=True)
    return CiRead(reading=reading, builds=builds)


def watch_pull(context: StageContext) -> StageResult:
    """Read CI. A second run looks again; nothing outside is changed."""
    change, tools, effect = context.change, context.tools, context.claim.effect
    assert isinstance(effect, WatchPull)
    if not context.claim.again:  # the forge was asked a moment ago
        raise TryAgain(tools.poll_seconds * 2, "people decide", polling=True)
    if moved := happened(context, _state(context), effect.head_sha):
        return moved
    reading, builds = tools.forge.read_ci(context.repository, effect.head_sha)
    if change.ci is None or (reading, builds) == (change.ci, change.builds) or reading.state == "none":
        raise TryAgain(tools.poll_seconds * 2, "people decide", polling=True)
    return CiRead(reading=reading, builds=builds)


def happened(context: StageContext, state: PullState, known: str) -> StageResult | None:
    """Return what people did to the pull request at the forge: merged, closed, or another head."""
    if state.merged:
        return Merged(merge_sha=state.merge_sha or state.pull.head_sha, by=state.merged_by or "")
    if not state.open:
        return PullClosed()
    if state.pull.head_sha == known:
        return None
    base = context.need(context.change.base_sha, "base")
    mirror = context.mirror()
    fetch_missing(mirror, context, base, state.pull.head_sha)
    tree = mirror.tree(state.pull.head_sha)
    by = context.tools.forge.pushed_by(context.repository, state.pull.number, since=known)
    return HeadMoved(head_sha=state.pull.head_sha, tree=tree, fingerprint=fingerprint(mirror, base, tree)[0], by=by)


def patient(reading: CiReading, waited: float) -> CiReading:
    """Return whether no check at all is an answer already: only after CI has had time to begin."""
    if reading.state == "none" and waited < NO_CI_AFTER:
        return revised(reading, state="pending")
    return reading


def _state(context: StageContext) -> PullState:
    if context.change.pull is None:
        raise GiveUp("This change has no pull request yet.", "Try again.")
    return context.tools.forge.pull(context.repository, context.change.pull.number)
