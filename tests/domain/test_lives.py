"""Random lives: whatever happens in whatever order, the laws hold after every step."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import events as e
from bot.domain.actor import Actor
from bot.domain.change import Phase
from bot.domain.effects import Effect, Merge, MergeUndo
from bot.domain.transitions import ENDED, TABLE
from bot.domain.verdict import Verdict
from tests.story import (
    ANA,
    BEN,
    HEAD,
    MALLORY,
    MERGE,
    PUSHED,
    TWO,
    UNDO_HEAD,
    UNDO_MERGE,
    Step,
    Story,
    asked,
    checked,
    ci,
    edits,
    failed,
    judged,
    moved,
    note,
    nothing,
    prepared,
    published,
    question,
    undo_ci,
    undo_opened,
)

P = Phase
PEOPLE = st.sampled_from((ANA, BEN, MALLORY))
SEEN_BEFORE = st.booleans()


def _pressed(who: Actor, old: bool) -> st.SearchStrategy[Step]:
    def shown(step: Step) -> Step:
        if not old or not callable(step):
            return step
        return lambda story: step(story).model_copy(update={"seen": "shownbefore"})

    return st.sampled_from(
        [
            e.RepositoryChosen(by=who, repository="acme/site"),
            note(by=who),
            e.Answered(by=who, text="gross"),
            e.StopPressed(by=who),
            e.RetryPressed(by=who),
            shown(lambda story: story.approves(who)),
            shown(lambda story: story.asks_for_changes(by=who)),
            shown(lambda story: story.closes(who)),
            shown(lambda story: story.undoes(who)),
            shown(lambda story: story.approves_undo(who)),
            asked(by=who),
        ]
    )


PRESSES = st.tuples(PEOPLE, SEEN_BEFORE).flatmap(lambda drawn: _pressed(*drawn))
SHAS = st.sampled_from((HEAD, PUSHED))
CI = st.builds(ci, st.sampled_from(("none", "pending", "green", "red")), SHAS)


def _reads(story: Story) -> int:
    return len(story.change.notes)


def _heard(story: Story) -> e.Event:
    return edits(notes_read=_reads(story))


MOVED = st.one_of(
    st.builds(moved, SHAS), st.builds(moved, SHAS, st.just("release"), st.sampled_from(("0" * 40, "9" * 40)))
)
REOPENED = st.builds(lambda now: e.Reopened(now=now), MOVED)
FORGE = st.one_of(
    CI,
    MOVED,
    st.builds(lambda now: e.Reopened(now=now), MOVED),
    st.just(e.Merged(merge_sha=MERGE)),
    st.just(e.PullClosed()),
)
UNDO_CI = st.builds(undo_ci, st.sampled_from(("none", "pending", "green", "red")))
UNDO_ENDS: st.SearchStrategy[e.UndoFailed | e.Undone] = st.sampled_from(
    (e.UndoFailed(reason="A conflict."), e.Undone(merge_sha=UNDO_MERGE))
)

FOUND: dict[str, st.SearchStrategy[Step]] = {
    "Prepare": st.just(prepared()),
    "Edit": st.sampled_from((_heard, _heard, edits(), question(), nothing(), lambda s: question(_reads(s)))),
    "Check": st.builds(checked, st.sampled_from(Verdict)),
    "Judge": st.sampled_from((judged(), judged(), judged(blocking=("a key",)))),
    "Publish": st.one_of(st.builds(published, SHAS), st.builds(moved, SHAS)),
    "ReadCi": FORGE,
    "WatchPull": FORGE,
    "Merge": st.one_of(st.just(e.MergeWasRefused(reason="A conflict.")), FORGE.filter(lambda f: f.kind != "CiRead")),
    "OpenUndo": st.one_of(st.just(undo_opened()), UNDO_ENDS),
    "ReadUndoCi": st.one_of(UNDO_CI, UNDO_ENDS),
    "MergeUndo": UNDO_ENDS,
    "Tidy": st.just(failed("tidy")),
}
"""What the stage of a build effect may find; any of them may fail besides."""

WAITS_FOR: dict[Phase, set[str]] = {
    P.RECEIVED: set(),
    P.PREPARING: {"Prepare"},
    P.EDITING: {"Edit"},
    P.ASKING: set(),
    P.CHECKING: {"Check"},
    P.JUDGING: {"Judge"},
    P.PUBLISHING: {"Publish"},
    P.IN_CI: {"ReadCi"},
    P.READY: {"WatchPull"},
    P.MERGING: {"Merge"},
    P.STUCK: set(),
}
"""The build effect that must be open in a phase. The ends and `merged` tidy up; `undoing` depends on how far it is."""


class Town:
    """A story with the one open build effect of its outbox, claimed and finished as workers do."""

    def __init__(self) -> None:
        self.story = Story(TWO).lives(asked())
        self.open: Effect | None = None

    def lives(self, step: Step, *, from_stage: bool) -> None:
        before = self.story.known
        assert before is not None
        event = step(self.story) if callable(step) else step
        if from_stage:
            self.open = None
        decision = self.story.tries(event)
        after = self.story.change
        if decision.refusal is not None or decision.stale:
            assert decision.effects == ()
            assert after == before
            return
        assert after.phase in TABLE[before.phase, event.kind]
        assert before.phase not in ENDED or after.phase is before.phase or event.kind in {"Merged", "Reopened"}
        builds = [effect for effect in decision.effects if effect.lane == "build"]
        assert len(builds) <= 1
        if decision.withdraw:
            self.open = None
        if builds:
            assert self.open is None, "the one before was withdrawn"
            self.open = builds[0]
        self._laws()

    def _laws(self) -> None:
        change = self.story.change
        if change.phase in WAITS_FOR:
            assert ({self.open.kind} if self.open else set()) == WAITS_FOR[change.phase]
        head = getattr(self.open, "head_sha", None)
        if head is not None and change.phase is not P.UNDOING:
            assert change.pull is not None
            assert head == change.pull.head_sha
        for approval in change.approvals:
            assert change.pull is not None
            assert (approval.head_sha, approval.fingerprint) == (change.pull.head_sha, change.fingerprint)
            assert approval.by == BEN
        if isinstance(self.open, Merge):
            assert change.approvals[-1].head_sha == self.open.head_sha
        if isinstance(self.open, MergeUndo):
            assert change.undo is not None
            assert change.undo.approved_by in {ANA, BEN}
            assert self.open.head_sha == UNDO_HEAD
        assert (change.question is not None) == (change.phase in {P.RECEIVED, P.ASKING})
        assert (change.failure is not None) <= (change.phase in {P.STUCK, P.STOPPED})


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_life_breaks_a_law(data: st.DataObject) -> None:
    town = Town()
    for _ in range(data.draw(st.integers(1, 40), label="steps")):
        by_stage = town.open is not None and data.draw(st.integers(0, 9), label="stage") < 8
        if not by_stage or town.open is None:
            town.lives(data.draw(PRESSES, label="press"), from_stage=False)
        else:
            found = FOUND[town.open.kind]
            if data.draw(st.integers(0, 19), label="fails") == 0:
                found = st.just(failed())
            town.lives(data.draw(found, label="found"), from_stage=True)


ANY: st.SearchStrategy[Step] = st.one_of(PRESSES, st.just(failed()), *FOUND.values(), st.just(e.CardPosted(ts="1.1")))


@settings(max_examples=200, deadline=None)
@given(st.lists(ANY, max_size=30))
def test_events_in_any_order_never_raise_and_never_leave_the_table(steps: list[Step]) -> None:
    story = Story().lives(asked())
    for step in steps:
        before = story.change
        event = step(story) if callable(step) else step
        decision = story.tries(event)
        after = story.change
        if decision.refusal is None and not decision.stale:
            assert after.phase in TABLE[before.phase, event.kind]
            assert after.version == before.version + 1
        else:
            assert after is before
        assert before.phase not in ENDED or after.phase is before.phase or event.kind in {"Merged", "Reopened"}
        assert sum(effect.lane == "build" for effect in decision.effects) <= 1


@given(PRESSES, st.integers(0, 2**31))
def test_the_same_question_has_the_same_answer(step: Step, now: int) -> None:
    here, there = Story(TWO, now).lives(asked()), Story(TWO, now).lives(asked())
    event = step(here) if callable(step) else step
    assert here.tries(event) == there.tries(event)
