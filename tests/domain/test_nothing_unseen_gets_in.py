"""A GitHub that moves by itself, a Slack that repeats and delays: nothing gets in that was not examined and approved.

The machine plays both services and keeps its own books of what was examined and who said yes to what; it never asks
the code under test whether a merge is right.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import Phase as Stage
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import events as e
from bot.domain.actor import Actor
from bot.domain.change import Change, Phase
from bot.domain.effects import Effect
from bot.domain.rules import Rules
from bot.domain.verdict import Verdict
from tests.story import (
    ANA,
    BEN,
    CAT,
    MALLORY,
    Story,
    asked,
    checked,
    edits,
    failed,
    judged,
    prepared,
    pull,
    question,
    reading,
)

pytestmark = pytest.mark.attack("lies and moves of Slack and GitHub")

ANA_TOO = Actor(id="U0ANATOO", name="ana at home")
LOGINS = {ANA.id: "ana-gh", ANA_TOO.id: "ANA-gh", BEN.id: "ben-gh", CAT.id: "cat-gh"}
RULES = (
    Rules(repositories=("acme/till",)),
    Rules(repositories=("acme/till",), people=LOGINS),
    Rules(repositories=("acme/till",), people=LOGINS, may_approve=(ANA.id, BEN.id, CAT.id)),
)
PEOPLE = (ANA, ANA_TOO, BEN, BEN, CAT, CAT, MALLORY)
PUSHERS = ("ana-gh", "ben-gh", "dan-gh", "")
STATES = (*("green",) * 5, "none", "pending", "red")
WHAT = (
    *("approve",) * 6, *("work",) * 6, *("push",) * 2, *("reply",) * 2, *("base",) * 2, "form", "answer", "stop",
    "close or open",
)  # fmt: skip


@dataclass
class Forge:
    """The branch and its pull request as they really are. Every commit has a tree of its own."""

    trees: dict[str, str] = field(default_factory=dict)
    pushers: list[str] = field(default_factory=list)
    head: str | None = None
    open: bool = True
    merged: bool = False
    base: str = "0" * 40

    def commit(self, tree: str | None = None) -> str:
        """Put another commit on the branch."""
        sha = f"{len(self.trees) + 1:040x}"
        self.trees[sha] = tree or f"{len(self.trees) + 1:x}".rjust(40, "f")
        self.head = sha
        return sha


class Moving:
    """One change from the request to its end, with the one build effect that is open."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.story = Story(self.chance.choice(RULES))
        self.forge = Forge()
        self.todo: Effect | None = None
        self.shown: list[str] = []
        self.examined: dict[str, bool] = {}
        """Trees that passed the checks and the guards -> whether a finding asks for two people."""
        self.tested: set[str] = set()
        self.together: set[tuple[str, str]] = set()
        """(tree, newer base commit) whose merge passed the checks."""
        self.yeses: set[tuple[str, str]] = set()
        """(Slack id, head) of every yes that was accepted."""
        self.trees_made = 0
        self._lives(asked(by=self.chance.choice((ANA, BEN))))
        while self.change.phase not in {Phase.READY, Phase.STUCK} and self.chance.random() < 0.98:
            self._stage()
            self._remember()

    @property
    def change(self) -> Change:
        return self.story.change

    def _lives(self, event: e.Event) -> bool:
        """Live an event; say whether it was taken."""
        decision = self.story.tries(event)
        if decision.refusal is not None or decision.stale:
            return False
        builds = [effect for effect in decision.effects if effect.lane == "build"]
        if decision.withdraw:
            self.todo = None
        if builds:
            self.todo = builds[0]
        return True

    # -- people ------------------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Let one thing happen: a person's, GitHub's or a stage's."""
        if self.change.phase is Phase.STUCK:
            self._lives(e.RetryPressed(by=ANA))
        match self.chance.choice(WHAT):
            case "work":
                self._work()
            case "approve":
                self._approves()
            case "push":
                if self.forge.head and not self.forge.merged:
                    self.forge.commit()
                    self.forge.pushers.append(self.chance.choice(PUSHERS))
            case "close or open":
                self.forge.open = self.forge.merged or not self.forge.open
            case "base":
                self.forge.base = f"{int(self.forge.base, 16) + 1:040x}"
            case what:
                self._says(self.chance.choice(PEOPLE), what)
        self._remember()
        self._loses_no_message()

    def _seldom(self) -> bool:
        return self.chance.random() < 0.04

    def _says(self, by: Actor, what: str) -> None:
        seen = self.story.seen
        said: dict[str, e.Event] = {
            "reply": e.NoteAdded(by=by, text="and the receipt too"),
            "form": e.ChangesAsked(by=by, text="in cents", seen=seen),
            "answer": e.Answered(by=by, text="gross"),
            "stop": e.StopPressed(by=by),
        }
        self._lives(said[what])

    def _approves(self) -> None:
        """Tap, perhaps several times, on the newest card or on an older one."""
        by, times = self.chance.choice(PEOPLE), self.chance.choice((1, 1, 3))
        if self.shown:
            seen, head = self.shown[-1 - min(self.chance.choice((0, 0, 0, 1, 4)), len(self.shown) - 1)].split(" ")
            for _ in range(times):
                if self._lives(e.ApprovePressed(by=by, seen=seen)):
                    self.yeses.add((by.id, head))

    # -- stages ------------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        for _ in range(self.chance.choice((1, 2, 8, 8))):
            self._stage()

    def _stage(self) -> None:
        """End the open stage: honestly, by failing, or by doing its work and losing the result."""
        todo = self.todo
        if todo is None:
            return
        if self._seldom():
            self.todo = None
            self._lives(failed())
            return
        result = self._result(todo)
        if self._seldom():
            return  # its worker died: the effect is claimed again
        self.todo = None
        self._lives(result)

    def _result(self, todo: Any) -> e.Event:
        match todo.kind:
            case "Prepare":
                return prepared()
            case "Edit":
                if self._seldom():
                    return question(len(self.change.notes))
                self.trees_made += 1
                every, before = len(self.change.notes), self.change.notes_read
                read = self.chance.choice((*(every,) * 4, before))
                return edits(tree=f"{self.trees_made:040x}", notes_read=read)
            case "Check":
                verdict = self.chance.choice((*(Verdict.GREEN,) * 5, *Verdict))
                if verdict is not Verdict.RED:
                    self.tested.add(todo.tree)
                return checked(verdict, tree=todo.tree)
            case "Judge":
                what = self.chance.choice((*("fine",) * 6, "held", "held", "blocked"))
                if what != "blocked" and todo.tree in self.tested:
                    self.examined[todo.tree] = what == "held"
                blocking = ("a key",) if what == "blocked" else ()
                return judged(tree=todo.tree, blocking=blocking, holds=("a package",) if what == "held" else ())
            case "Publish":
                known = self.change.pull.head_sha if self.change.pull else None
                if self.forge.trees.get(self.forge.head or "") == todo.tree:
                    return e.Published(pull=pull(self.forge.head or ""))  # an earlier run pushed it
                if self.forge.head != known:
                    return self._moved()
                return e.Published(pull=pull(self.forge.commit(todo.tree)))
            case "ReadCi" | "WatchPull":
                state = self.chance.choice(STATES)
                return self._happened(todo.head_sha) or e.CiRead(reading=reading(state, todo.head_sha))
            case "Merge":
                return self._happened(todo.head_sha) or self._merge()
            case _:
                return failed(todo.kind)

    def _merge(self) -> e.Event:
        """Do what the stage does: try the change with a newer base, be refused, or merge."""
        base, tree = self.forge.base, self.forge.trees[self.forge.head or ""]
        trial = self.change.trial
        if base != self.change.base_sha and (trial is None or trial.base_sha != base):
            verdict = self.chance.choice((Verdict.GREEN, Verdict.GREEN, Verdict.RED))
            if verdict is not Verdict.RED:
                self.together.add((tree, base))
            return e.MergeTried(base_sha=base, evidence=checked(verdict, tree="9" * 40).evidence)
        if self._seldom():
            return e.MergeWasRefused(reason="A conflict.")
        self._merges()
        return e.Merged(merge_sha="c" * 40)

    def _happened(self, known: str) -> e.Event | None:
        if self.forge.merged:
            return e.Merged(merge_sha="c" * 40)
        if self.change.phase is Phase.DECLINED:
            return e.Reopened(now=self._moved()) if self.forge.open else None
        if not self.forge.open:
            return e.PullClosed()
        return None if self.forge.head == known else self._moved()

    def _moved(self) -> e.HeadMoved:
        head = self.forge.head or ""
        tree = self.forge.trees[head]
        return e.HeadMoved(
            head_sha=head, tree=tree, fingerprint=f"f-{tree}", by=tuple(dict.fromkeys(self.forge.pushers))
        )

    def _merges(self) -> None:
        """Merge at GitHub, and check by our own books that it may happen."""
        head = self.forge.head or ""
        tree = self.forge.trees[head]
        assert tree in self.examined, "nothing of ours looked at this tree"
        moved = self.forge.base != self.change.base_sha
        assert not moved or (tree, self.forge.base) in self.together, "nobody tried it with what is on the base now"
        logins = {who: login.casefold() for who, login in self.story.rules.people.items()}

        def person(account: str) -> str:
            return logins.get(account, account)

        said = {note.by for note in self.change.notes if note.by}
        made = {person(who) for who in {self.change.requester.id, *said}}
        made |= {login.casefold() if logins else f"someone ({login})" for login in self.forge.pushers}
        yes = {person(account) for account, seen in self.yeses if seen == head}
        assert MALLORY.id not in yes, "a guest let it in"
        assert not logins or all(account in logins for account, seen in self.yeses if seen == head)
        for author in made - {"", "someone ()"}:
            assert yes - {author}, f"nobody but {author} said yes to what {author} made"
        if any(author in {"", "someone ()"} or author.startswith("someone") for author in made):
            assert len(yes) >= 2, "an author whom nobody can place takes two people"
        if self.examined[tree]:
            assert len(yes) >= 2, "a finding asks for two people"
        self.forge.merged, self.forge.open = True, False

    def _remember(self) -> None:
        """Remember what every card showed."""
        if self.change.pull is not None:
            shown = f"{self.story.seen} {self.change.pull.head_sha}"
            if not self.shown or self.shown[-1] != shown:
                self.shown.append(shown)

    def _loses_no_message(self) -> None:
        """A change that is ready, or in, has heard everything that people said, or says what it left out."""
        if self.change.phase not in {Phase.READY, Phase.MERGING}:
            return
        assert self.change.notes_read >= len(self.change.notes)


@settings(max_examples=400, deadline=None, derandomize=True, phases=(Stage.explicit, Stage.generate))
@given(seed=st.integers(0, 2**32))
def test_whatever_moves_nothing_gets_in_unseen(seed: int) -> None:
    moving = Moving(seed)
    for _ in range(25):
        moving.step()
