"""Estimate what an evaluation will cost, before it is run. Pure.

Law: it is a range and says so: how much a model thinks is known only afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence

from workers.agent import prices
from workers.judge.labelled import Case
from workers.judge.numbered import numbered
from workers.judge.prompts import JUDGE
from workers.judge.user_message import user_message

_CHARACTERS = 3.2
"""Characters of English or code in one token, a cautious estimate."""
_SCHEMA = 500
_EACH_HUNK = 35
_THINKING = (300, 4_000)
"""Tokens of thought about one case: little, and much."""


def estimate(asked: Sequence[Case], model: str) -> str:
    """Return a sentence about the calls, tokens and dollars that judging these cases takes."""
    given, least, most = 0, 0, 0
    for one in asked:
        change = numbered(one.subject.diff, one.subject.paths)
        given += round((len(JUDGE) + len(user_message(one.subject, change))) / _CHARACTERS) + _SCHEMA
        answer = 100 + _EACH_HUNK * len(change.labels)
        least, most = least + answer + _THINKING[0], most + answer + _THINKING[1]
    said = f"Asks {model} {_count(len(asked))}: about {given:,} tokens in, {least:,} to {most:,} out"
    if not prices.known(model):
        return f"{said}. What that costs is not known: {model} is not on the price list."
    low, high = (prices.micros(model, given, 0, 0, 0, out) / 1e6 for out in (least, most))
    return f"{said}; about ${low:.2f} to ${high:.2f}."


def _count(n: int) -> str:
    return "once" if n == 1 else f"{n} times"
