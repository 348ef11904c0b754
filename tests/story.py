"""Builders for the tests: the people, one thread, every event with plain defaults, and a `Story` that lives them.

Law: a story reaches a phase only by real events through the real decision; no test writes a phase by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.domain import events as e
from bot.domain import ids
from bot.domain.actor import Actor
from bot.domain.change import Build, Change, Opinion, Phase, Place, Pull, Usage
from bot.domain.ci import CiReading, CiRun
from bot.domain.decide import Decision, decide
from bot.domain.reach import CiReach
from bot.domain.rules import Rules
from bot.domain.verdict import Counts, Evidence, Verdict

ANA = Actor(id="U0ANA", name="ana")
BEN = Actor(id="U0BEN", name="ben")
CAT = Actor(id="U0CAT", name="cat")
MALLORY = Actor(id="U0MALLORY", name="mallory", standing="guest")

TILL = Rules(repositories=("acme/till",))
"""One repository: nobody has to be asked which one is meant."""
TWO = Rules(repositories=("acme/till", "acme/site"))
"""Two repositories and no default: the person is asked."""

HEAD = "a" * 40
PUSHED = "b" * 40
PUSHED_TREE = "2" * 40
MERGE = "c" * 40
UNDO_HEAD = "d" * 40
UNDO_MERGE = "e" * 40
TREE = "1" * 40
SPENT = Usage(turns=3, input_tokens=300, output_tokens=60)
NO_REACH = CiReach()
REACH = CiReach(because=("check.sh is run by ci.yml.",), secrets=("DEPLOY_KEY", "NPM_TOKEN"))
VETO = Opinion(verdict="veto", sentence="It also renames the till.", unasked=("The till is renamed.",), model="judge")


def place(thread_ts: str = "1700000000.000100", channel: str = "C0SHOP") -> Place:
    return Place(team="T0ACME", channel=channel, thread_ts=thread_ts, message_ts=thread_ts)


def asked(text: str = "Make the total include tax", by: Actor = ANA, at: Place | None = None) -> e.Asked:
    return e.Asked(by=by, place=at or place(), text=text, channel_name="shop")


def note(text: str = "and the receipt too", by: Actor = ANA) -> e.NoteAdded:
    return e.NoteAdded(by=by, text=text)


def prepared() -> e.Prepared:
    return e.Prepared(base_branch="main", base_sha="0" * 40, sandbox="bubblewrap", model="claude-opus-5-5")


def question(notes_read: int = 0) -> e.QuestionAsked:
    return e.QuestionAsked(text="Gross or net?", options=("gross", "net"), notes_read=notes_read, usage=SPENT)


def edits(tree: str = TREE, notes_read: int = 0) -> e.EditsReady:
    return e.EditsReady(
        title="Include tax in the total",
        summary="The total now includes tax.",
        tree=tree,
        fingerprint="f-" + tree[:8],
        files=("till.py",),
        notes_read=notes_read,
        usage=SPENT,
    )


def nothing(text: str = "It does so already.") -> e.NothingChanged:
    return e.NothingChanged(text=text, usage=SPENT)


def checked(verdict: Verdict = Verdict.GREEN, tree: str = TREE) -> e.Checked:
    red = verdict is Verdict.RED
    counts = Counts(passed=9, failed=int(red))
    failing = ("test_total",) if red else ()
    return e.Checked(evidence=Evidence(verdict=verdict, subject=tree, counts=counts, failing=failing))


def budget_reached(notes_read: int = 0) -> e.BudgetReached:
    return e.BudgetReached(words="I have used all 60 replies.", notes_read=notes_read, usage=SPENT)


def judged(
    tree: str = TREE,
    blocking: tuple[str, ...] = (),
    flags: tuple[str, ...] = (),
    holds: tuple[str, ...] = (),
    opinion: Opinion | None = None,
    passable: tuple[str, ...] = (),
    reach: CiReach = NO_REACH,
) -> e.Judged:
    return e.Judged(
        tree=tree, blocking=blocking, flags=flags, holds=holds, opinion=opinion, passable=passable, reach=reach
    )


def pull(head: str = HEAD, number: int = 7) -> Pull:
    return Pull(number=number, url=f"https://forge.test/acme/till/pull/{number}", branch="shipmate/x", head_sha=head)


def published(head: str = HEAD) -> e.Published:
    return e.Published(pull=pull(head))


def reading(state: str = "green", sha: str = HEAD) -> CiReading:
    run = {"green": "passed", "red": "failed", "pending": "running"}.get(state)
    known = {"name": "test", "by": "github-actions", "before": "passed", "summary": "9 of 10"}
    runs = (CiRun.model_validate({**known, "state": run}),) if run else ()
    return CiReading.model_validate({"sha": sha, "state": state, "runs": runs})


def ci(state: str = "green", sha: str = HEAD, builds: tuple[Build, ...] = ()) -> e.CiRead:
    return e.CiRead(reading=reading(state, sha), builds=builds)


def tried(verdict: Verdict) -> e.MergeTried:
    """Tested together with a newer base."""
    return e.MergeTried(base_sha="f" * 40, evidence=Evidence(verdict=verdict, subject=TREE))


def moved(head: str = PUSHED, into: str = "main", base: str = "0" * 40) -> e.HeadMoved:
    """What is at the forge: ben's push, or with HEAD what is there already, perhaps to go elsewhere."""
    ours = head == HEAD
    return e.HeadMoved(
        head_sha=head,
        tree=TREE if ours else PUSHED_TREE,
        fingerprint="f-pushed",
        files=("till.py",) if ours else ("till.py", "ben.py"),
        base_branch=into,
        base_sha=base,
    )


def examined(*, blocking: tuple[str, ...] = (), verdict: Verdict = Verdict.GREEN) -> tuple[e.Event, e.Event]:
    """The checks and the review of what ben pushed."""
    return checked(verdict, PUSHED_TREE), judged(PUSHED_TREE, blocking)


def failed(stage: str = "edit") -> e.StageFailed:
    return e.StageFailed(stage=stage, reason="The disk is full.", advice="Make room, then try again.", reference="r1")


def undo_opened(head: str = UNDO_HEAD) -> e.UndoOpened:
    return e.UndoOpened(pull=pull(head, number=8))


def undo_ci(state: str = "green", sha: str = UNDO_HEAD) -> e.UndoCiRead:
    return e.UndoCiRead(reading=reading(state, sha))


@dataclass
class Story:
    """A change that lives through events, one second apart. `decisions` keeps what was decided, in order."""

    rules: Rules = TILL
    now: float = 1_700_000_000.0
    known: Change | None = None
    decisions: list[Decision] = field(default_factory=list)

    @property
    def change(self) -> Change:
        assert self.known is not None, "nobody asked yet"
        return self.known

    @property
    def seen(self) -> str:
        """What the newest card shows."""
        return ids.seen(self.change)

    @property
    def last(self) -> Decision:
        return self.decisions[-1]

    def tries(self, event: e.Event) -> Decision:
        """The decision about an event, whatever it is; the change moves on unless it was refused or stale."""
        self.now += 1
        decision = decide(self.known, event, self.now, self.rules)
        self.decisions.append(decision)
        if decision.refusal is None and not decision.stale:
            self.known = decision.change
        return decision

    def lives(self, *events: e.Event) -> Story:
        """Each event moves the change, or the story is told wrong."""
        for event in events:
            decision = self.tries(event)
            assert decision.refusal is None, f"{event.kind} was refused: {decision.refusal}"
            assert not decision.stale, f"{event.kind} does not fit {self.change.phase}"
        return self

    def approves(self, by: Actor = BEN) -> e.ApprovePressed:
        return e.ApprovePressed(by=by, seen=self.seen)

    def approved_by(self, *people: Actor) -> Story:
        for one in people:
            self.lives(self.approves(one))
        return self

    def allows(self, by: Actor = BEN) -> e.PublishAllowed:
        return e.PublishAllowed(by=by, seen=self.seen)

    def asks_for_changes(self, text: str = "Use cents", by: Actor = BEN) -> e.ChangesAsked:
        return e.ChangesAsked(by=by, text=text, seen=self.seen)

    def closes(self, by: Actor = ANA) -> e.ClosePressed:
        return e.ClosePressed(by=by, seen=self.seen)

    def undoes(self, by: Actor = ANA) -> e.UndoPressed:
        return e.UndoPressed(by=by, seen=self.seen)

    def approves_undo(self, by: Actor = BEN) -> e.UndoApprovePressed:
        return e.UndoApprovePressed(by=by, seen=self.seen)


def remade(story: Story, holds: tuple[str, ...] = ()) -> tuple[e.Event, ...]:
    """A new version of ours, with a tree of its own, up to its pull request."""
    tree = f"{len(story.decisions):040x}"
    read = len(story.change.notes)
    return edits(tree, notes_read=read), checked(tree=tree), judged(tree, holds=holds), published()


Step = e.Event | Callable[[Story], e.Event]


def told(*steps: Step, rules: Rules = TILL) -> Story:
    """A story of these steps; a step that needs the story (for what its card shows) is a function of it."""
    story = Story(rules)
    for step in steps:
        story.lives(step(story) if callable(step) else step)
    return story


_PREPARING: tuple[Step, ...] = (asked(),)
_EDITING = (*_PREPARING, prepared())
_CHECKING = (*_EDITING, edits())
_JUDGING = (*_CHECKING, checked())
_PUBLISHING = (*_JUDGING, judged())
_IN_CI = (*_PUBLISHING, published())
_READY = (*_IN_CI, ci("green"))
_MERGING = (*_READY, Story.approves)
_MERGED = (*_MERGING, e.Merged(merge_sha=MERGE))
_UNDOING = (*_MERGED, Story.undoes)

WAYS: dict[Phase, tuple[Step, ...]] = {
    Phase.PREPARING: _PREPARING,
    Phase.EDITING: _EDITING,
    Phase.ASKING: (*_EDITING, question()),
    Phase.CHECKING: _CHECKING,
    Phase.JUDGING: _JUDGING,
    Phase.PUBLISHING: _PUBLISHING,
    Phase.IN_CI: _IN_CI,
    Phase.READY: _READY,
    Phase.MERGING: _MERGING,
    Phase.MERGED: _MERGED,
    Phase.UNDOING: _UNDOING,
    Phase.UNDONE: (*_UNDOING, undo_opened(), undo_ci(), Story.approves_undo, e.Undone(merge_sha=UNDO_MERGE)),
    Phase.DECLINED: (*_READY, Story.closes),
    Phase.STOPPED: (*_EDITING, e.StopPressed(by=ANA)),
    Phase.STUCK: (*_EDITING, failed()),
}
"""The shortest honest way to each phase."""


def at(phase: Phase) -> Story:
    """A story that has just come to `phase`."""
    if phase is Phase.RECEIVED:
        return told(asked(), rules=TWO)
    return told(*WAYS[phase])


def held(*steps: Step) -> Story:
    """Ready, with a finding that asks for a second approver; then these steps."""
    finding = judged(holds=("package.json: adds the dependency left-pad.",))
    return told(*_JUDGING, finding, published(), ci("green"), *steps)


def outside(*steps: Step, rules: Rules = TILL) -> Story:
    """Waiting for a yes before CI may run new code with secrets; then these steps."""
    return told(*_JUDGING, judged(reach=REACH), *steps, rules=rules)
