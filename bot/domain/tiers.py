"""Tiers of work: by which model, how hard, and with how much a change is made.

Law: a request chooses among what the operator offers and can widen none of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from bot.domain.verdict import Frozen

if TYPE_CHECKING:
    from bot.domain.rules import Rules

_CHOSEN = re.compile(r"\s*(?:\[([\w-]{1,30})\]|([\w-]{1,30}):)\s+(?=\S)")


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


def chosen(rules: Rules, text: str) -> tuple[str, str]:
    """(the tier that a request names at its beginning, "deep: ..." or "[deep] ...", or ""; the request without it)."""
    found = _CHOSEN.match(text)
    name = (found[1] or found[2]).lower() if found else ""
    return (name, text[found.end() :]) if found and name in rules.tiers else ("", text)


def budget(rules: Rules, tier: str, grants: int) -> Budget:
    """What a change of a tier may use, as often as people granted it."""
    own = rules.tiers.get(tier, Tier())
    return Budget(
        turns=(own.turns or rules.max_turns) * grants,
        minutes=(own.minutes or rules.max_minutes) * grants,
        tokens=(own.tokens or rules.max_tokens) * grants,
        dollars=(own.dollars or rules.max_dollars) * grants,
    )
