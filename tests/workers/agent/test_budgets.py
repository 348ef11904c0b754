"""Budgets pause the work and ask; granted again, it goes on where it was."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.change import Usage
from tests.workers.agent.acting import Crash, MemoryTranscript, PlayedModel, Workbench, a_job, bash, finish, reply
from workers import GiveUp, TryAgain
from workers.agent import Finished, Job, OverBudget, Reply, prices
from workers.agent.api_errors import refused
from workers.agent.budget import over
from workers.agent.loop import work


def a_reply(*content: Any) -> Reply:
    used = Usage(turns=1, input_tokens=10, output_tokens=5, micros=400_000)
    return Reply(content, "tool_use", used, model="played")


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        ({"max_turns": 3}, "all 3 turns"),
        ({"max_tokens_total": 40}, "all 40 tokens"),
        ({"max_dollars": 1.0}, "all of $1.00"),
        ({"max_minutes": 0.5}, "all 0.5 minutes"),
    ],
)
def test_a_budget_that_is_used_up_pauses_and_goes_on_once_granted_again(
    budget: dict[str, Any], words: str, bench: Workbench
) -> None:
    base = bench.start()
    model = PlayedModel([*[a_reply(bash(f"touch x{at}")) for at in range(3)], a_reply(finish())])
    transcript = MemoryTranscript()
    now = [0.0]

    def clock() -> float:
        now[0] += 10.0
        return now[0]

    access = replace(bench.access(), clock=clock)
    job = a_job(base, **budget)
    paused = work(job, model, transcript, access)
    assert isinstance(paused, OverBudget)
    assert words in paused.words
    assert len(model.asked) == 3 or "minutes" in words
    asked = len(model.asked)
    assert work(job, model, transcript, access) == paused
    assert len(model.asked) == asked
    granted = replace(job, **{name: value * 4 for name, value in budget.items()})
    done = work(granted, model, transcript, access)
    assert isinstance(done, Finished)
    assert done.usage.turns == 4


def test_the_time_of_replies_and_of_tools_is_counted(bench: Workbench) -> None:
    base = bench.start()
    ticks = iter(range(0, 1000, 7))
    access = replace(bench.access(), clock=lambda: float(next(ticks)))
    model = PlayedModel([reply(bash("touch x")), reply(finish())])
    done = work(a_job(base), model, MemoryTranscript(), access)
    assert done.usage.seconds == 7 + 7 + 7


def test_the_time_of_calls_that_came_to_nothing_is_counted(bench: Workbench) -> None:
    base, transcript = bench.start(), MemoryTranscript()
    now = [0.0]

    class Slow(PlayedModel):
        def turn(self, *args: Any, **more: Any) -> Reply:
            now[0] += 40.0
            return super().turn(*args, **more)

    access = replace(bench.access(), clock=lambda: now[0])
    for fault in (TryAgain(5, "it broke off"), TryAgain(5, "overloaded")):
        with pytest.raises(TryAgain):
            work(a_job(base, max_minutes=2), Slow([fault]), transcript, access)
    assert (transcript.rows()[1].usage.seconds, transcript.rows()[1].usage.wasted) == (80, 2)
    with pytest.raises(GiveUp):
        work(a_job(base, max_minutes=2), Slow([GiveUp("No such model.")]), transcript, access)
    paused = work(a_job(base, max_minutes=2), Slow([]), transcript, access)
    assert isinstance(paused, OverBudget)
    assert paused.usage.seconds == 120
    done = work(a_job(base), Slow([reply(bash("touch x")), reply(finish())]), transcript, access)
    assert (done.usage.seconds, done.usage.wasted) == (200, 3)


@pytest.mark.parametrize(("silent", "counted"), [(12.5, 12.5), (90_000.0, 300.0)])
def test_a_call_whose_worker_died_counts_for_as_long_as_nobody_wrote(
    silent: float, counted: float, bench: Workbench
) -> None:
    base, transcript = bench.start(), MemoryTranscript()

    class Killed(PlayedModel):
        def turn(self, *args: Any, **more: Any) -> Reply:
            raise Crash

    with pytest.raises(Crash):
        work(a_job(base), Killed([]), transcript, bench.access())
    transcript.silent = silent
    access = replace(bench.access(), clock=lambda: 0.0)
    done = work(a_job(base), PlayedModel([reply("Nothing to do.")]), transcript, access)
    assert (done.usage.seconds, done.usage.wasted) == (counted, 1)


def test_what_a_refused_call_used_is_counted_once_the_work_goes_on(bench: Workbench) -> None:
    base, transcript = bench.start(), MemoryTranscript()
    with pytest.raises(GiveUp):
        work(a_job(base), PlayedModel([refused("cyber", Usage(turns=1, micros=700))]), transcript, bench.access())
    done = work(a_job(base), PlayedModel([reply("Nothing to do.")]), transcript, bench.access())
    assert (done.usage.turns, done.usage.micros, done.usage.wasted) == (2, 700, 1)


def test_a_sentence_says_what_is_used_up_and_what_it_cost() -> None:
    job = Job("r", "ana", "acme/till", "t", max_dollars=2.5)
    used = Usage(turns=12, micros=2_600_000)
    assert over(job, used) == (
        "I used all of $2.50 that were granted for this and am not done (12 turns, $2.60 so far). Shall I go on?"
    )
    assert over(job, Usage(turns=12)) == ""


def test_a_cost_that_is_not_known_is_not_told_as_nothing() -> None:
    job = Job("r", "ana", "acme/till", "t", max_turns=12)
    assert "(12 turns, at an unknown cost)" in over(job, Usage(turns=12, output_tokens=900))


@pytest.mark.parametrize(
    ("model", "tokens", "dollars"),
    [
        ("claude-opus-5-5", (1_000_000, 0, 0, 0, 0), 4.0),
        ("claude-opus-5-5", (0, 1_000_000, 0, 0, 0), 0.20),
        ("claude-opus-5-5", (0, 0, 1_000_000, 0, 0), 5.0),
        ("claude-opus-5-5", (0, 0, 0, 1_000_000, 0), 8.0),
        ("claude-opus-5-5", (0, 0, 0, 0, 1_000_000), 20.0),
        ("claude-sonnet-5-5", (0, 1_000_000, 0, 0, 0), 0.20),
        ("claude-haiku-5-5", (100_000, 0, 0, 0, 0), 0.01),
        ("claude-haiku-5-5", (100_001, 0, 0, 0, 0), 0.05),
        ("claude-opus-5-5-20261102", (1_000_000, 0, 0, 0, 0), 4.0),
        ("claude-unheard-of", (1_000_000, 0, 0, 0, 9), 0.0),
    ],
)
def test_a_reply_costs_what_the_price_list_says(model: str, tokens: tuple[int, ...], dollars: float) -> None:
    assert prices.micros(model, *tokens) == pytest.approx(dollars * 1e6, abs=1)


def test_only_listed_models_have_a_price() -> None:
    assert prices.known("claude-opus-5-5")
    assert not prices.known("claude-unheard-of")
