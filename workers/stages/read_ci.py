"""read_ci and watch_pull: what the forge says of the pull request and its head, asked until something is new.

Law: webhooks only wake these stages; what they report is what the forge answers when asked.
"""

from __future__ import annotations

from bot.domain import ci
from bot.domain.change import Phase, Pull
from bot.domain.effects import ReadCi, WatchPull
from bot.domain.events import CiRead, Merged, PullClosed, Reopened, StageResult
from workers import GiveUp, TryAgain
from workers.forge import PullReading, PullState
from workers.stages.context import StageContext
from workers.stages.pull_head import head_moved

CLOSED_SECONDS = 3600.0
"""Seconds between two looks at a pull request that was closed; a webhook wakes this stage earlier."""
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
    """Watch the pull request. A second run looks again; nothing outside is changed."""
    change, tools, effect = context.change, context.tools, context.claim.effect
    assert isinstance(effect, WatchPull)
    if change.phase is Phase.DECLINED:
        return _opened_again(context)
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
    """Return what people did to the pull request at the forge: merged, closed, pushed to, or given another base."""
    if over := ended(state):
        return over
    if state.pull.head_sha == known and state.into in {"", context.change.base_branch}:
        return None
    return head_moved(context, state.pull.head_sha, state.into)


def ended(state: PullState) -> Merged | PullClosed | None:
    """Return whether it was merged or closed at the forge."""
    if state.merged:
        head = state.pull.head_sha
        return Merged(merge_sha=state.merge_sha or head, by=state.merged_by or "", head_sha=head)
    return None if state.open else PullClosed()


def _opened_again(context: StageContext) -> StageResult:
    """Return what became of a pull request that was closed at the forge; people open again what they closed."""
    context.tools.workspaces.tidy(context.change.id)
    if not context.claim.again:
        raise TryAgain(CLOSED_SECONDS, "closed on GitHub", polling=True)
    state = read_pull(context, context.change.pull).state
    if isinstance(over := ended(state), PullClosed):
        raise TryAgain(CLOSED_SECONDS, "closed on GitHub", polling=True)
    return over or Reopened(now=head_moved(context, state.pull.head_sha, state.into))


def _ci_read(context: StageContext, at: PullReading) -> CiRead:
    reading = ci.settled(at.ci, context.tools.clock() - context.change.asked_at)
    reading, builds = context.tools.forge.read_builds(context.repository, reading)
    return CiRead(reading=reading, builds=builds, objections=at.objections)


def _news(context: StageContext, found: CiRead) -> bool:
    """Return whether the card says anything else than what was read now."""
    change = context.change
    return (found.reading, found.builds, found.objections) != (change.ci, change.builds, change.objections)
