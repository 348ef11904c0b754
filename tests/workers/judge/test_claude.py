"""The unmodified client against the stand-in for the Messages API: a structured call, its faults, and Stop."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from playground.claude.app import create_app
from playground.claude.client import ClaudeScript
from playground.claude.config import ClaudeStandInConfig
from tests.workers.agent.drawn import png
from tests.workers.agent.serving import served
from tests.workers.judge.reviewing import SUBJECT
from workers import ClaimLost, TryAgain
from workers.agent.model import ClaudeModel
from workers.judge import Judgement
from workers.judge.review import NO_ANSWER, review


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    config = ClaudeStandInConfig(state_path=tmp_path_factory.mktemp("claude") / "state.db")
    with served(lambda url: create_app(config)) as url:
        yield url


@pytest.fixture
def desk(address: str) -> Iterator[ClaudeScript]:
    desk = ClaudeScript(address)
    yield desk
    desk.clear_faults()
    desk.clear_calls()
    desk.set_turn_delay(0)


def judged(address: str, model: str = "claude-opus-5-5") -> Judgement:
    return review(SUBJECT, ClaudeModel("scripted", address, model), lambda: False)


def test_a_script_answers_and_is_known_as_one(address: str, desk: ClaudeScript) -> None:
    found = judged(address)
    assert found.opinion is not None
    assert (found.opinion.verdict, found.opinion.scripted, found.opinion.model) == ("fine", True, "claude-opus-5-5")
    assert found.usage.output_tokens > 0
    assert len(desk.calls()) == 1


@pytest.mark.parametrize("model", ["claude-sonnet-5-5", "claude-haiku-5-5", "claude-opus-4-8"])
def test_any_model_can_be_the_judge(address: str, desk: ClaudeScript, model: str) -> None:
    opinion = judged(address, model).opinion
    assert opinion is not None
    assert opinion.model == model


def test_pictures_and_a_repair_are_taken_by_the_service(address: str, desk: ClaudeScript) -> None:
    source = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(png()).decode()}
    sent = ({"type": "text", "text": "[picture till.png]"}, {"type": "image", "source": source})
    desk.fail_next("max_tokens")
    found = review(replace(SUBJECT, pictures=sent), ClaudeModel("scripted", address, effort="low"), lambda: False)
    assert found.opinion is not None
    assert len(desk.calls()) == 2


def test_an_unknown_model_is_no_opinion_and_needs_a_second_person(address: str) -> None:
    found = judged(address, "claude-nonesuch")
    assert found.opinion is None
    assert "does not have the model" in found.holds[0]


def test_a_refusal_is_no_opinion_and_needs_a_second_person(address: str, desk: ClaudeScript) -> None:
    desk.fail_next("refusal", category="cyber")
    found = judged(address)
    assert found.opinion is None
    assert "Claude declined this request" in found.holds[0]


def test_an_answer_that_was_cut_off_is_asked_for_again(address: str, desk: ClaudeScript) -> None:
    desk.fail_next("max_tokens")
    found = judged(address)
    assert found.opinion is not None
    assert (found.opinion.verdict, len(desk.calls())) == ("fine", 2)


def test_an_answer_that_is_cut_off_twice_is_no_opinion_and_needs_a_second_person(
    address: str, desk: ClaudeScript
) -> None:
    desk.fail_next("max_tokens", times=2)
    found = judged(address)
    assert (found.opinion, found.holds, found.flags) == (None, (NO_ANSWER,), ())


@pytest.mark.parametrize("kind", ["overloaded", "rate_limit", "server_error", "drop_stream", "end_stream_early"])
def test_what_passes_is_waited_for(address: str, desk: ClaudeScript, kind: str) -> None:
    desk.fail_next(kind)
    with pytest.raises(TryAgain):
        judged(address)


def test_a_stop_is_noticed_while_the_model_answers(address: str, desk: ClaudeScript) -> None:
    desk.set_turn_delay(20_000)
    stopped = threading.Event()
    threading.Timer(0.2, stopped.set).start()
    with pytest.raises(ClaimLost):
        review(SUBJECT, ClaudeModel("scripted", address), stopped.is_set)
    assert stopped.is_set()
