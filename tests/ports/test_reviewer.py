"""What every `Reviewer` promises: Claude's adapter at the stand-in, and the one that says what a test told it to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from playground.claude.app import create_app
from playground.claude.config import ClaudeStandInConfig
from tests.workers.agent.serving import served
from tests.workers.judge.reviewing import FINE, SUBJECT
from tests.workers.judge.reviewing import Reviewer as ToldReviewer
from workers.agent.model import ClaudeModel
from workers.judge import Reviewer
from workers.judge.review import review


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    config = ClaudeStandInConfig(state_path=tmp_path_factory.mktemp("claude") / "state.db")
    with served(lambda url: create_app(config)) as url:
        yield url


@pytest.fixture(params=["claude", "told"])
def reviewer(request: pytest.FixtureRequest, address: str) -> Reviewer:
    return ClaudeModel("scripted", address) if request.param == "claude" else ToldReviewer([FINE])


def test_a_change_gets_an_opinion_with_the_model_and_the_cost_of_one_call(reviewer: Reviewer) -> None:
    found = review(SUBJECT, reviewer, lambda: False)
    assert found.opinion is not None
    assert (found.opinion.verdict, found.opinion.model) == ("fine", reviewer.name)
    assert found.usage.turns == 1
    assert found.usage.output_tokens > 0
