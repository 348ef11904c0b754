"""Every way of the table, in the order of a life: over one event from a story to a phase, and its effects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain import events as e
from bot.domain.actor import Actor
from bot.domain.change import Phase as P
from bot.domain.consequences.asking import GO_ON, STOP_HERE
from bot.domain.effects import (
    Check,
    Edit,
    Effect,
    Judge,
    Merge,
    MergeUndo,
    Notify,
    OpenUndo,
    Prepare,
    Publish,
    React,
    ReadCi,
    ReadUndoCi,
    ShowCard,
    Tidy,
    WatchPull,
)
from bot.domain.transitions import TABLE
from bot.domain.verdict import Verdict
from tests.story import (
    ANA,
    BEN,
    CAT,
    HEAD,
    MERGE,
    PUSHED,
    PUSHED_TREE,
    REACH,
    TREE,
    UNDO_HEAD,
    UNDO_MERGE,
    VETO,
    Step,
    Story,
    asked,
    at,
    budget_reached,
    checked,
    ci,
    edits,
    examined,
    failed,
    held,
    judged,
    moved,
    note,
    nothing,
    outside,
    prepared,
    published,
    question,
    told,
    tried,
    undo_ci,
    undo_opened,
)

CARD = ShowCard()
UNREAD = note("wait, use cents")
STOP = e.StopPressed(by=ANA)
RETRY = e.RetryPressed(by=ANA)
MERGED = e.Merged(merge_sha=MERGE)
CLOSED = e.PullClosed()


@dataclass(frozen=True)
class Way:
    """From the end of a story, over one event, to a phase and exactly these effects."""

    before: P | Story
    event: Step
    after: P
    effects: tuple[Effect, ...] = ()

    def story(self) -> Story:
        return at(self.before) if isinstance(self.before, P) else self.before


def way(before: P | Story, event: Step, after: P, *effects: Effect) -> Way:
    return Way(before, event, after, effects)


def tired(upto: P, *steps: Step) -> Story:
    """A story whose rounds are used up when the next red comes."""
    story = at(upto)
    story.rules = story.rules.model_copy(update={"max_rounds": 1})
    return story.lives(*(step(story) if callable(step) else step for step in steps))


def again(upto: P) -> Story:
    """Stuck in `upto`, so that a retry goes on there."""
    return at(upto).lives(failed())


def unprepared() -> Story:
    return told(asked(), failed("prepare"))


def publishing_again(by: Actor = ANA) -> Story:
    """A follow-up on a pull request that is open already."""
    newer = "3" * 40
    return at(P.IN_CI).lives(note(by=by), edits(newer, notes_read=1), checked(tree=newer), judged(newer))


def pushed(*steps: Step) -> Story:
    """Ben pushed to a ready change; what is there now is examined."""
    story = at(P.READY).lives(moved())
    return story.lives(*(step(story) if callable(step) else step for step in steps))


def undo_shown() -> Story:
    return at(P.UNDOING).lives(undo_opened(), undo_ci("green"))


def vetoed_twice() -> Story:
    """The review has sent it back as often as it may."""
    story = at(P.JUDGING)
    for read in (1, 2):
        story.lives(judged(opinion=VETO), edits(notes_read=read), checked())
    return story


def spent() -> Story:
    """The agent has used up what it was given, and a person is asked."""
    return at(P.EDITING).lives(budget_reached())


def two_said_yes() -> Story:
    """Ana asked and Ben steered: Cat's yes covers both, Ben's only Ana's part."""
    return publishing_again(BEN).lives(published(), ci()).approved_by(BEN, CAT)


NOT_MERGED = Notify(moment="not_merged")


def ways() -> Iterator[Way]:
    """All of them, in the order of a life."""
    yield way(P.RECEIVED, e.RepositoryChosen(by=ANA, repository="acme/site"), P.PREPARING, CARD, Prepare())
    yield way(P.RECEIVED, note("site"), P.PREPARING, CARD, Prepare())
    yield way(P.RECEIVED, note("as soon as you can"), P.RECEIVED, React(name="memo"), CARD)
    yield way(P.PREPARING, prepared(), P.EDITING, CARD, Edit())
    yield way(P.EDITING, e.ProgressMade(words="Reading till.py"), P.EDITING, CARD)
    yield way(P.EDITING, question(), P.ASKING, CARD, Notify(moment="question"))
    yield way(at(P.EDITING).lives(UNREAD), question(), P.EDITING, Edit())
    yield way(P.ASKING, e.Answered(by=ANA, text="gross"), P.EDITING, CARD, Edit())
    yield way(P.ASKING, note("gross, please"), P.EDITING, CARD, Edit())
    yield way(P.EDITING, budget_reached(), P.ASKING, CARD, Notify(moment="question"))
    yield way(spent(), note("how much was it?"), P.ASKING, React(name="memo"), CARD, Notify(moment="question"))
    yield way(spent(), note("no, that is enough"), P.STOPPED, CARD, Tidy(abandon=True))
    yield way(spent(), e.Answered(by=ANA, text=GO_ON), P.EDITING, CARD, Edit())
    yield way(spent(), e.Answered(by=ANA, text=STOP_HERE), P.STOPPED, CARD, Tidy(abandon=True))
    yield way(spent(), note("yes, go on"), P.EDITING, CARD, Edit())
    yield way(P.JUDGING, judged(reach=REACH), P.ASKING, CARD, Notify(moment="question"))
    yield way(outside(), Story.allows, P.PUBLISHING, CARD, Publish(tree=TREE))
    yield way(at(P.JUDGING).lives(judged(passable=("a key",))), Story.allows, P.ASKING, CARD)
    yield way(P.EDITING, edits(), P.CHECKING, CARD, Check(tree=TREE))
    yield way(at(P.EDITING).lives(UNREAD), edits(), P.EDITING, Edit())
    yield way(P.EDITING, nothing(), P.STUCK, CARD, Notify(moment="stuck"))
    yield way(at(P.EDITING).lives(UNREAD), nothing(), P.EDITING, Edit())
    asked_again = at(P.READY)
    asked_again.lives(asked_again.asks_for_changes())
    yield way(asked_again, nothing(), P.READY, CARD, Notify(moment="ready"), WatchPull(head_sha=HEAD))
    broken_off = at(P.READY).lives(note(), edits(notes_read=1), failed(), note())
    yield way(broken_off, nothing(), P.CHECKING, CARD, Check(tree=TREE))
    yield way(P.CHECKING, checked(), P.JUDGING, CARD, Judge(tree=TREE))
    yield way(P.CHECKING, checked(Verdict.UNPROVEN), P.JUDGING, CARD, Judge(tree=TREE))
    yield way(P.CHECKING, checked(Verdict.RED), P.EDITING, CARD, Edit())
    yield way(at(P.CHECKING).lives(UNREAD), checked(), P.EDITING, CARD, Edit())
    yield way(tired(P.CHECKING), checked(Verdict.RED), P.STUCK, CARD, Notify(moment="stuck"))
    yield way(P.JUDGING, judged(), P.PUBLISHING, CARD, Publish(tree=TREE))
    yield way(P.JUDGING, judged(blocking=("a key in till.py",)), P.EDITING, CARD, Edit())
    yield way(P.JUDGING, judged(opinion=VETO), P.EDITING, CARD, Edit())
    yield way(vetoed_twice(), judged(opinion=VETO), P.PUBLISHING, CARD, Publish(tree=TREE))
    yield way(at(P.JUDGING).lives(UNREAD), judged(), P.EDITING, CARD, Edit())
    yield way(tired(P.JUDGING), judged(blocking=("a key in till.py",)), P.STUCK, CARD, Notify(moment="stuck"))
    yield way(P.PUBLISHING, published(), P.IN_CI, CARD, ReadCi(head_sha=HEAD))
    yield way(at(P.PUBLISHING).lives(UNREAD), published(), P.EDITING, CARD, Edit())
    yield way(P.PUBLISHING, moved(), P.STUCK, CARD, Notify(moment="stuck"))
    yield way(publishing_again(), moved(), P.EDITING, CARD, Edit())
    yield way(publishing_again(), moved(HEAD), P.PUBLISHING, Publish(tree="3" * 40))
    yield way(publishing_again(), MERGED, P.MERGED, CARD, Notify(moment="merged"), Tidy(abandon=False))
    yield way(publishing_again(), CLOSED, P.DECLINED, CARD, Notify(moment="declined"), WatchPull(head_sha=HEAD))
    yield way(P.IN_CI, ci("pending"), P.IN_CI, CARD, ReadCi(head_sha=HEAD, patient=True))
    yield way(P.IN_CI, ci("green", sha=PUSHED), P.IN_CI, ReadCi(head_sha=HEAD))
    yield way(P.IN_CI, ci("green"), P.READY, CARD, Notify(moment="ready"), WatchPull(head_sha=HEAD))
    yield way(P.IN_CI, ci("none"), P.READY, CARD, Notify(moment="ready"), WatchPull(head_sha=HEAD))
    yield way(P.IN_CI, ci("red"), P.EDITING, CARD, Edit())
    yield way(tired(P.IN_CI), ci("red"), P.STUCK, CARD, Notify(moment="stuck"))
    yield way(P.IN_CI, note("also in French"), P.EDITING, CARD, Edit())
    yield way(P.IN_CI, moved(), P.CHECKING, CARD, Check(tree=PUSHED_TREE))
    yield way(P.IN_CI, moved(HEAD), P.IN_CI, ReadCi(head_sha=HEAD))
    yield way(P.IN_CI, moved(HEAD, "release"), P.IN_CI, CARD, ReadCi(head_sha=HEAD))
    yield way(P.IN_CI, moved(HEAD, "release", PUSHED), P.CHECKING, CARD, Check(tree=TREE))
    yield way(pushed(), checked(tree=PUSHED_TREE), P.JUDGING, CARD, Judge(tree=PUSHED_TREE))
    yield way(pushed(), checked(Verdict.RED, PUSHED_TREE), P.JUDGING, CARD, Judge(tree=PUSHED_TREE))
    judging = pushed(checked(tree=PUSHED_TREE))
    yield way(judging, judged(PUSHED_TREE), P.IN_CI, CARD, ReadCi(head_sha=PUSHED))
    yield way(judging, judged(PUSHED_TREE, ("a key",)), P.IN_CI, CARD, ReadCi(head_sha=PUSHED))
    yield way(judging, judged(PUSHED_TREE, opinion=VETO), P.IN_CI, CARD, ReadCi(head_sha=PUSHED))
    yield way(pushed(checked(tree=PUSHED_TREE), UNREAD), judged(PUSHED_TREE), P.EDITING, CARD, Edit())
    watch = WatchPull(head_sha=PUSHED)
    yield way(pushed(*examined()), ci("red", PUSHED), P.READY, CARD, Notify(moment="ready"), watch)
    yield way(P.IN_CI, MERGED, P.MERGED, CARD, Notify(moment="merged"), Tidy(abandon=False))
    yield way(P.IN_CI, CLOSED, P.DECLINED, CARD, Notify(moment="declined"), WatchPull(head_sha=HEAD))
    yield way(P.READY, ci("green"), P.READY, CARD, WatchPull(head_sha=HEAD))
    yield way(P.READY, ci("green", sha=PUSHED), P.READY, WatchPull(head_sha=HEAD))
    yield way(P.READY, ci("red"), P.READY, CARD, Notify(moment="ci_failed"), WatchPull(head_sha=HEAD))
    yield way(held(Story.approves), ci("red"), P.READY, CARD, NOT_MERGED, WatchPull(head_sha=HEAD))
    told_moved = Notify(moment="head_moved")
    yield way(P.READY, moved(), P.CHECKING, CARD, told_moved, Check(tree=PUSHED_TREE))
    yield way(P.READY, moved(HEAD, "release"), P.READY, CARD, told_moved, WatchPull(head_sha=HEAD))
    yield way(P.READY, moved(HEAD), P.READY, WatchPull(head_sha=HEAD))
    yield way(P.READY, Story.approves, P.MERGING, CARD, Merge(head_sha=HEAD))
    yield way(held(), Story.approves, P.READY, CARD, Notify(moment="second_needed"), WatchPull(head_sha=HEAD))
    yield way(held(Story.approves), lambda story: story.approves(CAT), P.MERGING, CARD, Merge(head_sha=HEAD))
    yield way(P.READY, Story.asks_for_changes, P.EDITING, CARD, Edit())
    yield way(P.READY, note("and round it"), P.EDITING, CARD, Edit())
    yield way(P.READY, Story.closes, P.DECLINED, CARD, Notify(moment="declined"), Tidy(abandon=True))
    yield way(P.READY, MERGED, P.MERGED, CARD, Notify(moment="merged"), Tidy(abandon=False))
    yield way(P.READY, CLOSED, P.DECLINED, CARD, Notify(moment="declined"), WatchPull(head_sha=HEAD))
    yield way(P.MERGING, MERGED, P.MERGED, CARD, Notify(moment="merged"), Tidy(abandon=False))
    no_right = (CARD, Notify(moment="no_right"))
    yield way(P.MERGING, e.RightsMissing(people=("U0BEN",)), P.READY, *no_right, WatchPull(head_sha=HEAD))
    yield way(two_said_yes(), e.RightsMissing(people=("U0BEN",)), P.MERGING, *no_right, Merge(head_sha=HEAD))
    yield way(P.MERGING, e.MergeWasRefused(reason="A conflict."), P.READY, CARD, NOT_MERGED, WatchPull(head_sha=HEAD))
    yield way(P.MERGING, tried(Verdict.GREEN), P.MERGING, CARD, Merge(head_sha=HEAD))
    yield way(P.MERGING, tried(Verdict.RED), P.READY, CARD, NOT_MERGED, WatchPull(head_sha=HEAD))
    yield way(P.MERGING, ci("pending"), P.MERGING, CARD)
    yield way(P.MERGING, e.ProgressMade(words="Trying it"), P.MERGING, CARD)
    yield way(P.MERGING, moved(), P.CHECKING, CARD, told_moved, Check(tree=PUSHED_TREE))
    yield way(P.MERGING, moved(HEAD, "release"), P.READY, CARD, told_moved, WatchPull(head_sha=HEAD))
    yield way(P.MERGING, moved(HEAD), P.MERGING, Merge(head_sha=HEAD))
    yield way(P.MERGING, CLOSED, P.DECLINED, CARD, Notify(moment="declined"), WatchPull(head_sha=HEAD))
    yield way(P.MERGING, failed("merge"), P.READY, CARD, NOT_MERGED, WatchPull(head_sha=HEAD))
    closed = at(P.READY).lives(CLOSED)
    yield way(closed, MERGED, P.MERGED, CARD, Notify(moment="merged"), Tidy(abandon=False))
    yield way(closed, e.Reopened(now=moved(HEAD)), P.CHECKING, CARD, told_moved, Check(tree=TREE))
    yield way(closed, e.Reopened(now=moved()), P.CHECKING, CARD, told_moved, Check(tree=PUSHED_TREE))
    yield way(at(P.STUCK).lives(e.ClosePressed(by=ANA, seen="x")), e.Reopened(now=moved()), P.DECLINED)
    yield way(P.MERGED, Story.undoes, P.UNDOING, CARD, OpenUndo(merge_sha=MERGE))
    yield way(P.UNDOING, undo_opened(), P.UNDOING, CARD, ReadUndoCi(head_sha=UNDO_HEAD))
    patient = ReadUndoCi(head_sha=UNDO_HEAD, patient=True)
    yield way(at(P.UNDOING).lives(undo_opened()), undo_ci("pending"), P.UNDOING, CARD, patient)
    yield way(at(P.UNDOING).lives(undo_opened()), undo_ci("green"), P.UNDOING, CARD, Notify(moment="undo_ready"))
    yield way(at(P.UNDOING).lives(undo_opened()), undo_ci("red"), P.MERGED, CARD, Notify(moment="undo_failed"))
    yield way(at(P.UNDOING).lives(undo_opened()), undo_ci(sha=HEAD), P.UNDOING, ReadUndoCi(head_sha=UNDO_HEAD))
    yield way(undo_shown(), Story.approves_undo, P.UNDOING, CARD, MergeUndo(head_sha=UNDO_HEAD))
    yield way(P.UNDOING, e.UndoFailed(reason="A conflict."), P.MERGED, CARD, Notify(moment="undo_failed"))
    yield way(P.UNDOING, failed("undo"), P.MERGED, CARD, Notify(moment="undo_failed"))
    undone = e.Undone(merge_sha=UNDO_MERGE)
    yield way(undo_shown(), undone, P.UNDONE, CARD, Notify(moment="undone"), Tidy(abandon=False))
    yield way(unprepared(), RETRY, P.PREPARING, CARD, Prepare())
    yield way(P.STUCK, RETRY, P.EDITING, CARD, Edit())
    yield way(again(P.CHECKING), RETRY, P.CHECKING, CARD, Check(tree=TREE))
    yield way(again(P.JUDGING), RETRY, P.JUDGING, CARD, Judge(tree=TREE))
    yield way(again(P.PUBLISHING), RETRY, P.PUBLISHING, CARD, Publish(tree=TREE))
    yield way(again(P.IN_CI), RETRY, P.IN_CI, CARD, ReadCi(head_sha=HEAD))
    yield way(again(P.READY), RETRY, P.IN_CI, CARD, ReadCi(head_sha=HEAD))
    yield way(unprepared(), note("the main branch"), P.PREPARING, CARD, Prepare())
    yield way(P.STUCK, note("there is room now"), P.EDITING, CARD, Edit())
    yield way(P.STUCK, Story.closes, P.DECLINED, CARD, Notify(moment="declined"), Tidy(abandon=True))
    for phase in (P.PREPARING, P.EDITING, P.CHECKING, P.JUDGING, P.PUBLISHING):
        yield way(phase, UNREAD, phase, React(name="memo"), CARD)
    for phase in (P.PREPARING, P.EDITING, P.CHECKING, P.JUDGING, P.PUBLISHING, P.IN_CI, P.READY):
        yield way(phase, failed(), P.STUCK, CARD, Notify(moment="stuck"))
    for phase in (P.MERGED, P.UNDONE, P.DECLINED, P.STOPPED):
        yield way(phase, failed("tidy"), phase)
    for phase in P:
        yield way(phase, e.CardPosted(ts="1.2"), phase)
        if (phase, "StopPressed") in TABLE:
            yield way(phase, STOP, P.STOPPED, CARD, Tidy(abandon=True))


WAYS = list(ways())
