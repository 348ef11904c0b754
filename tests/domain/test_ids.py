"""Names are computed, and a button's value says nothing by itself."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.domain import ids
from bot.domain.change import Phase
from tests.story import asked, at, moved, place, told


def test_one_thread_is_one_change() -> None:
    assert ids.change_id(place()) == ids.change_id(place().model_copy(update={"message_ts": "1700000000.000900"}))
    assert ids.change_id(place()) != ids.change_id(place("1700000000.000101"))
    assert ids.change_id(place()) != ids.change_id(place(channel="C0WEB"))


def test_an_id_never_changes_between_releases() -> None:
    assert ids.change_id(place()) == "ctvcgvbomcg6v"


@given(st.text(max_size=200))
def test_any_request_makes_a_branch_that_git_accepts(text: str) -> None:
    change = told(asked()).change.model_copy(update={"request": text})
    branch = ids.branch(change)
    assert re.fullmatch(r"shipmate/[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", branch)
    assert "--" not in branch
    assert branch.endswith(f"-{change.id}")
    assert len(branch) < 80


def test_two_changes_with_one_wording_have_two_branches() -> None:
    here, there = told(asked()), told(asked(at=place("1700000000.000200")))
    assert here.change.branch != there.change.branch


def test_a_button_value_reads_back() -> None:
    story = at(Phase.READY)
    assert ids.read_press_value(ids.press_value(story.change)) == (story.change.id, story.seen)


@given(st.text(max_size=100))
def test_a_foreign_button_value_is_refused_or_plain(value: str) -> None:
    found = ids.read_press_value(value)
    assert found is None or all(part.isalnum() for part in found)


def test_what_a_card_shows_changes_with_the_head_and_the_merge() -> None:
    ready, merged, undoing = at(Phase.READY), at(Phase.MERGED), at(Phase.UNDONE)
    pushed = at(Phase.READY).lives(moved())
    assert len({ready.seen, merged.seen, undoing.seen, pushed.seen}) == 4
