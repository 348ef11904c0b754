"""Tiers of work: by which model, how hard, and with how much a change is made.

Law: a request chooses among what the operator offers and can widen none of it.
"""

from __future__ import annotations

from typing import Literal

from bot.domain.frozen import Frozen

Effort = Literal["low", "medium", "high", "xhigh", "max"]


class Tier(Frozen):
    """What a tier has of its own; what it leaves out is as in the settings and in [budget]."""

    model: str = ""
    effort: Effort | None = None
    turns: int | None = None
    minutes: int | None = None
    tokens: int | None = None
    dollars: float | None = None


class Budget(Frozen):
    """How much one change may use before it asks: replies, minutes, tokens (as budgets count them), dollars."""

    turns: int
    minutes: int
    tokens: int
    dollars: float
