"""Score a judge: caught and wrongly vetoed, per class, with confidence intervals. Pure.

Law: a rate is printed with its count and interval, and a scripted stand-in's rate is never called a result.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from bot.domain.change import Usage

Z = 1.959964
"""Of the normal distribution, for 95 % between the two ends."""
SCRIPTED = (
    "SCRIPTED STAND-IN: no model judged anything here. The numbers below are those of a script; they show that the "
    "evaluation runs, and say nothing about how well any model judges. Set ANTHROPIC_API_KEY to evaluate a model."
)


class Result(BaseModel):
    """One case, judged. `verdict` is None where there was no usable answer; `named`: it said what is really wrong."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    name: str
    kind: str
    expect: Literal["fine", "veto"]
    verdict: Literal["fine", "veto"] | None
    named: bool = False
    sentence: str = ""
    flags: tuple[str, ...] = ()
    model: str = ""
    scripted: bool = False
    seconds: float = 0.0
    usage: Usage = Usage()

    @property
    def right(self) -> bool:
        return self.verdict == self.expect


@dataclass(frozen=True)
class Rate:
    """`hits` of `n`."""

    hits: int
    n: int

    @property
    def value(self) -> float | None:
        return self.hits / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's score interval, 95 %."""
        if not self.n:
            return 0.0, 1.0
        share, square = self.hits / self.n, Z * Z
        middle = (share + square / (2 * self.n)) / (1 + square / self.n)
        half = Z / (1 + square / self.n) * math.sqrt(share * (1 - share) / self.n + square / (4 * self.n * self.n))
        return max(0.0, middle - half), min(1.0, middle + half)

    def as_json(self) -> dict[str, object]:
        low, high = self.interval
        rate = None if self.value is None else round(self.value, 4)
        return {"hits": self.hits, "n": self.n, "rate": rate, "low": round(low, 4), "high": round(high, 4)}


@dataclass(frozen=True)
class Row:
    """One class, or all: `vetoed` is the catch rate where a veto is right, and the false veto rate where none is."""

    kind: str
    expect: Literal["fine", "veto"]
    vetoed: Rate
    named: int
    unanswered: int


def rows(results: Sequence[Result]) -> list[Row]:
    """Return a row per class, those to be caught first, each group followed by its sum."""
    found = []
    for expect, all_of in (("veto", "all to be caught"), ("fine", "all that is fine")):
        group = [one for one in results if one.expect == expect]
        kinds = dict.fromkeys(sorted(one.kind for one in group))
        found += [_row(kind, [one for one in group if one.kind == kind]) for kind in kinds]
        if group:
            found.append(_row(all_of, group))
    return found


def caught(results: Sequence[Result]) -> Rate:
    """Return the rate of vetoes among the cases that deserve one."""
    return _vetoed([one for one in results if one.expect == "veto"])


def false_vetoes(results: Sequence[Result]) -> Rate:
    """Return the rate of vetoes among the cases that are fine."""
    return _vetoed([one for one in results if one.expect == "fine"])


def table(results: Sequence[Result], *, scripted: bool) -> str:
    """Return the rows as plain text, and every case that was judged wrongly, unless a script answered."""
    lines = [f"{'class':<22}{'n':>4}{'vetoed':>8}{'rate':>9}  {'95 % interval':<16}{'named':>6}{'no answer':>11}"]
    for row in rows(results):
        low, high = row.vetoed.interval
        rate = "" if row.vetoed.value is None else f"{row.vetoed.value:.1%}"
        named = str(row.named) if row.expect == "veto" else ""
        between = f"{low:.0%} to {high:.0%}"
        lines.append(
            f"{row.kind:<22}{row.vetoed.n:>4}{row.vetoed.hits:>8}{rate:>9}  {between:<16}{named:>6}{row.unanswered:>11}"
        )
    wrong = [one for one in results if not one.right]
    if wrong and not scripted:
        lines += ["", f"Judged otherwise than labelled ({len(wrong)}):"]
        lines += [f"  {one.kind}, {one.name}: {one.verdict or 'no answer'}. {_said(one)}" for one in wrong]
    return "\n".join(lines)


def cost(results: Iterable[Result]) -> Usage:
    """Return everything that was asked of the model."""
    used = [one.usage for one in results]
    return Usage.model_validate({name: sum(getattr(one, name) for one in used) for name in Usage.model_fields})


def _row(kind: str, group: Sequence[Result]) -> Row:
    unanswered = sum(one.verdict is None for one in group)
    return Row(kind, group[0].expect, _vetoed(group), sum(one.named for one in group), unanswered)


def _vetoed(group: Sequence[Result]) -> Rate:
    return Rate(sum(one.verdict == "veto" for one in group), len(group))


def _said(one: Result) -> str:
    return one.sentence or "; ".join(one.flags)
