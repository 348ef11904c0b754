"""merge: exactly what a person approved, into the branch that they approved it for.

Everything that the card said is read again in one go before the merge. What differs from it voids the approval with a
sentence; a check that is required and still runs is waited for; a base that moved is tried together with the change.

Law: nothing is merged past a difference without a new yes.
"""

from __future__ import annotations

from collections.abc import Collection

from bot.cards.pull import merge_message
from bot.domain import ci
from bot.domain.change import Change
from bot.domain.ci import CiReading
from bot.domain.effects import Merge
from bot.domain.events import CiRead, Merged, MergeTried, MergeWasRefused, RightsMissing, StageResult
from bot.domain.frozen import revised
from bot.domain.verdict import worse
from workers import GiveUp, TryAgain
from workers.forge import MergeRefused, PullReading
from workers.stages.check import checked
from workers.stages.context import StageContext
from workers.stages.provision import fetch_missing, fingerprint, patch, remote_errors
from workers.stages.read_ci import CI_DEADLINE, happened, read_pull
from workers.workspace.steps import Step

MOST_TRIALS = 2
"""Trials with a newer base for one approval: where a branch moves faster than its tests run, the last one holds."""
_UPDATE = "Update the branch on GitHub and I'll check it again; approvals start over."


def merge(context: StageContext) -> StageResult:
    """Merge. A second run finds the pull request merged and reports that merge; the sha keeps any other head out."""
    change, forge, effect = context.change, context.tools.forge, context.claim.effect
    assert isinstance(effect, Merge)
    if change.pull is None or not any(yes.head_sha == effect.head_sha for yes in change.approvals):
        raise GiveUp("Nobody approved this version.", "Approve it again.")
    at = read_pull(context, change.pull)
    if moved := happened(context, at.state, effect.head_sha):
        return moved
    counts = change.ci.counts if change.ci else at.ci.counts
    reading = ci.settled(revised(at.ci, counts=counts), context.tools.clock() - change.asked_at)
    if reason := _difference(change, at, reading):
        return MergeWasRefused(reason=reason, reading=reading, objections=at.objections)
    if waiting := ci.holding(reading):
        return _wait(context, at, reading, waiting[0].name)
    if at.state.mergeable is None and context.claim.age < 60:
        raise TryAgain(1, "GitHub is still working out whether it can be merged")
    if barred := without_right(context, {yes.by.id for yes in change.approvals}):
        return RightsMissing(people=barred)
    rules = context.tools.rules
    if not rules.let_in(change, tuple(yes for yes in change.approvals if rules.approve(yes.by, change) is None)):
        reason = "The rules about whose yes counts have changed, and now it takes another one. Approve it again."
        return MergeWasRefused(reason=reason, reading=reading, objections=at.objections)
    if tip := _untried(change, at):
        return _tried(context, tip, effect.head_sha)
    context.secure()
    title, message = merge_message(change)
    try:
        merged = forge.merge(
            context.repository,
            change.pull.number,
            sha=effect.head_sha,
            title=title,
            message=message,
            methods=at.methods,
        )
    except MergeRefused as refused:
        again = forge.pull(context.repository, change.pull.number)
        if moved := happened(context, again, effect.head_sha):
            return moved
        if refused.moved:
            raise TryAgain(3, refused.reason) from refused
        return MergeWasRefused(reason=f"{refused.reason} Once that is settled on GitHub, approve it again.")
    return Merged(merge_sha=merged)


def without_right(context: StageContext, people: Collection[str]) -> tuple[str, ...]:
    """Return those of these people (Slack ids) who may not push themselves, where we know who they are on GitHub."""
    logins = {one: context.tools.rules.people.get(one) for one in sorted(people)}
    may_push = context.tools.forge.may_push
    return tuple(one for one, login in logins.items() if login and not may_push(context.repository, login))


def _difference(change: Change, at: PullReading, reading: CiReading) -> str:
    """Return the first thing that is not as the approvers saw it, or that keeps it from being merged, with the way out;
    or "".
    """
    branch = change.base_branch or at.state.into
    if at.state.into != branch:
        return (
            f"It was moved to the branch {at.state.into} on GitHub, but approved for {branch}. "
            f"Move it back to {branch} there, or discard it."
        )
    if at.base_tip is None:
        return f"The branch {branch} is gone on GitHub."
    seen = {one.id for one in change.objections}
    if raised := [one.by for one in at.objections if one.id not in seen]:
        return f"{', '.join(raised)} asked for changes on GitHub. Ask for changes here too, or approve it again."
    if failed := _went_red(change, reading):
        return f"{', '.join(failed[:3])} failed on GitHub after this was shown. Ask for changes, or discard it."
    if unmet := ci.unmet(reading):
        names = ", ".join(run.name for run in unmet[:3])
        return f"GitHub requires {names}, which did not finish with a yes. Run it again there, then approve it again."
    if at.queue:
        return f"{branch} has a merge queue, which I can't use. Merge it on GitHub."
    if at.state.mergeable is False:
        return f"{branch} changed in the same place. Resolve the conflict on GitHub and I'll check it again."
    return f"{branch} changed, and GitHub wants it in this branch first. {_UPDATE}" if _behind(at) else ""


def _behind(at: PullReading) -> bool:
    return at.state.mergeable_state == "behind"


def _went_red(change: Change, reading: CiReading) -> list[str]:
    """Return the names of checks that are red now: those that block, and those that were not red when it was shown."""
    shown = {ci.key(run): run.state for run in change.ci.runs} if change.ci else {}
    blocking = ci.blocking(reading)
    failing = ci.failing(reading)
    return [
        run.name
        for run in reading.runs
        if run in blocking
        or (run.state == "failed" and shown.get(ci.key(run)) == "passed")
        or (run in failing and shown.get(ci.key(run)) != "failed")
    ]


def _wait(context: StageContext, at: PullReading, reading: CiReading, name: str) -> StageResult:
    """Wait for checks that hold the merge; the card names them."""
    change, tools = context.change, context.tools
    if change.ci is None or reading.runs != change.ci.runs:
        context.meanwhile(CiRead(reading=reading, builds=change.builds, objections=at.objections))
    if context.claim.age > CI_DEADLINE:
        return MergeWasRefused(reason=f"{name} hasn't finished on GitHub in six hours. Look at it there.")
    raise TryAgain(tools.poll_seconds, f"{name} is running", polling=True)


def _untried(change: Change, at: PullReading) -> str | None:
    """Return the newest commit of the base branch where the checks have not said yes to the change together with it."""
    tip, trial = at.base_tip, change.trial
    if tip in {None, change.base_sha}:
        return None
    if trial is None or worse(trial.evidence, change.evidence):
        return tip
    return None if tip == trial.base_sha or trial.times >= MOST_TRIALS else tip


def _tried(context: StageContext, tip: str, head: str) -> StageResult:
    """Run the checks on what the merge would make. A second run does it again; nothing outside is changed."""
    change = context.change
    base = context.need(change.base_sha, "base")
    branch = change.base_branch or "The base branch"
    mirror = context.mirror()
    fetch_missing(mirror, context, base, tip, head)
    with remote_errors(context):
        tree = mirror.replay(Step(base, head), tip)
        if tree is None:
            reason = f"{branch} changed in the same place. Resolve the conflict on GitHub and I'll check it again."
            return MergeWasRefused(reason=reason)
        same = fingerprint(mirror, tip, tree)[0] == change.fingerprint
        if not same and patch(mirror, tip, tree) != patch(mirror, base, head):
            reason = f"{branch} already has a part of this, so something else would go in. {_UPDATE}"
            return MergeWasRefused(reason=reason)
        context.say(f"Trying it together with {branch} as it is now.")
        return MergeTried(base_sha=tip, evidence=checked(context, mirror, tip, tree).evidence)
