"""judge: look at the exported change, byte for byte, for what must not pass whatever the tests say."""

from __future__ import annotations

from bot.domain.effects import Judge
from bot.domain.events import Judged
from workers.checks.guards import Level, examine
from workers.checks.guards.edits import MOST_BYTES
from workers.errand import Errand
from workers.workshop import bring


def judge(errand: Errand) -> Judged:
    """A second run finds the same: the tree is fixed, and nothing outside is changed."""
    effect = errand.claim.effect
    assert isinstance(effect, Judge)
    base = errand.need(errand.change.base_sha, "base")
    mirror = errand.mirror()
    bring(mirror, errand, base)
    found = examine(
        mirror.changed(base, effect.tree),
        lambda path: mirror.read(base, path, MOST_BYTES),
        lambda path: mirror.read(effect.tree, path, MOST_BYTES),
    )

    def words(level: Level) -> tuple[str, ...]:
        return tuple(one.words for one in found if one.level == level)

    return Judged(tree=effect.tree, blocking=words("block"), holds=words("hold"), flags=words("flag"))
