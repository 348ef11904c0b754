"""judge: look at the exported change for what must not pass whatever the tests say, then have a second model review it.

Law: what code finds goes first; a change that is sent back for it is not shown to the model.
"""

from __future__ import annotations

from dataclasses import replace

from bot.domain.change import Change
from bot.domain.effects import Judge
from bot.domain.events import Judged
from bot.domain.frozen import revised
from bot.domain.shown import shown
from workers.ecosystems.registry import ALL
from workers.guards import Level, examined, findings, reach
from workers.guards.edits import MOST_BYTES
from workers.judge import Subject, pictures
from workers.judge.concerns import concerns
from workers.judge.review import review
from workers.stages.cached_reviewer import CachedReviewer
from workers.stages.checkpoints import fetch_tree
from workers.stages.context import StageContext
from workers.stages.provision import fetch_missing, remote_errors
from workers.stages.transcript import ClaimedTranscript
from workers.workspace import Changed, Mirror

MOST_DIFF = 4 << 20
"""Bytes of a difference that are read for the review; whatever lies beyond is named as not read."""


def judge(context: StageContext) -> Judged:
    """Have the change reviewed. A second run finds the same, and asks the model nothing that it answered before;
    nothing outside is changed.
    """
    effect = context.claim.effect
    assert isinstance(effect, Judge)
    base = context.need(context.change.base_sha, "base")
    mirror = context.mirror()
    fetch_missing(mirror, context, base)
    fetch_tree(context, mirror, effect.tree)
    changed = mirror.changed(base, effect.tree)
    with remote_errors(context):
        mirror.gather_changed(changed)
        judged, elsewhere = _found(
            context.change, mirror, base, effect.tree, changed, context.tools.confidential.values
        )
    reviewer = context.tools.reviewer
    if judged.blocking or reviewer is None:
        return judged
    with remote_errors(context):
        subject = replace(_subject(context, mirror, base, judged, changed), elsewhere=elsewhere)
    judgement = review(subject, CachedReviewer(reviewer, context), context.lost.is_set)
    context.still_mine()
    return revised(
        judged,
        holds=(*judgement.holds, *judged.holds),
        flags=(*judgement.flags, *judged.flags),
        opinion=judgement.opinion,
        record=context.tools.artifacts.put(judgement.record),
    )


def _found(
    change: Change, mirror: Mirror, base: str, tree: str, changed: tuple[Changed, ...], secrets: tuple[str, ...]
) -> tuple[Judged, frozenset[str]]:
    """Return what code finds in the bytes of the change and in the evidence, and which paths a model need not read."""
    read = examined(
        changed,
        lambda path: mirror.read(base, path, MOST_BYTES),
        lambda path: mirror.read(tree, path, MOST_BYTES),
        secrets=secrets,
        link=lambda path: mirror.link(tree, path),
        request=change.request,
    )
    found = findings(read)
    outside = reach(read, found, mirror.files(base), branch=change.branch or "", into=change.base_branch or "")

    def words(level: Level) -> tuple[str, ...]:
        return tuple(one.words for one in found if one.level == level and not one.passable)

    holds, flags = concerns(change.evidence)
    judged = Judged(
        tree=tree,
        blocking=words("block"),
        holds=(*holds, *words("hold")),
        flags=(*flags, *words("flag")),
        passable=tuple(one.words for one in found if one.passable),
        reach=outside,
    )
    locks = {one.path for one in changed if any(each.supply and each.supply.lock_reader(one.path) for each in ALL)}
    return judged, frozenset(locks | {one.path for one in found if one.rule == "image"})


def _subject(context: StageContext, mirror: Mirror, base: str, judged: Judged, changed: tuple[Changed, ...]) -> Subject:
    change = shown(context.change)
    sent = bool(change.images or any(note.images for note in change.notes))
    rows = ClaimedTranscript(context).rows() if sent else ()
    return Subject(
        request=change.request,
        diff=mirror.diff(base, judged.tree, MOST_DIFF),
        paths=tuple(one.path for one in changed),
        notes=change.notes,
        title=change.title,
        summary=change.summary,
        proven=change.proven,
        risks=change.risks,
        evidence=change.evidence,
        findings=(*judged.holds, *judged.flags),
        pictures=pictures.shown(rows, context.tools.artifacts),
    )
