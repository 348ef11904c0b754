"""The whole part at once: the seeded app, the scripted stand-in over a real socket, the real sandbox."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import playground.seed
from bot.domain.change import Note
from playground.claude.app import create_app
from playground.claude.client import ClaudeScript
from playground.claude.config import ClaudeStandInConfig
from tests.workers.agent.acting import Crash, MemoryTranscript, Workbench, said
from tests.workers.agent.serving import served
from workers.agent import AgentAccess, Finished, Job, NeedsAnswer, RunResult, Spoke
from workers.agent.loop import work
from workers.agent.model import ClaudeModel
from workers.sandbox import Session
from workers.sandbox.bubblewrap import Bubblewrap

TILL = Path(playground.seed.__file__).parent / "till"
TOOLBOX = Path(__file__).parents[3] / ".toolbox"
CHECKS = "node --test test/*.test.js"


class Story:
    """One change of the seeded app, from claim to claim."""

    def __init__(self, home: Path, address: str) -> None:
        self.home = home
        self.bench = Workbench(home / "workspace")
        shutil.copytree(TILL, self.bench.folder)
        self.base = self.bench.checkpoint()
        self.transcript = MemoryTranscript()
        self.notes: list[Note] = []
        self.model = ClaudeModel("scripted", address)
        self.last = 0

    def go(self, request: str) -> RunResult:
        """One claim: a fresh sandbox, from where the transcript ends."""
        job = Job(request, "ana", "acme/till", self.base, lambda: tuple(self.notes), checks=CHECKS)
        with closing(Bubblewrap(self.home / "state", TOOLBOX).open(self.bench.folder)) as session:
            bench = self.bench
            access = AgentAccess(session, bench.checkpoint, bench.restore, bench.still_mine, bench.progress.append)
            outcome = work(job, self.model, self.transcript, access)
            self.last = _tests(session)
        return outcome


def _tests(session: Session) -> int:
    code = session.run(CHECKS).exit_code
    assert code is not None
    return code


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    config = ClaudeStandInConfig(state_path=tmp_path_factory.mktemp("claude") / "state.db")
    with served(lambda url: create_app(config)) as url:
        yield url


@pytest.fixture
def story(tmp_path: Path, address: str) -> Story:
    ClaudeScript(address).clear_calls()
    return Story(tmp_path, address)


def test_the_bug_fix_ends_with_a_proposal_whose_tests_pass(story: Story) -> None:
    outcome = story.go("make the total include tax")
    assert isinstance(outcome, Finished)
    assert outcome.tree != story.base
    assert story.last == 0
    assert any(line.startswith(("Reading", "Editing", "Running")) for line in story.bench.progress)


def test_what_goes_wrong_at_first_is_mended_after_the_checks_say_so(story: Story) -> None:
    first = story.go("round prices to the nearest 5 cents")
    assert isinstance(first, Finished)
    assert story.last != 0
    story.notes.append(said("checks", "1 of 40 tests failed: the receipt adds up to what is due", "Shipmate"))
    second = story.go("round prices to the nearest 5 cents")
    assert isinstance(second, Finished)
    assert story.last == 0


def test_a_question_is_asked_and_its_answer_carries_on(story: Story) -> None:
    asked = story.go("change the currency")
    assert isinstance(asked, NeedsAnswer)
    assert len(asked.options) == 3
    story.notes.append(said("answer", asked.options[1], "ana"))
    done = story.go("change the currency")
    assert isinstance(done, Finished)
    assert story.last == 0


def test_a_follow_up_goes_on_in_the_same_conversation(story: Story) -> None:
    assert isinstance(story.go("make the total include tax"), Finished)
    story.notes.append(said("follow_up", "add a tip of 10% button", "ben"))
    done = story.go("make the total include tax")
    assert isinstance(done, Finished)
    assert "tip" in done.title.lower()
    assert story.last == 0


def test_anything_else_is_answered_plainly_by_the_stand_in(story: Story) -> None:
    outcome = story.go("write me a poem about the sea")
    assert isinstance(outcome, Spoke)
    assert "scripted stand-in" in outcome.text


@pytest.mark.parametrize("point", ["reply 2 before", "reply 2 after", "results 3 before", "results 3 after"])
def test_a_crash_costs_at_most_one_turn_on_the_wire(story: Story, address: str, point: str) -> None:
    def crash(at: str) -> None:
        if at == point:
            raise Crash

    story.transcript.on_save = crash
    with pytest.raises(Crash):
        story.go("make the total include tax")
    story.transcript.on_save = lambda at: None
    assert isinstance(story.go("make the total include tax"), Finished)
    assert story.last == 0
    repeated = ClaudeScript(address).answered_more_than_once()
    assert sum(count - 1 for count in repeated.values()) == (1 if point == "reply 2 before" else 0)
