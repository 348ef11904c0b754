"""TOML that is made to be slow to read is refused wherever a repository's files are read."""

from __future__ import annotations

import pytest

from workers.checks.plan import PolicyError
from workers.checks.plan.schema import parse
from workers.ecosystems.facts import Facts
from workers.ecosystems.python import packages_project
from workers.environment import recipe
from workers.formats import toml

SLOW = ".".join(["a"] * 100_000) + " = 1\n"


def test_a_key_of_many_parts_is_no_toml() -> None:
    with pytest.raises(ValueError, match="too many dots"):
        toml.loads(f'[tool]\nname = "x"\n{SLOW}')


def test_many_dots_in_many_lines_are_plain_toml() -> None:
    text = "".join(f'k{number} = "1.2.3.4"\n' for number in range(500))
    assert len(toml.loads(text)) == 500


def test_the_plan_sees_nothing_in_such_a_file() -> None:
    assert Facts(lambda _: SLOW.encode(), ["pyproject.toml"]).toml("pyproject.toml") == {}


def test_the_setup_sees_nothing_in_such_a_file() -> None:
    assert packages_project.toml(SLOW) == {}
    found = recipe.recipe(lambda _: SLOW.encode(), ["pyproject.toml", ".shipmate.toml"])
    assert found is None or not found.command


def test_such_a_policy_file_is_refused_in_a_sentence() -> None:
    with pytest.raises(PolicyError, match="nested too deeply"):
        parse(SLOW[:15_000].encode() + b" = 1\n")
