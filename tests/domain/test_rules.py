"""Which repository is meant, from the words of a request."""

from __future__ import annotations

import pytest

from bot.domain.change import Phase
from bot.domain.effects import Prepare, React, ShowCard
from bot.domain.rules import Rules, default_repository, named_repository
from tests.story import TWO, asked, told

RULES = Rules(
    repositories=("acme/till", "acme/site", "tools/build.kit"),
    channels={"C0SHOP": "acme/till", "#web": "acme/site"},
)


@pytest.mark.parametrize(
    ("text", "served"),
    [
        ("Fix the total in acme/till", "acme/till"),
        ("acme/site: make the header smaller", "acme/site"),
        ("in `acme/till` the total is wrong", "acme/till"),
        ("ACME/Till has a wrong total", "acme/till"),
        ("Fix the total in acme/till.", "acme/till"),
        ("speed up tools/build.kit please", "tools/build.kit"),
        ("see https://github.com/acme/site/issues/3 and fix it", "acme/site"),
        ("fix <https://github.com/acme/till|the till>", "acme/till"),
        ("clone https://github.com/acme/till.git and fix it", "acme/till"),
        ("Round the total in till", "acme/till"),
        ("Round the total, repo site", "acme/site"),
    ],
)
def test_a_served_repository_is_recognised(text: str, served: str) -> None:
    assert named_repository(RULES, text) == (served, None)


@pytest.mark.parametrize(
    ("text", "unserved"),
    [
        ("Fix the total in repo other/bank", "other/bank"),
        ("Fix the total, repository: other/bank please", "other/bank"),
        ("Fix the total in the other/bank repository", "other/bank"),
        ("Fix the total in acme/bank", "acme/bank"),
        ("Add a test to acme/bank.", "acme/bank"),
    ],
)
def test_a_repository_that_is_not_served_is_named_back(text: str, unserved: str) -> None:
    assert named_repository(RULES, text) == (None, unserved)


@pytest.mark.parametrize(
    "text",
    [
        "Make the total include tax",
        "Fix src/app and the tests",
        "Fix the rounding in src/till.py",
        "Update the repository README in docs/readme.md",
        "Use and/or in the help text",
        "Look at https://example.org/acme for colours",
        "open 24/7",
        "myacme/till-old is gone",
        "acme/tillage is another word",
        "",
    ],
)
def test_a_path_is_not_taken_for_a_repository(text: str) -> None:
    assert named_repository(RULES, text) == (None, None)


@pytest.mark.parametrize(
    ("channel", "name", "repository"),
    [("C0SHOP", "shop", "acme/till"), ("C0WEB", "web", "acme/site"), ("C0ANY", "any", None), ("D0ANA", "", None)],
)
def test_a_channel_has_its_default(channel: str, name: str, repository: str | None) -> None:
    assert default_repository(RULES, channel, name) == repository


def test_one_repository_is_every_channels_default() -> None:
    assert default_repository(Rules(repositories=("acme/till",)), "C0ANY", "any") == "acme/till"


def test_two_repositories_and_no_default_ask_which_one() -> None:
    story = told(asked(), rules=TWO)
    assert story.change.phase is Phase.RECEIVED
    assert story.last.effects == (React(name="eyes"), ShowCard())
    assert story.change.question is not None
    assert story.change.question.options == TWO.repositories


def test_one_repository_starts_the_work_at_once() -> None:
    story = told(asked())
    assert story.change.phase is Phase.PREPARING
    assert story.last.effects == (React(name="eyes"), ShowCard(), Prepare())
    assert story.change.repository == "acme/till"
