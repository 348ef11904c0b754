"""Failures that were staged to look like proofs, and failures of a busy hour that look like old ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.verdict import Evidence, Verdict
from tests.workers.checks.town import Town

CODE = "def price():\n    return 3\n"
MORE = CODE + "\ndef tax():\n    return 1\n"
OLD = "from shop import price\n\ndef test_price():\n    assert price() == 3\n"
EMPTY_TEST = "def test_nothing():\n    assert 1 + 1 == 2\n"
BASE = {"pytest.ini": "[pytest]\n", "shop.py": CODE, "tests/test_shop.py": OLD}
FAILS_WITHOUT = """
import pathlib, pytest

@pytest.fixture(autouse=True)
def fresh():
    assert "tax" in pathlib.Path("shop.py").read_text()
"""
FIXTURE = """
import pytest, shop

@pytest.fixture
def levy():
    return shop.tax()
"""
HONEST = "def test_levy(levy):\n    assert levy == 1\n"
LEAVES = "import shop\nif not hasattr(shop, 'tax'):\n    raise SystemExit(1)\n\n" + EMPTY_TEST
ASSERTS = "import shop\nassert hasattr(shop, 'tax')\n\n" + EMPTY_TEST
DIES = "import os, shop\nif not hasattr(shop, 'tax'):\n    os._exit(1)\n\n" + EMPTY_TEST


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def proof_of(found: Evidence) -> tuple[str, tuple[str, ...]]:
    assert found.verdict is Verdict.GREEN, found.reasons
    assert found.proof is not None
    return found.proof.state, found.proof.tests


def test_a_set_up_of_tests_that_fails_without_the_change_proves_nothing(town: Town) -> None:
    head = {**BASE, "shop.py": MORE, "tests/conftest.py": FAILS_WITHOUT, "tests/test_nothing.py": EMPTY_TEST}
    found = town.tried(BASE, head).evidence
    assert proof_of(found) == ("unproven", ())
    assert found.proof is not None
    assert "own set-up of tests" in found.proof.why
    assert "plain" in town.opened


def test_a_test_that_needs_a_new_fixture_is_proven_all_the_same(town: Town) -> None:
    head = {**BASE, "shop.py": MORE, "tests/conftest.py": FIXTURE, "tests/test_levy.py": HONEST}
    assert proof_of(town.tried(BASE, head).evidence) == ("proven", ("tests.test_levy.test_levy",))


@pytest.mark.parametrize("module", [LEAVES, ASSERTS, DIES], ids=["leaves", "asserts", "dies"])
def test_a_module_of_tests_that_gives_up_without_the_change_proves_nothing(town: Town, module: str) -> None:
    head = {**BASE, "shop.py": MORE, "tests/test_nothing.py": module}
    assert proof_of(town.tried(BASE, head).evidence)[0] == "unproven"


def test_a_failure_of_the_base_is_asked_for_again_before_it_excuses_anything(town: Town) -> None:
    """What failed twice in a busy hour and passes now is no old failure, and its passing is no proof."""
    bad = "def test_bad():\n    assert False\n"
    base = {**BASE, "tests/test_bad.py": bad}
    head = {**base, "shop.py": MORE}
    first = town.tried(base, head).evidence
    assert first.old_failing == ("tests.test_bad.test_bad",)
    assert "baseasked" not in town.opened
    again = town.tried(base, head).evidence
    assert again.old_failing == ("tests.test_bad.test_bad",)
    assert town.opened.count("baseasked") == 1
    town.tried(base, head)
    assert town.opened.count("baseasked") == 1


def test_what_is_kept_of_the_base_and_passes_now_counts_against_the_change(town: Town) -> None:
    quiet = {**BASE, "tests/test_shop.py": OLD}
    busy = {**BASE, "tests/test_shop.py": OLD.replace("== 3", "== 9")}
    broken = {**quiet, "shop.py": CODE.replace("3", "4")}
    town.tried(busy, busy)  # the hour in which the base's test failed, each time
    found = town.tried(quiet, broken).evidence
    assert found.verdict is Verdict.RED
    assert found.old_failing == ()
