"""read_ci and watch_pull: what the forge says of the pull request and its head, asked until something is new.

Law: webhooks only wake these stages; what they report is what the forge answers when asked.
"""

from __future__ import annotations

from bot.domain import ci
from bot.domain.change import Pull
from bot.domain.effects import ReadCi, WatchPull
from bot.domain.events import CiRead, HeadMoved, Merged, PullClosed, StageResult
from workers import GiveUp, TryAgain
from workers.forge import PullReading, PullState
from workers.stages.context import StageContext
from workers.stages.provision import fetch_missing, fingerprint

CI_DEADLINE = 6 * 3600.0
"""Seconds after which unfinished CI is a person's business."""


def read_ci(context: StageContext) -> StageResult:
    """Read CI. A second run asks again; nothing outside is changed."""
    change, tools, effect = context.change, context.tools, context.claim.effect
    assert isinstance(effect, ReadCi)
    if effect.patient and not context.claim.again:
        raise TryAgain(tools.poll_seconds, "CI is running", polling=True)
    at = read_pull(context, change.pull)
    if moved := happened(context, at.state, effect.head_sha):
        return moved
    found = _ci_read(context, at)
    if found.reading.state == "pending" and not _news(context, found):
        if tools.clock() - change.asked_at > CI_DEADLINE:
            raise GiveUp("The checks on GitHub haven't finished in six hours.", "Look at them there, or try again.")
        raise TryAgain(tools.poll_seconds, "CI is running", polling=True)
    return found


def watch_pull(context: StageContext) -> StageResult:
    """Read CI. A second run looks again; nothing outside is changed."""
    change, tools, effect = context.change, context.tools, context.claim.effect
    assert isinstance(effect, WatchPull)
    if not context.claim.again:  # the forge was asked a moment ago
        raise TryAgain(tools.poll_seconds * 2, "people decide", polling=True)
    at = read_pull(context, change.pull)
    if moved := happened(context, at.state, effect.head_sha):
        return moved
    found = _ci_read(context, at)
    if not _news(context, found):
        raise TryAgain(tools.poll_seconds * 2, "people decide", polling=True)
    return found


def read_pull(context: StageContext, pull: Pull | None, base: str | None = None) -> PullReading:
    """Return one reading of a pull request, weighed against `base`, or else the commit that the change begins at."""
    if pull is None:
        raise GiveUp("This change has no pull request yet.", "Try again.")
    change, forge = context.change, context.tools.forge
    own = (context.tools.rules.people.get(change.requester.id, ""), *change.pushed_by)
    return forge.read_pull(context.repository, pull, base or context.need(change.base_sha, "base"), own=own)


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


def _ci_read(context: StageContext, at: PullReading) -> CiRead:
    reading = ci.settled(at.ci, context.tools.clock() - context.change.asked_at)
    reading, builds = context.tools.forge.read_builds(context.repository, reading)
    return CiRead(reading=reading, builds=builds, objections=at.objections)


def _news(context: StageContext, found: CiRead) -> bool:
    """Return whether the card says anything else than what was read now."""
    change = context.change
    return (found.reading, found.builds, found.objections) != (change.ci, change.builds, change.objections)
