"""The moments of one change, as Ana and Ben would see them, for the pictures in `docs/`.

Law: every scene is lived through the real decision; no picture shows a state that cannot be.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.cards import Words
from bot.cards.card import card
from bot.cards.notices import notice
from bot.cards.refusals import refusal
from bot.domain import events as e
from bot.domain.actor import Actor
from bot.domain.change import Build, Change, Opinion, Place, Pull
from bot.domain.ci import CiReading, CiRun
from bot.domain.effects import Moment
from bot.domain.rules import Refusal, Rules
from bot.domain.verdict import Counts, Evidence, Proof, Step, Verdict
from tests.story import SPENT, Story
from tests.story import Step as Told

ANA = Actor(id="U0ANA00001", name="Ana Soto")
BEN = Actor(id="U0BEN00001", name="Ben Okafor")
REQUEST = "The total on the receipt should include tax"
HEAD, MERGE, UNDO_HEAD, UNDO_MERGE = (
    "3f9c2ab" + "0" * 33,
    "b81d04e" + "0" * 33,
    "77aa210" + "0" * 33,
    "c0ffee1" + "0" * 33,
)
TREE = "1" * 40
ONE = Rules(repositories=("acme/till",))
THREE = Rules(repositories=("acme/till", "acme/website", "acme/stock-api"))


@dataclass(frozen=True)
class Scene:
    """A thread: what was asked, the card, and what else was said below it. `whisper` is seen by Ana alone."""

    name: str
    request: str
    card: Words
    notices: tuple[Words, ...] = ()
    whisper: Words | None = None


def _pull(number: int, head: str) -> Pull:
    return Pull(number=number, url=f"https://github.com/acme/till/pull/{number}", branch="shipmate/x", head_sha=head)


def _ci(sha: str, state: str = "green") -> CiReading:
    last = {"green": "passed", "pending": "running", "red": "failed"}[state]
    runs = [CiRun(name="lint", state="passed"), CiRun(name="test", state="passed")]
    runs.append(CiRun.model_validate({"name": "build", "state": last}))
    return CiReading.model_validate({"sha": sha, "state": state, "runs": runs})


ASKED = e.Asked(
    by=ANA,
    place=Place(team="T0", channel="C0", thread_ts="1.000100", message_ts="1.000100"),
    text=REQUEST,
)
PREPARED = e.Prepared(base_branch="main", base_sha="0" * 40, sandbox="bubblewrap", model="claude-opus-5-5")
EDITS = e.EditsReady(
    title="Receipt total includes tax",
    summary="The total on the receipt now adds the tax of each item.\nA line below it shows how much of it is tax.",
    risks="Receipts that were printed before keep their old total.",
    tree=TREE,
    fingerprint="f",
    files=("src/receipt.ts", "src/tax.ts", "test/receipt.test.ts"),
    notes_read=0,
    usage=SPENT,
)
PROVEN = Evidence(
    verdict=Verdict.GREEN,
    subject=TREE,
    counts=Counts(passed=31),
    command="npm test",
    base=Counts(passed=30),
    proof=Proof(state="proven", tests=("receipt › the total includes tax",)),
    steps=(Step(name="ESLint", state="passed"), Step(name="TypeScript", state="passed")),
)
CHECKED = e.Checked(evidence=PROVEN)
FINE = Opinion(
    verdict="fine",
    sentence="It adds the tax to the total, shows it on a line of its own, and touches nothing else.",
    model="claude-opus-5-5",
)
JUDGED = e.Judged(tree=TREE, opinion=FINE)
HELD = e.Judged(
    tree=TREE,
    holds=(
        "package.json: adds the dependency tax-tables.",
        "A test that ran before no longer runs: prints the old total.",
    ),
    flags=("src/tax.ts: a lint rule is switched off for one line.",),
    opinion=FINE,
)
OLD = PROVEN.model_copy(
    update={
        "counts": Counts(passed=30, failed=1),
        "old_failing": ("receipt › has a version",),
        "flaky": ("till › opens the drawer",),
        "proof": Proof(state="unproven", why="The new test passes without the change too."),
        "steps": (Step(name="ESLint", state="old"), Step(name="TypeScript", state="passed")),
    }
)
PREVIEW = Build(kind="preview", name="web", url="https://preview.acme.test/till/7")
TO_CI = (ASKED, PREPARED, EDITS, CHECKED, JUDGED, e.Published(pull=_pull(7, HEAD)))
TO_HELD = (
    *(ASKED, PREPARED, EDITS, e.Checked(evidence=OLD), HELD, e.Published(pull=_pull(7, HEAD))),
    e.CiRead(reading=_ci(HEAD), builds=(PREVIEW,)),
)
TO_READY = (*TO_CI, e.CiRead(reading=_ci(HEAD), builds=(PREVIEW,)))
TO_MERGED = (*TO_READY, lambda s: e.ApprovePressed(by=BEN, seen=s.seen), e.Merged(merge_sha=MERGE))
TO_UNDO = (
    *TO_MERGED,
    lambda s: e.UndoPressed(by=ANA, seen=s.seen),
    e.UndoOpened(pull=_pull(8, UNDO_HEAD)),
    e.UndoCiRead(reading=_ci(UNDO_HEAD)),
)
TO_UNDONE = (*TO_UNDO, lambda s: e.UndoApprovePressed(by=BEN, seen=s.seen), e.Undone(merge_sha=UNDO_MERGE))


def scenes() -> list[Scene]:
    """Every moment once."""
    told = [
        _scene("question", (ASKED,), rules=THREE),
        _scene("working", (ASKED, PREPARED, e.ProgressMade(words="Adding tax to the total in src/receipt.ts"))),
        _scene(
            "asking",
            (
                ASKED,
                PREPARED,
                e.QuestionAsked(
                    text="Should the tax be shown on a line of its own?",
                    options=("Own line", "Only in the total"),
                    notes_read=0,
                    usage=SPENT,
                ),
            ),
            "question",
        ),
        _scene("checks", (*TO_CI, e.CiRead(reading=_ci(HEAD, "pending")))),
        _scene("ready", TO_READY, "ready"),
        _scene("held", (*TO_HELD, lambda s: e.ApprovePressed(by=BEN, seen=s.seen)), "second_needed"),
        _scene(
            "spent",
            (
                ASKED,
                PREPARED,
                e.BudgetReached(words="I have used all 60 replies of this change.", notes_read=0, usage=SPENT),
            ),
            "question",
        ),
        _scene("merging", TO_MERGED[:-1]),
        _scene("merged", TO_MERGED, "merged"),
        _scene("undo", TO_UNDO, "undo_ready"),
        _scene("undone", TO_UNDONE, "undone"),
        _scene(
            "stuck",
            (
                ASKED,
                PREPARED,
                e.StageFailed(
                    stage="edit",
                    reason="The tests still fail after three tries: test/receipt.test.ts expects the old total.",
                    advice="Say whether the old total in that test is still right, or try again.",
                ),
            ),
            "stuck",
        ),
        _scene("stopped", (ASKED, PREPARED, e.StopPressed(by=ANA))),
        _scene("closed", (*TO_READY, lambda s: e.ClosePressed(by=BEN, seen=s.seen)), "declined"),
    ]
    ready = _lived(TO_READY)
    said = refusal(Refusal(code="own_change"), ready)
    told.append(Scene("refused", REQUEST, card(ready, ready.updated_at), whisper=said))
    own = JUDGED.model_copy(update={"opinion": FINE.model_copy(update={"scripted": True})})
    steps = [own if step is JUDGED else step for step in TO_READY[2:]]
    scripted = _lived((ASKED, PREPARED.model_copy(update={"scripted": True}), *steps))
    told.append(Scene("scripted", REQUEST, card(scripted, scripted.updated_at)))
    return told


def _lived(steps: tuple[Told, ...], rules: Rules = ONE) -> Change:
    story = Story(rules)
    for step in steps:
        story.lives(step(story) if callable(step) else step)
    return story.change.model_copy(update={"updated_at": story.change.created_at + 254})


def _scene(name: str, steps: tuple[Told, ...], *moments: Moment, rules: Rules = ONE) -> Scene:
    change = _lived(steps, rules)
    notices = tuple(notice(change, moment) for moment in moments)
    return Scene(name, REQUEST, card(change, change.updated_at), notices)
