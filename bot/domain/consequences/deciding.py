"""Decide what follows a tap in Slack: approve, ask for changes, discard, merge, undo.

Law: a tap counts only for the head and diff its card showed.
"""

from __future__ import annotations

from bot.domain import ci, ids
from bot.domain.assurance import assurance
from bot.domain.change import Allowance, Approval, Change, MergeTrial, Note, Phase, Undo
from bot.domain.consequences.asking import not_merged
from bot.domain.consequences.shape import Following, after, leaving
from bot.domain.effects import (
    Edit,
    Merge,
    MergeUndo,
    Notify,
    OpenUndo,
    ReadUndoCi,
    ShowCard,
    Tidy,
    WatchPull,
)
from bot.domain.events import (
    ApprovePressed,
    ChangesAsked,
    ClosePressed,
    MergeTried,
    MergeWasRefused,
    PublishAllowed,
    RightsMissing,
    UndoApprovePressed,
    UndoCiRead,
    UndoFailed,
    Undone,
    UndoOpened,
    UndoPressed,
)
from bot.domain.frozen import revised
from bot.domain.people import person, same
from bot.domain.rules import Refusal, Rules
from bot.domain.verdict import Verdict, worse


def publish_allowed(change: Change, event: PublishAllowed, now: float, rules: Rules) -> Following | Refusal:
    """Allow a version to be pushed to GitHub. Only approvers may, since CI then runs it."""
    if refusal := rules.approve(event.by, change):
        return refusal
    if change.question is None or change.question.about != "publish":
        return Refusal(code="not_now", detail=change.phase)
    if change.tree is None or event.seen != ids.seen(change):
        return Refusal(code="outdated")
    me = person(event.by, rules.people)
    if any(one.tree == change.tree and same(me, person(one.by, rules.people)) for one in change.allowed):
        return Refusal(code="second_needed")
    given = Allowance(by=event.by, tree=change.tree, at=now)
    change = revised(change, allowed=(*change.allowed, given))
    following = leaving(change, given.tree, rules)
    return following if following.change.phase is Phase.PUBLISHING else after(change, ShowCard())


def approve_pressed(change: Change, event: ApprovePressed, now: float, rules: Rules) -> Following | Refusal:
    if refusal := rules.approve(event.by, change):
        return refusal
    pull = change.pull
    if pull is None or event.seen != ids.seen(change):
        return Refusal(code="outdated")
    if change.ci is not None and ci.blocking(change.ci):
        return Refusal(code="red")
    if assurance(change).level == "failed":
        return Refusal(code="blocked")
    me = person(event.by, rules.people)
    if any(same(me, person(given.by, rules.people)) for given in change.approvals):
        return Refusal(code="second_needed")
    approval = Approval(by=event.by, head_sha=pull.head_sha, fingerprint=change.fingerprint or "", at=now)
    approvals = (*change.approvals, approval)
    barred = tuple(one for one in change.barred if one.id != event.by.id)
    change = revised(change, approvals=approvals, barred=barred, void="")
    if not rules.let_in(change, approvals):
        watch = WatchPull(head_sha=pull.head_sha)
        return after(revised(change, phase=Phase.READY), ShowCard(), Notify(moment="second_needed"), watch)
    merge = Merge(head_sha=pull.head_sha)
    return after(revised(change, phase=Phase.MERGING, trial=None, progress=""), ShowCard(), merge)


def rights_missing(change: Change, event: RightsMissing, _now: float, rules: Rules) -> Following:
    """Take back the yeses of people who may not push to the repository on GitHub; the others stay."""
    pull = change.pull
    if pull is None:
        raise AssertionError("a merging change has a pull request")
    barred = tuple(given.by for given in change.approvals if given.by.id in event.people)
    approvals = tuple(given for given in change.approvals if given.by not in barred)
    change = revised(change, approvals=approvals, barred=(*change.barred, *barred))
    told = (ShowCard(), Notify(moment="no_right"))
    if rules.let_in(change, approvals):
        return after(change, *told, Merge(head_sha=pull.head_sha))
    return after(revised(change, phase=Phase.READY), *told, WatchPull(head_sha=pull.head_sha))


def changes_asked(change: Change, event: ChangesAsked, _now: float, rules: Rules) -> Following | Refusal:
    """Asking for changes is never outdated by much: it says what is wanted, so an older card does no harm."""
    if refusal := rules.ask(event.by):
        return refusal
    if not event.text.strip():
        return Refusal(code="empty_request")
    note = Note(kind="follow_up", author=event.by.name, text=event.text.strip(), by=event.by.id)
    return after(
        revised(
            change,
            phase=Phase.EDITING,
            notes=(*change.notes, note),
            approvals=(),
            void="",
            rounds=0,
            vetoes=0,
            grants=change.grants + 1,
        ),
        ShowCard(),
        Edit(),
    )


def close_pressed(change: Change, event: ClosePressed, _now: float, rules: Rules) -> Following | Refusal:
    if refusal := rules.ask(event.by):
        return refusal
    if change.pull is not None and event.seen != ids.seen(change):
        return Refusal(code="outdated")
    return after(
        revised(change, phase=Phase.DECLINED, stopped_by=event.by, failure=None),
        ShowCard(),
        Notify(moment="declined"),
        Tidy(abandon=True),
    )


def merge_was_refused(change: Change, event: MergeWasRefused, _now: float, _rules: Rules) -> Following:
    """Show what is there now; the next yes is a yes to that."""
    reading = change.ci if event.reading is None else event.reading
    objections = change.objections if event.objections is None else event.objections
    return not_merged(revised(change, ci=reading, objections=objections), event.reason)


def merge_tried(change: Change, event: MergeTried, _now: float, _rules: Rules) -> Following:
    """Let the yes hold where the change is no worse together with the newer base than it was alone."""
    times = change.trial.times + 1 if change.trial else 1
    trial = MergeTrial(base_sha=event.base_sha, evidence=event.evidence, times=times)
    change = revised(change, trial=trial, progress="")
    if change.pull and not worse(event.evidence, change.evidence):
        return after(change, ShowCard(), Merge(head_sha=change.pull.head_sha))
    failed = event.evidence.counts.failed
    which = f"{failed} test{'' if failed == 1 else 's'} fail{'s' if failed == 1 else ''}"
    what = which if failed else "the checks fail" if event.evidence.verdict is Verdict.RED else "nothing proves it"
    reason = f"{change.base_branch or 'The base branch'} changed: {what} together with it."
    return not_merged(change, f"{reason} Update the branch on GitHub and I'll check it again, or ask for changes.")


def undo_pressed(change: Change, event: UndoPressed, _now: float, rules: Rules) -> Following | Refusal:
    """Opening the way back is harmless, so anyone who may ask may press it; going it takes an approver."""
    if refusal := rules.ask(event.by):
        return refusal
    if event.seen != ids.seen(change) or change.merge_sha is None:
        return Refusal(code="outdated")
    return after(
        revised(change, phase=Phase.UNDOING, undo=Undo(by=event.by)), ShowCard(), OpenUndo(merge_sha=change.merge_sha)
    )


def undo_opened(change: Change, event: UndoOpened, now: float, _rules: Rules) -> Following:
    undo = revised(
        _undo(change), pull=event.pull, into=event.into, base_sha=event.base_sha, instead_of=event.instead_of, ci=None
    )
    return after(revised(change, undo=undo, asked_at=now), ShowCard(), ReadUndoCi(head_sha=event.pull.head_sha))


def undo_ci_read(change: Change, event: UndoCiRead, _now: float, _rules: Rules) -> Following:
    """Ask for the second tap where the undo's checks are green or there are none; red ends the undo."""
    undo = _undo(change)
    if undo.pull is None or undo.approved_by is not None:
        return after(change)
    if event.reading.sha != undo.pull.head_sha:
        return after(change, ReadUndoCi(head_sha=undo.pull.head_sha))
    undo = revised(undo, ci=event.reading)
    match event.reading.state:
        case "pending":
            return after(revised(change, undo=undo), ShowCard(), ReadUndoCi(head_sha=event.reading.sha, patient=True))
        case "red":
            undo = revised(undo, note="Its checks failed. An engineer has to look.")
            return after(revised(change, phase=Phase.MERGED, undo=undo), ShowCard(), Notify(moment="undo_failed"))
        case _:
            return after(revised(change, undo=undo), ShowCard(), Notify(moment="undo_ready"))


def undo_approve_pressed(change: Change, event: UndoApprovePressed, _now: float, rules: Rules) -> Following | Refusal:
    if refusal := rules.approve_undo(event.by):
        return refusal
    undo = _undo(change)
    if undo.approved_by is not None:
        return Refusal(code="already")
    pull = undo.pull
    if pull is None or undo.ci is None or undo.ci.state == "pending":
        return Refusal(code="not_now", detail=change.phase)
    if event.seen != ids.seen(change):
        return Refusal(code="outdated")
    undo = revised(undo, approved_by=event.by)
    return after(revised(change, undo=undo), ShowCard(), MergeUndo(head_sha=pull.head_sha))


def undo_failed(change: Change, event: UndoFailed, _now: float, _rules: Rules) -> Following:
    undo = revised(_undo(change), note=event.reason, approved_by=None)
    return after(revised(change, phase=Phase.MERGED, undo=undo), ShowCard(), Notify(moment="undo_failed"))


def undone(change: Change, event: Undone, _now: float, _rules: Rules) -> Following:
    undo = revised(_undo(change), note=event.merge_sha)
    return after(
        revised(change, phase=Phase.UNDONE, undo=undo), ShowCard(), Notify(moment="undone"), Tidy(abandon=False)
    )


def _undo(change: Change) -> Undo:
    if change.undo is None:
        raise AssertionError("an undoing change has an undo")
    return change.undo
