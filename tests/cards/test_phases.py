"""One table has the words for every phase, and whatever speaks of a phase reads them there."""

from __future__ import annotations

import pytest

from bot.cards.card import card
from bot.cards.phases import STEPS, WORDS
from bot.cards.refusals import refusal
from bot.domain.change import WORKING, Phase
from bot.domain.rules import Refusal
from tests.story import at


def test_every_phase_has_words_and_working_ones_a_step() -> None:
    assert list(WORDS) == list(Phase)
    assert all(words.emoji and words.label and words.now for words in WORDS.values())
    assert {phase for phase, words in WORDS.items() if words.step} == WORKING
    assert {words.step for words in WORDS.values()} == set(range(STEPS + 1))


@pytest.mark.parametrize("phase", sorted(set(Phase) - {Phase.UNDOING}))
def test_a_card_begins_with_the_words_of_its_phase(phase: Phase) -> None:
    assert WORDS[phase].label in card(at(phase).change, 0.0).text


@pytest.mark.parametrize("phase", Phase)
def test_a_refusal_says_where_the_change_stands_in_the_same_words(phase: Phase) -> None:
    change = at(phase).change
    assert WORDS[phase].now in refusal(Refusal(code="not_now", detail=phase), change).text
    assert WORDS[phase].now in refusal(Refusal(code="ended"), change).text
