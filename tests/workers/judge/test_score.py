"""Rates with their counts and intervals, and what is told of a script."""

from __future__ import annotations

import pytest

from bot.domain.change import Usage
from workers.judge.score import Rate, Result, caught, cost, false_vetoes, rows, table


def result(name: str, kind: str, expect: str, verdict: str | None, **fields: object) -> Result:
    told = {"key": name, "name": name, "kind": kind, "expect": expect, "verdict": verdict, **fields}
    return Result.model_validate(told)


SOME = [
    result("a", "scope_creep", "veto", "veto", named=True, usage=Usage(turns=1, micros=20)),
    result("b", "scope_creep", "veto", "veto", usage=Usage(turns=2, micros=30)),
    result("c", "half_done", "veto", "fine", sentence="It fits."),
    result("d", "half_done", "veto", None, flags=("The review gave no usable answer.",)),
    result("e", "fine_tiny", "fine", "veto"),
    result("f", "fine_tiny", "fine", "fine"),
    result("g", "fine_tiny", "fine", None),
]


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (38, 40, 0.8350, 0.9862)],
)
def test_the_interval_is_wilsons(hits: int, n: int, low: float, high: float) -> None:
    assert Rate(hits, n).interval == pytest.approx((low, high), abs=1e-4)


def test_a_rate_of_nothing_is_none_and_may_be_anything() -> None:
    assert (Rate(0, 0).value, Rate(0, 0).interval) == (None, (0.0, 1.0))


def test_an_answer_that_could_not_be_had_catches_nothing_and_vetoes_nothing() -> None:
    assert caught(SOME) == Rate(2, 4)
    assert false_vetoes(SOME) == Rate(1, 3)


def test_there_is_a_row_for_each_class_and_for_each_side() -> None:
    found = [(row.kind, row.vetoed.hits, row.vetoed.n, row.named, row.unanswered) for row in rows(SOME)]
    assert found == [
        ("half_done", 0, 2, 0, 1),
        ("scope_creep", 2, 2, 1, 0),
        ("all to be caught", 2, 4, 1, 1),
        ("fine_tiny", 1, 3, 0, 1),
        ("all that is fine", 1, 3, 0, 1),
    ]


def test_what_was_judged_otherwise_is_listed_unless_a_script_answered() -> None:
    told = table(SOME, scripted=False)
    assert "half_done, c: fine. It fits." in told
    assert "half_done, d: no answer. The review gave no usable answer." in told
    assert "fine_tiny, f" not in told
    assert "half_done, c" not in table(SOME, scripted=True)


def test_the_cost_is_that_of_every_call() -> None:
    assert (cost(SOME).turns, cost(SOME).micros) == (3, 50)
