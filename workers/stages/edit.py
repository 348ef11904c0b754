"""edit: let the agent work in a sandbox until it finishes, asks, or says why not."""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.domain.events import BudgetReached, EditsReady, NothingChanged, QuestionAsked, StageResult
from workers.agent import AgentAccess, Finished, NeedsAnswer, OverBudget, RunResult, Spoke
from workers.agent.loop import work
from workers.stages.checkpoints import fetch_tree, keep
from workers.stages.context import StageContext
from workers.stages.job import job_of
from workers.stages.provision import (
    check_out,
    checks_of,
    dependencies,
    fetch_missing,
    fingerprint,
    remote_errors,
    sandboxed,
    way_out,
)
from workers.stages.transcript import ClaimedTranscript
from workers.workspace import ExportRefused, Mirror, Workspace

PROGRESS_SECONDS = 1.0
MOST_REFUSED = 3
"""Paths that are named if a change cannot be proposed."""


def edit(context: StageContext) -> StageResult:
    """Let the agent work. A second run continues from the last saved turn: the tree is restored, and no stored turn is
    asked again.
    """
    base = context.need(context.change.base_sha, "base")
    mirror = context.mirror()
    fetch_missing(mirror, context, base)
    with remote_errors(context):
        return _edited(context, mirror, base)


def _edited(context: StageContext, mirror: Mirror, base: str) -> StageResult:
    change, tools = context.change, context.tools
    plan = checks_of(mirror, base)
    folder = tools.workspaces.folder(change.id, context.claim.fence)
    workspace = check_out(mirror, plan, base, folder, history=True)
    transcript = ClaimedTranscript(context)
    with (
        dependencies(context, mirror, base, plan.workspace.sparse) as installed,
        way_out(context, plan) as network,
        sandboxed(context, workspace, installed.folder, network.socket) as session,
    ):
        checkpoint = Checkpoint(context, mirror, workspace, base)
        access = AgentAccess(
            session=session,
            checkpoint=checkpoint,
            restore=_restorer(context, mirror, workspace, transcript),
            still_mine=context.still_mine,
            progress=_progress(context),
            blobs=tools.artifacts,
        )
        outcome = work(job_of(context, mirror, base, plan), context.model, transcript, access, tools.second)
    return _found(outcome, mirror, base, checkpoint.refusal)


def _found(outcome: RunResult, mirror: Mirror, base: str, refusal: str) -> StageResult:
    match outcome:
        case NeedsAnswer():
            return QuestionAsked(
                text=outcome.question, options=outcome.options, notes_read=outcome.notes_read, usage=outcome.usage
            )
        case OverBudget():
            return BudgetReached(words=outcome.words, notes_read=outcome.notes_read, usage=outcome.usage)
        case Spoke():
            return NothingChanged(text=f"{refusal}{outcome.text}", usage=outcome.usage)
        case Finished():
            mark, paths = fingerprint(mirror, base, outcome.tree)
            if not paths:
                return NothingChanged(text=outcome.summary, usage=outcome.usage)
            return EditsReady(
                title=outcome.title,
                summary=outcome.summary,
                proven=outcome.proven,
                risks=outcome.risks,
                tree=outcome.tree,
                fingerprint=mark,
                files=paths,
                notes_read=outcome.notes_read,
                usage=outcome.usage,
            )


class Checkpoint:
    """Exports the workspace; each tree is kept for other hosts, once, before any row names it."""

    def __init__(self, context: StageContext, mirror: Mirror, workspace: Workspace, base: str) -> None:
        self._context, self._mirror, self._workspace, self._base = context, mirror, workspace, base
        self._kept: set[str] = set()
        self.refusal = ""
        """The sentence for people if the last export was refused and the agent ended without a change."""

    def __call__(self) -> str:
        """Return the tree. Raises `ExportRefused`."""
        try:
            tree = self._mirror.export(self._workspace, self._base)
        except ExportRefused as refused:
            self.refusal = _told(refused)
            raise
        self.refusal = ""
        if tree not in self._kept:
            keep(self._context, self._mirror, self._base, tree)
            self._kept.add(tree)
        return tree


def _told(refused: ExportRefused) -> str:
    found = [f"{path} {why}" for path, why in refused.paths.items()]
    more = f"; and {len(found) - MOST_REFUSED} more" if len(found) > MOST_REFUSED else ""
    return f"I can't propose what I changed: {'; '.join(found[:MOST_REFUSED])}{more}.\n\n"


def _restorer(
    context: StageContext, mirror: Mirror, workspace: Workspace, transcript: ClaimedTranscript
) -> Callable[[str], None]:
    """Return the tree to start from: that of another author's push, until a turn has seen it."""
    change = context.change

    def restore(tree: str) -> None:
        foreign = change.foreign
        if foreign and max((row.notes_read for row in transcript.rows()), default=0) <= foreign.note:
            tree = foreign.tree
        fetch_tree(context, mirror, tree)
        mirror.restore(workspace, tree)

    return restore


def _progress(context: StageContext) -> Callable[[str], None]:
    """Put words on the card, at most one line a second: each is a transaction, and the card is edited no faster."""
    said, at = "", 0.0

    def progress(words: str) -> None:
        nonlocal said, at
        now = time.monotonic()
        if words and words != said and now - at >= PROGRESS_SECONDS:
            said, at = words, now
            context.say(words)

    return progress
