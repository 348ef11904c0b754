"""Follow what people do to the pull request on GitHub: push, change its base branch, merge, close or reopen it.

Law: whatever was said of the version before vanishes; what is there now passes the checks and the review before anybody
can approve it. What they find in a version that a person pushed is for people to decide, never for the agent to change.
"""

from __future__ import annotations

from bot.domain.change import PEOPLE_SAY, Change, Failure, Foreign, Note, Phase
from bot.domain.consequences.asking import stage_of, stuck
from bot.domain.consequences.shape import Following, after
from bot.domain.effects import Check, Edit, Notify, ShowCard, Tidy, WatchPull
from bot.domain.events import HeadMoved, Merged, PullClosed, Reopened
from bot.domain.frozen import revised
from bot.domain.rules import Rules

_TOLD = "Someone pushed a commit to this branch. It is in the workspace now; keep what it does."


def head_moved(change: Change, event: HeadMoved, now: float, _rules: Rules) -> Following:
    """Examine what is at the forge now, where it differs from what was examined before."""
    if change.pull is None:
        reason = "The branch for this change already holds commits that are not mine."
        advice = "Rename or delete that branch, then try again."
        return stuck(change, Failure(reason=reason, advice=advice, resume=change.phase))
    pushed = event.head_sha != change.pull.head_sha
    retargeted = event.base_branch not in {"", change.base_branch}
    if not pushed and not retargeted:
        return after(change, stage_of(change, change.phase))
    void = "It was changed on GitHub, so approvals start over."
    if retargeted:
        void = f"It now goes into {event.base_branch} instead of {change.base_branch}, so approvals start over."
    before = change
    change = _as_it_stands(change, event, now, void)
    if before.phase is Phase.PUBLISHING:
        return after(revised(change, phase=Phase.EDITING), ShowCard(), Edit())
    told = (Notify(moment="head_moved"),) if before.phase in {Phase.READY, Phase.MERGING} else ()
    if not pushed and change.base_sha == before.base_sha:  # the same difference: what was found out still holds
        phase = Phase.READY if before.phase is Phase.MERGING else before.phase
        return after(revised(change, phase=phase), ShowCard(), *told, stage_of(change, phase))
    return _examined(change, event, *told)


def reopened(change: Change, event: Reopened, now: float, _rules: Rules) -> Following:
    """Go on with a pull request that was closed at the forge: it is examined as it stands now."""
    if change.pull is None:
        return after(change)
    change = _as_it_stands(change, event.now, now, "It was opened again on GitHub, so approvals start over.")
    return _examined(change, event.now, Notify(moment="head_moved"))


def pull_closed(change: Change, _event: PullClosed, _now: float, _rules: Rules) -> Following:
    """End the change, and keep an eye on its pull request: people open what they closed again."""
    watch = (WatchPull(head_sha=change.pull.head_sha),) if change.pull else ()
    ended = revised(_as_published(change), phase=Phase.DECLINED, approvals=(), void="")
    return after(ended, ShowCard(), Notify(moment="declined"), *watch)


def merged(change: Change, event: Merged, _now: float, _rules: Rules) -> Following:
    """End well. What was merged unexamined, or without a person's last wish, is said."""
    by = event.by or (change.approvals[-1].by.name if change.approvals else "")
    change = _as_published(change)
    if change.pull is not None and event.head_sha not in {"", change.pull.head_sha}:
        pull = revised(change.pull, head_sha=event.head_sha)
        change = revised(change, pull=pull, tree=None, head_tree=None, files=(), approvals=(), ci=None, builds=())
    return after(
        revised(change, phase=Phase.MERGED, merge_sha=event.merge_sha, merged_by=by, void=""),
        ShowCard(),
        Notify(moment="merged"),
        Tidy(abandon=False),
    )


def _as_it_stands(change: Change, event: HeadMoved, now: float, void: str) -> Change:
    """Return the change with what is at the forge now; a version that a person pushed is marked as that."""
    if change.pull is None:
        raise AssertionError("what is at the forge has a pull request")
    pushed = event.head_sha != change.pull.head_sha
    change = revised(
        change,
        pull=revised(change.pull, head_sha=event.head_sha),
        base_sha=event.base_sha or change.base_sha,
        base_branch=event.base_branch or change.base_branch,
        tree=event.tree,
        head_tree=event.tree,
        fingerprint=event.fingerprint,
        files=event.files,
        approvals=(),
        void=void,
    )
    if not pushed:
        return change
    return revised(
        change,
        notes=(*change.notes, Note(kind="host", author="shipmate", text=_TOLD)),
        notes_read=change.notes_read if change.phase is Phase.PUBLISHING else len(change.notes) + 1,
        pushed_by=tuple(dict.fromkeys((*change.pushed_by, *(event.by or ("",))))),
        foreign=Foreign(tree=event.tree, note=len(change.notes)),
        ci=None,
        builds=(),
        asked_at=now,
    )


def _examined(change: Change, event: HeadMoved, *told: Notify) -> Following:
    change = revised(change, evidence=None, judged=None, findings=(), holds=(), passable=(), blocks=(), opinion=None)
    return after(revised(change, phase=Phase.CHECKING), ShowCard(), *told, Check(tree=event.tree))


def _as_published(change: Change) -> Change:
    """Return the change without work that was under way, and with the wishes that it was for."""
    change = revised(change, left_out=_left_out(change), progress="")
    return change if change.tree == change.head_tree else revised(change, tree=change.head_tree, files=())


def _left_out(change: Change) -> tuple[str, ...]:
    """Return the wishes of people that came after the last version of ours at the forge."""
    return tuple(note.text for note in change.notes[change.notes_in :] if note.kind in PEOPLE_SAY)
