"""What counts as an answer: every hunk once, and a verdict that follows from what is said of them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.change import Opinion, Usage
from tests.workers.judge.reviewing import DIFF, FINE, VETO, answer
from workers.judge.answer import MOST_SENTENCE, MOST_WHY, SCHEMA, Unusable, opinion, read
from workers.judge.numbered import numbered

CHANGE = numbered(DIFF)


def said(text: str) -> Opinion:
    return opinion(read(text, CHANGE), CHANGE, model="m", scripted=False, usage=Usage())


def test_a_fine_answer_is_an_opinion_without_objections() -> None:
    found = said(FINE)
    assert (found.verdict, found.sentence, found.unasked, found.missing) == ("fine", "It fits.", (), ())


def test_a_veto_names_the_hunk_by_file_and_line() -> None:
    found = said(VETO)
    assert found.verdict == "veto"
    assert found.unasked == ("src/till.py, from line 20: Part 2.",)


def test_what_is_missing_is_a_veto_too() -> None:
    assert said(answer("asked", "asked", missing=("The receipt.",), verdict="veto")).missing == ("The receipt.",)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("fine", "not JSON"),
        ("[]", "not JSON"),
        ("{}", "not JSON"),
        ("[" * 100_000, "not JSON"),
        (FINE[:-20], "not JSON"),
        (FINE.replace('"fine"', '"FINE"'), "not JSON"),
        (FINE.replace('"n": 1', '"n": "1"'), "not JSON"),
        (FINE.replace('"n": 1', '"n": true'), "not JSON"),
        (FINE.replace('"missing": []', '"missing": [], "more": 1'), "not JSON"),
        (answer("asked"), "did not answer for every hunk: 2 missing"),
        (answer(), "did not answer for every hunk: 1, 2 missing"),
        (answer("asked", "asked", "asked"), "no hunk 3"),
        (FINE.replace('"n": 2', '"n": 1'), "did not answer for every hunk"),
        (answer("asked", "asked", sentence="  "), "sentence is empty"),
        (answer("asked", "asked", sentence="**`"), "sentence is empty"),
        (answer("asked", "asked", sentence="It fits, see https://evil.example."), "holds a link"),
        (answer("asked", "asked", sentence="See [this](evil)."), "holds a link"),
        (answer("asked", "asked", sentence="<!channel> look"), "holds a link"),
        (answer("asked", "asked", sentence="@here look"), "holds a link"),
        (answer("asked", "asked", verdict="veto"), "verdict is veto, but"),
        (answer("asked", "asked", missing=(" ",), verdict="veto"), "verdict is veto, but"),
        (answer("asked", "unasked"), "verdict is fine, but"),
        (answer("asked", "asked", missing=("The receipt.",)), "verdict is fine, but"),
    ],
)
def test_an_answer_that_does_not_hold_together_is_refused(text: str, why: str) -> None:
    with pytest.raises(Unusable, match=why):
        read(text, CHANGE)


def test_a_hunk_answered_twice_is_refused() -> None:
    text = json.loads(FINE)
    text["hunks"].append(text["hunks"][0])
    with pytest.raises(Unusable, match="more than once"):
        read(json.dumps(text), CHANGE)


def test_words_are_one_line_without_hidden_characters_and_fit_a_card() -> None:
    long = "a\nb\u202ec " + "x" * 3_000
    found = said(answer("asked", "unasked", missing=(long,), verdict="veto", sentence=long))
    assert found.sentence.startswith("a b\\u{202e}c ")
    assert len(found.sentence) == MOST_SENTENCE
    assert len(found.missing[0]) == MOST_WHY


def test_marks_around_words_are_left_out() -> None:
    assert said(answer("asked", "asked", sentence="> **The `total`** has 2 < 3 parts.")).sentence == (
        "The total has 2 < 3 parts."
    )


def test_an_endless_list_of_missing_things_is_cut() -> None:
    text = answer("asked", "asked", missing=tuple(f"Thing {n}." for n in range(500)), verdict="veto")
    assert len(said(text).missing) == 20


def test_the_schema_holds_no_promise_that_the_service_does_not_keep() -> None:
    text = json.dumps(SCHEMA)
    assert not [word for word in ("minimum", "maximum", "maxLength", "maxItems", "pattern") if f'"{word}"' in text]
    assert text.count('"additionalProperties": false') == text.count('"type": "object"') == 2


KEYS = st.sampled_from(["hunks", "n", "asked", "why", "missing", "verdict", "sentence"])
LEAVES = st.none() | st.booleans() | st.integers() | st.text()


@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=12))
def test_any_json_is_refused_and_never_breaks_it(value: object) -> None:
    with pytest.raises(Unusable):
        read(json.dumps(value), CHANGE)
