"""The card that asks before a version leaves for GitHub says what would run with what, and who has to tap."""

from __future__ import annotations

from bot.cards.notices import notice
from bot.domain.change import Phase
from tests.cards.test_cards import buttons, drawn, shown
from tests.story import at, judged, outside


def test_before_ci_runs_it_the_card_names_what_ci_could_reach_and_offers_the_tap() -> None:
    said = drawn(outside().change)
    assert "would run on GitHub with 2 secrets (DEPLOY_KEY, NPM_TOKEN)" in shown(said)
    assert "check.sh is run by ci.yml." in shown(said)
    assert "anyone who may approve, but ana" in shown(said)
    assert buttons(said)["allow"]["text"]["text"] == "Run the checks"


def test_a_stopped_version_names_rule_and_line_and_counts_its_two_yeses() -> None:
    found = "pay.py: line 3 looks like a secret (a Stripe key), which the request names."
    story = at(Phase.JUDGING).lives(judged(passable=(found,)))
    assert "line 3 looks like a secret (a Stripe key)" in shown(drawn(story.change))
    assert buttons(drawn(story.change))["allow"]["text"]["text"] == "Let it through (1 of 2)"
    story.lives(story.allows())
    assert "ben has said yes" in shown(drawn(story.change))
    assert buttons(drawn(story.change))["allow"]["text"]["text"] == "Let it through (2 of 2)"


def test_nobody_is_offered_a_tap_where_no_colleague_reads() -> None:
    change = outside().change
    change = change.model_copy(update={"place": change.place.model_copy(update={"direct": True})})
    assert "allow" not in buttons(drawn(change))
    assert "Ask me in a channel instead" in shown(drawn(change))


def test_the_notice_says_why_and_brings_the_tap() -> None:
    said = notice(outside().change, "question")
    assert "needs a tap by anyone who may approve, but ana before GitHub runs it" in said.text
    assert "2 secrets (DEPLOY_KEY, NPM_TOKEN)" in said.text
    assert set(buttons(said)) == {"allow"}
