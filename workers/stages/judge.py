"""judge: look at the exported change for what must not pass whatever the tests say, then have a second model review it.

Law: what code finds goes first; a change that is sent back for it is not shown to the model.
"""

from __future__ import annotations

from bot.domain.change import Change
from bot.domain.effects import Judge
from bot.domain.events import Judged
from workers.checks.guards import findings
from workers.errand import Errand
from workers.judge import Subject
from workers.judge.concerns import concerns
from workers.judge.review import review
from workers.workshop import bring
from workers.workspace import Mirror

MOST_DIFF = 4 << 20
"""Bytes of a difference that are read for the review; whatever lies beyond is named as not read."""


def judge(errand: Errand) -> Judged:
    """A second run finds the same, but asks the model again; nothing outside is changed."""
    effect = errand.claim.effect
    assert isinstance(effect, Judge)
    base = errand.need(errand.change.base_sha, "base")
    mirror = errand.mirror()
    bring(mirror, errand, base)
    changed = mirror.changed(base, effect.tree)
    found = findings(changed, lambda path: mirror.read(effect.tree, path))
    holds, flags = concerns(errand.change.evidence)
    judged = Judged(
        tree=effect.tree,
        blocking=tuple(one.words for one in found if one.blocks),
        holds=holds,
        flags=(*flags, *(one.words for one in found if not one.blocks)),
    )
    if judged.blocking:
        return judged
    return _reviewed(errand, judged, _subject(errand.change, mirror, base, judged, tuple(one.path for one in changed)))


def _reviewed(errand: Errand, judged: Judged, subject: Subject) -> Judged:
    """What was found, with the model's opinion, or with the reason why there is none."""
    reviewer = errand.tools.reviewer
    if reviewer is None:
        return judged
    judgement = review(subject, reviewer, errand.lost.is_set)
    errand.still_mine()
    return judged.model_copy(
        update={
            "flags": (*judgement.flags, *judged.flags),
            "opinion": judgement.opinion,
            "record": errand.tools.artifacts.put(judgement.record),
        }
    )


def _subject(change: Change, mirror: Mirror, base: str, judged: Judged, paths: tuple[str, ...]) -> Subject:
    return Subject(
        request=change.request,
        diff=mirror.diff(base, judged.tree, MOST_DIFF),
        paths=paths,
        notes=change.notes,
        title=change.title,
        summary=change.summary,
        proven=change.proven,
        risks=change.risks,
        evidence=change.evidence,
        findings=(*judged.holds, *judged.flags),
    )
