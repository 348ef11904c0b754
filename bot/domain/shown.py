"""Keep statements about one version off the card of another: each names its tree and disappears with it.

Every card, notice, dialog and text on GitHub is made from the change that `shown` returns, so that none of them can say
of one version what was found out about another.
"""

from __future__ import annotations

from bot.domain.change import Change
from bot.domain.frozen import revised

OLDER = "(Written for the version before the last push.)"


def shown(change: Change) -> Change:
    """Return the change without whatever was said of another tree than `change.tree`, or of another head.

    The summary stays, since it says what the change is for, and says itself that it is older. Rows that were written
    before statements had a tree are taken as they are.
    """
    evidence = change.evidence
    if evidence is not None and evidence.subject != change.tree:
        change = revised(change, evidence=None)
    if change.judged not in {None, change.tree}:
        change = revised(change, findings=(), holds=(), blocks=(), opinion=None)
    if change.described not in {None, change.tree}:
        summary = f"{OLDER} {change.summary}" if change.summary.strip() else ""
        change = revised(change, summary=summary, proven="", risks="")
    if change.ci is not None and change.pull is not None and change.ci.sha != change.pull.head_sha:
        change = revised(change, ci=None, builds=())
    return change
