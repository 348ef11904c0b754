"""Tiers: what a request chooses with its first word, and what it is then granted."""

from __future__ import annotations

import pytest

from bot.domain import events as e
from bot.domain.change import Phase
from bot.domain.consequences.asking import GO_ON
from bot.domain.rules import budget, chosen
from bot.domain.tiers import Budget, Tier
from tests.story import ANA, TILL, asked, budget_reached, prepared, told

RULES = TILL.model_copy(
    update={"tiers": {"deep": Tier(model="claude-fable-5-2", effort="high", dollars=40.0), "quick": Tier(turns=20)}}
)


@pytest.mark.parametrize(
    ("said", "tier", "request_"),
    [
        ("deep: rewrite the tax rules", "deep", "rewrite the tax rules"),
        ("  [Quick]  fix the typo", "quick", "fix the typo"),
        ("dear: fix the typo", "", "dear: fix the typo"),
        ("fix deep: things", "", "fix deep: things"),
        ("deep:", "", "deep:"),
        ("deep:fix", "", "deep:fix"),
        ("[deep fix it", "", "[deep fix it"),
    ],
)
def test_the_first_word_chooses_only_what_the_operator_offers(said: str, tier: str, request_: str) -> None:
    assert chosen(RULES, said) == (tier, request_)
    assert chosen(TILL, said) == ("", said)


def test_a_change_keeps_its_tier_and_asks_without_the_word() -> None:
    change = told(asked("deep: include the tax"), rules=RULES).change
    assert (change.tier, change.request, change.phase) == ("deep", "include the tax", Phase.PREPARING)


def test_what_a_tier_leaves_out_is_the_ordinary_budget_and_every_grant_adds_it_once_more() -> None:
    assert budget(RULES, "deep", 1) == Budget(turns=60, minutes=60, tokens=2_000_000, dollars=40.0)
    assert budget(RULES, "quick", 2) == Budget(turns=40, minutes=120, tokens=4_000_000, dollars=20.0)
    assert budget(RULES, "gone since", 1) == budget(RULES, "", 1)


def test_going_on_grants_the_tiers_own_budget_again() -> None:
    story = told(asked("quick: include the tax"), prepared(), budget_reached(), rules=RULES)
    story.lives(e.Answered(by=ANA, text=GO_ON))
    assert budget(RULES, story.change.tier, story.change.grants).turns == 40
