"""A new version of a value is checked, by the type checker and when it is made."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bot.domain.change import Phase, Pull
from bot.domain.frozen import revised
from tests.story import at

ROOT = Path(__file__).parents[2]

WRONG: tuple[dict[str, Any], ...] = (
    {"phaze": Phase.READY},
    {"phase": "ready"},
    {"rounds": "three"},
    {"notes": ["a list"]},
    {"pull": {"number": 7}},
    {"title": None},
)
SNIPPET = """
from bot.domain.change import Change, Phase
from bot.domain.frozen import revised

def right(change: Change) -> Change:
    return revised(change, phase=Phase.READY, rounds=1)

def misspelt(change: Change) -> Change:
    return revised(change, phaze=Phase.READY)

def of_another_type(change: Change) -> Change:
    return revised(change, rounds="three")
"""


def test_only_the_named_fields_are_new() -> None:
    before = at(Phase.READY).change
    pull = Pull(number=8, url="https://github.com/acme/till/pull/8", branch="b", head_sha="1" * 40)
    after = revised(before, rounds=2, pull=pull)
    assert (after.rounds, after.pull) == (2, pull)
    assert {**after.model_dump(), "rounds": 0, "pull": 0} == {**before.model_dump(), "rounds": 0, "pull": 0}
    assert type(before).model_validate_json(after.model_dump_json()) == after


@pytest.mark.parametrize("fields", WRONG, ids=str)
def test_a_misspelt_field_or_a_wrong_type_raises_before_anything_is_written(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        revised(at(Phase.READY).change, **fields)


def test_a_misspelt_field_or_a_wrong_type_is_an_error_of_the_type_checker(tmp_path: Path) -> None:
    (tmp_path / "snippet.py").write_text(SNIPPET)
    command = [sys.executable, "-m", "mypy", str(tmp_path / "snippet.py")]
    env = {**os.environ, "MYPYPATH": "."}  # as the whole house is checked, so that its cache serves here too
    checked = subprocess.run(command, check=False, cwd=ROOT, env=env, capture_output=True, text=True)
    errors = [line.split("error: ")[1] for line in checked.stdout.splitlines() if "error: " in line]
    assert errors == [
        'Unexpected keyword argument "phaze" for "replace" of "Change"; did you mean "phase"?  [call-arg]',
        'Argument "rounds" to "replace" of "Change" has incompatible type "str"; expected "int"  [arg-type]',
    ]
