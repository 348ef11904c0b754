"""Whatever the state holds, what is said fits Slack's limits, pings nobody and hides nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import Phase as Stage

from bot.cards import Words, facts
from bot.cards.card import card
from bot.cards.home import home
from bot.cards.modals import ask_for_changes
from bot.cards.notices import notice
from bot.cards.pull import commit_message, merge_message, pull_body, pull_title
from bot.cards.refusals import refusal
from bot.domain.change import Change, Phase
from bot.domain.effects import Moment
from bot.domain.rules import Refusal, RefusalCode, Rules
from playground.slack.blockkit import block_problems
from playground.slack.view_shapes import view_problems
from tests.cards.hostile import changes, words

quick = settings(
    max_examples=15,
    deadline=None,
    # Shrinking such large values takes minutes and tells little.
    phases=(Stage.explicit, Stage.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
ON_PHONES = {"section", "context", "actions", "header", "image", "divider"}
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e0fff\x00-\x08\x0b-\x1f]")
MARKUP = re.compile(r"<@U0(ANA|SHIP)>|<https?://[^|<>]+\|[^|<>]+>")
SECRETS = re.compile(r"xoxb-\d|ghp_[a-z]")


def texts(value: Any, kind: str = "") -> Iterator[str]:
    """Every string that a person would read; with `kind`, of such text objects only."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "text" and isinstance(item, str):
                yield from [item] if kind in {"", value.get("type")} else []
            else:
                yield from texts(item, kind)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts(item, kind)


def harmless(said: Words) -> None:
    assert block_problems(list(said.blocks)) == []
    assert {block["type"] for block in said.blocks} <= ON_PHONES
    assert 0 < len(said.text) < 4_000
    for shown in (said.text, *texts(said.blocks)):
        assert "<!" not in shown
        assert not re.search(r"@(here|channel|everyone)", shown)
        assert not INVISIBLE.search(shown)
        assert not SECRETS.search(shown)
    for shown in (said.text, *texts(said.blocks, "mrkdwn")):
        assert all(MARKUP.fullmatch(found) for found in re.findall(r"<[^>]*>?", shown))


@pytest.mark.parametrize("phase", Phase)
def test_every_card_fits_and_harms_nobody_whatever_it_holds(phase: Phase) -> None:
    @given(changes(phase))
    @quick
    def holds(change: Change) -> None:
        harmless(card(change, 2e9))

    holds()


@pytest.mark.parametrize("phase", Phase)
def test_a_scripted_model_is_labelled_on_every_card(phase: Phase) -> None:
    @given(changes(phase))
    @quick
    def holds(change: Change) -> None:
        said = card(change.model_copy(update={"scripted": True}), 2e9)
        assert any(facts.SCRIPTED in shown for shown in texts(said.blocks))
        assert facts.SCRIPTED in said.text

    holds()


@given(changes())
@quick
def test_every_notice_fits_and_mentions_nobody_but_those_it_needs(change: Change) -> None:
    for moment in get_args(Moment):
        harmless(notice(change, moment))


@given(changes(), words)
@quick
def test_every_refusal_is_a_sentence_that_fits(change: Change, detail: str) -> None:
    for code in get_args(RefusalCode):
        harmless(refusal(Refusal(code=code, detail=detail), change))
        harmless(refusal(Refusal(code=code, detail=detail), None))


@given(changes(), changes())
@quick
def test_views_fit(one: Change, other: Change) -> None:
    assert view_problems(ask_for_changes(one)) == []
    made = home([one, other] * 10, Rules(repositories=("acme/till",)), "U0SHIP", scripted=True, now=2e9)
    assert view_problems(made, "home") == []


@given(changes())
@quick
def test_what_goes_to_github_fits_and_holds_no_secret(change: Change) -> None:
    assert 0 < len(pull_title(change)) <= 100
    assert "\n" not in pull_title(change)
    body = pull_body(change)
    assert len(body) < 65_000
    for told in (body, commit_message(change), *merge_message(change)):
        assert not SECRETS.search(told)
    assert body.startswith(f"<!-- shipmate:{change.id} -->")
    assert body.count("<!--") == 1
