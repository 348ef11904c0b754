"""From the first edit to a pull request with CI: what stages found out, and what goes back to the agent.

Law: red goes back to the agent while rounds are left, and to a person after that.
"""

from __future__ import annotations

from bot.domain import ci
from bot.domain.change import Change, Failure, Note, NoteKind, Opinion, Phase, Question
from bot.domain.consequences.asking import GO_ON, STOP_HERE, not_merged, stage_of, stuck
from bot.domain.consequences.shape import Following, after, leaving
from bot.domain.effects import Check, Edit, Judge, Notify, ReadCi, ShowCard, WatchPull
from bot.domain.events import (
    BudgetReached,
    Checked,
    CiRead,
    EditsReady,
    Judged,
    NothingChanged,
    ProgressMade,
    Published,
    QuestionAsked,
    StageFailed,
)
from bot.domain.frozen import revised
from bot.domain.reach import CiReach
from bot.domain.rules import Rules
from bot.domain.verdict import Evidence, Verdict

NOTHING_LEFT = "Nothing of this change is left on its branch."
MAX_FINDING = 8_000
"""Characters of a finding that go back to the agent."""


def progress_made(change: Change, event: ProgressMade, _now: float, _rules: Rules) -> Following:
    return after(revised(change, progress=event.words[:200]), ShowCard())


def question_asked(change: Change, event: QuestionAsked, _now: float, _rules: Rules) -> Following:
    """Let the agent ask; a reply that came in the meantime is taken as the answer."""
    change = revised(change, usage=event.usage, notes_read=event.notes_read, progress="")
    if event.notes_read < len(change.notes):
        return after(change, Edit())
    question = Question(about="work", text=event.text, options=event.options)
    return after(revised(change, phase=Phase.ASKING, question=question), ShowCard(), Notify(moment="question"))


def budget_reached(change: Change, event: BudgetReached, _now: float, _rules: Rules) -> Following:
    """Pause the work where it is, until a person decides whether it continues."""
    question = Question(about="budget", text=event.words, options=(GO_ON, STOP_HERE))
    return after(
        revised(
            change, phase=Phase.ASKING, question=question, usage=event.usage, notes_read=event.notes_read, progress=""
        ),
        ShowCard(),
        Notify(moment="question"),
    )


def edits_ready(change: Change, event: EditsReady, _now: float, _rules: Rules) -> Following:
    change = revised(
        change,
        title=event.title,
        summary=event.summary,
        proven=event.proven,
        risks=event.risks,
        tree=event.tree,
        fingerprint=event.fingerprint,
        described=event.tree,
        files=event.files,
        notes_read=event.notes_read,
        usage=event.usage,
        progress="",
        foreign=None,
        evidence=None,
        judged=None,
        findings=(),
        holds=(),
        passable=(),
        reach=CiReach(),
        blocks=(),
        opinion=None,
    )
    if event.notes_read < len(change.notes):
        return after(change, Edit())
    return after(revised(change, phase=Phase.CHECKING), ShowCard(), Check(tree=event.tree))


def nothing_changed(change: Change, event: NothingChanged, _now: float, _rules: Rules) -> Following:
    if len(change.notes) > change.notes_read and change.notes[-1].kind == "person":
        return after(revised(change, usage=event.usage, notes_read=len(change.notes)), Edit())
    if change.pull and change.tree and _at_forge(change):
        said = f"Nothing was changed this time, so it's as it was before. {event.text}"
        back = revised(change, usage=event.usage, notes_read=len(change.notes), progress="", void=said)
        if not _known(change):
            return after(revised(back, phase=Phase.CHECKING), ShowCard(), Check(tree=change.tree))
        if change.ci and change.ci.state not in {"pending", "red"}:
            watch = WatchPull(head_sha=change.pull.head_sha)
            return after(revised(back, phase=Phase.READY), ShowCard(), Notify(moment="ready"), watch)
    failure = Failure(
        reason=event.text or "I ended without changing anything.",
        advice="Reply here with more detail, and I'll start again.",
        resume=Phase.EDITING,
    )
    return stuck(revised(change, usage=event.usage), failure)


def checked(change: Change, event: Checked, _now: float, rules: Rules) -> Following:
    change = revised(change, evidence=event.evidence)
    if event.evidence.verdict is Verdict.RED and not _at_forge(change):
        told = event.told or "\n".join((*event.evidence.reasons, *event.evidence.failing))
        return _again(change, "checks", told, rules, _failed(event.evidence))
    if change.notes_read < len(change.notes):
        return _edit(change)
    return after(revised(change, phase=Phase.JUDGING), ShowCard(), Judge(tree=event.evidence.subject))


def judged(change: Change, event: Judged, _now: float, rules: Rules) -> Following:
    change = revised(
        change,
        judged=event.tree,
        findings=event.flags,
        holds=event.holds,
        passable=event.passable,
        reach=event.reach,
        opinion=event.opinion,
    )
    if event.opinion is not None:
        change = revised(change, review_usage=change.review_usage.plus(event.opinion.usage))
    if _at_forge(change):
        return _examined(change, event)
    if event.blocking:
        return _again(change, "judge", "\n".join(event.blocking), rules, f"I stopped: {event.blocking[0]}")
    if event.opinion is not None and event.opinion.verdict == "veto":
        if change.vetoes < rules.max_vetoes:
            change = revised(change, vetoes=change.vetoes + 1)
            return _again(
                change, "judge", _objection(event.opinion), rules, f"The review sent it back: {event.opinion.sentence}"
            )
        held = f"The review still objects: {event.opinion.sentence}"
        change = revised(change, holds=(*event.holds, held))
    if change.notes_read < len(change.notes):
        return _edit(change)
    return leaving(change, event.tree, rules)


def _at_forge(change: Change) -> bool:
    """Return whether the tree under examination is the pull request's head: a person pushed or retargeted it.

    People decide about what is there. The agent does not touch a colleague's work unless a person asks for it.
    """
    return change.pull is not None and change.tree == change.head_tree


def _known(change: Change) -> bool:
    """Return whether checks and review speak of exactly this tree: an attempt that was broken off took them away."""
    return change.evidence is not None and change.evidence.subject == change.tree == change.judged


def _examined(change: Change, event: Judged) -> Following:
    """Go on to CI with what was found in a version that is at the forge already; nothing is published."""
    pull = change.pull
    if pull is None:
        raise AssertionError("what is at the forge has a pull request")
    if event.passable:  # it has left for GitHub already; what two people may let through asks for two
        change = revised(change, holds=(*event.passable, *change.holds), passable=())
    blocks = event.blocking if change.files else (*event.blocking, NOTHING_LEFT)
    if event.opinion is not None and event.opinion.verdict == "veto":
        change = revised(change, holds=(*change.holds, f"The review objects: {event.opinion.sentence}"))
    ours = change.foreign is None and change.described == change.tree
    heard = change.notes_read if ours else change.notes_in
    change = revised(change, blocks=blocks, notes_in=heard)
    if change.notes_read < len(change.notes):
        return _edit(change)
    return after(revised(change, phase=Phase.IN_CI), ShowCard(), ReadCi(head_sha=pull.head_sha))


def _failed(evidence: Evidence) -> str:
    match evidence.counts.failed:
        case 0:
            return "The checks fail."
        case 1:
            return "1 test fails."
        case failed:
            return f"{failed} tests fail."


def _objection(opinion: Opinion) -> str:
    """Return what the judging model has against the work, for the agent."""
    unasked = [f"Nobody asked for: {one}" for one in opinion.unasked]
    missing = [f"Asked for, and missing: {one}" for one in opinion.missing]
    return "\n".join((opinion.sentence, *unasked, *missing))


def published(change: Change, event: Published, now: float, _rules: Rules) -> Following:
    if event.instead_of:
        change = revised(change, branch=event.pull.branch, instead_of=event.instead_of)
    change = revised(
        change, pull=event.pull, head_tree=change.tree, notes_in=change.notes_read, ci=None, builds=(), asked_at=now
    )
    if change.notes_read < len(change.notes):
        return _edit(change)
    return after(revised(change, phase=Phase.IN_CI), ShowCard(), ReadCi(head_sha=event.pull.head_sha))


def ci_read(change: Change, event: CiRead, _now: float, rules: Rules) -> Following:
    """Handle CI of the awaited head; ignore readings of other commits."""
    if change.pull is None or event.reading.sha != change.pull.head_sha:
        return after(change, stage_of(change, change.phase))
    before = change
    change = revised(change, ci=event.reading, builds=event.builds, objections=event.objections)
    watch = WatchPull(head_sha=event.reading.sha)
    match change.phase, event.reading.state:
        case Phase.MERGING, _:  # the stage that merges goes on when what it waits for has ended
            return after(change, ShowCard())
        case Phase.READY, _:
            return _while_people_decide(before, change, watch)
        case _, "pending":
            return after(change, ShowCard(), ReadCi(head_sha=event.reading.sha, patient=True))
        case _, "red" if change.foreign is None and (ci.blocking(event.reading) or change.rounds < rules.max_rounds):
            failed = [f"{run.name}: {run.summary}".strip(": ") for run in ci.failing(event.reading)]
            counted = f"{event.reading.counts.failed} tests fail in its reports." if not failed else ""
            return _again(change, "ci", "\n".join(failed) or counted, rules, "The checks on GitHub fail.")
        case _:  # red past which GitHub would merge is a person's to decide, once the agent could not fix it
            return after(revised(change, phase=Phase.READY), ShowCard(), Notify(moment="ready"), watch)


def _while_people_decide(before: Change, change: Change, watch: WatchPull) -> Following:
    """Tell what changed for the worse after the change was ready; a yes that was given before no longer counts."""
    known = {one.id for one in before.objections}
    raised = [one.by for one in change.objections if one.id not in known]
    red = {ci.key(run) for run in ci.failing(before.ci)} if before.ci else set()
    failed = [run.name for run in ci.failing(change.ci) if ci.key(run) not in red] if change.ci else []
    if change.approvals and (raised or failed):
        why = (
            f"{', '.join(raised)} asked for changes on GitHub." if raised else f"{', '.join(failed)} failed on GitHub."
        )
        return not_merged(change, f"{why} Look again, then approve it or ask for changes.")
    return after(change, ShowCard(), *((Notify(moment="ci_failed"),) if failed else ()), watch)


def stage_failed(change: Change, event: StageFailed, _now: float, _rules: Rules) -> Following:
    failure = Failure(reason=event.reason, advice=event.advice, reference=event.reference, resume=change.phase)
    match change.phase:
        case Phase.MERGING:
            return not_merged(change, f"{event.reason} {event.advice}".strip())
        case Phase.UNDOING:
            note = event.reason
            undo = revised(change.undo, note=note, approved_by=None) if change.undo else None
            return after(revised(change, phase=Phase.MERGED, undo=undo), ShowCard(), Notify(moment="undo_failed"))
        case Phase.MERGED | Phase.UNDONE | Phase.DECLINED | Phase.STOPPED:
            return after(change)
        case Phase.READY:
            return stuck(change, revised(failure, resume=Phase.IN_CI))
        case _:
            return stuck(change, failure)


def _edit(change: Change) -> Following:
    return after(revised(change, phase=Phase.EDITING), ShowCard(), Edit())


def _again(change: Change, kind: NoteKind, told: str, rules: Rules, why: str) -> Following:
    """Send the findings back to the agent, or ask a person once the rounds are used up."""
    note = Note(kind=kind, author="shipmate", text=told[:MAX_FINDING])
    change = revised(change, notes=(*change.notes, note), rounds=change.rounds + 1)
    if change.rounds >= rules.max_rounds:
        advice = f"I tried {change.rounds} times. Reply with a hint, try again, or discard it."
        return stuck(change, Failure(reason=why, advice=advice, resume=Phase.EDITING))
    return _edit(change)
