"""Changes whose tests report what is not so. What cannot be caught here is said in docs/evidence.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.verdict import Evidence, Verdict
from tests.workers.checks.town import Town
from workers.checks.evidence import UNHEARD

pytestmark = pytest.mark.attack("forged reports")

GOOD = "def price():\n    return 3\n"
BROKEN = "def price():\n    return 4\n"
TESTS = (
    "from shop import price\n\ndef test_price():\n    assert price() == 3\n\ndef test_more():\n    assert price() < 9\n"
)
BASE = {"pytest.ini": "[pytest]\n", "shop.py": GOOD, "tests/test_shop.py": TESTS}

ALL_PASS = """
import pytest

@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    made = yield
    report = made.get_result()
    report.outcome = "passed"
    report.longrepr = None
"""
DESELECTS = """
def pytest_collection_modifyitems(items):
    items[:] = [item for item in items if item.name != "test_price"]
"""
ENDS_WELL = """
def pytest_sessionfinish(session):
    session.exitstatus = 0
"""
LEAVES_AT_THE_END = """
import atexit, os
atexit.register(os._exit, 0)
"""
LEAVES_AT_ONCE = """
import os
print("2 passed in 0.01s", flush=True)
os._exit(0)
"""
WRITES_THE_REPORT = """
import os, sys
place = next(word.split("=", 1)[1] for word in sys.argv if word.startswith("--junitxml="))
names = ("test_price", "test_more")
cases = "".join(f'<testcase classname="tests.test_shop" name="{name}"/>' for name in names)
open(place, "w").write(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
print("2 passed in 0.01s", flush=True)
os._exit(0)
"""
WRITES_THE_USUAL_REPORT = WRITES_THE_REPORT.replace("os._exit(0)", "").replace(
    "place = next", "os.makedirs('.shipmate-reports', exist_ok=True)\nplace = '.shipmate-reports/pytest.xml'\n_ = next"
)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def forged(town: Town, **files: str) -> Evidence:
    head = {**BASE, "shop.py": BROKEN}
    head |= {name.replace("__", "/").replace("_dot_", "."): content for name, content in files.items()}
    return town.tried(BASE, head).evidence


@pytest.mark.parametrize(
    "place", ["conftest_dot_py", "tests__conftest_dot_py", "sitecustomize_dot_py", "shop_dot_py"], ids=str
)
@pytest.mark.parametrize(
    "attack", [WRITES_THE_REPORT, LEAVES_AT_ONCE, LEAVES_AT_THE_END], ids=["writes", "leaves", "leaves-late"]
)
def test_no_place_makes_a_forged_run_green(town: Town, place: str, attack: str) -> None:
    content = f"{BROKEN if place == 'shop_dot_py' else ''}{attack}"
    assert forged(town, **{place: content}).verdict is not Verdict.GREEN


@pytest.mark.parametrize("place", ["conftest_dot_py", "tests__conftest_dot_py"])
@pytest.mark.parametrize("attack", [ALL_PASS, WRITES_THE_REPORT], ids=["all-pass", "writes"])
def test_where_nothing_can_fail_any_more_the_planted_test_tells(town: Town, place: str, attack: str) -> None:
    found = forged(town, **{place: attack})
    assert found.verdict is Verdict.RED
    assert found.reasons[0] == UNHEARD


@pytest.mark.parametrize("attack", [ENDS_WELL, WRITES_THE_USUAL_REPORT], ids=["exit-status", "known-place"])
def test_what_the_report_says_counts(town: Town, attack: str) -> None:
    found = forged(town, conftest_dot_py=attack)
    assert found.verdict is Verdict.RED
    assert found.failing == ("tests.test_shop.test_price",)


def test_a_test_that_is_left_out_is_lost(town: Town) -> None:
    found = forged(town, conftest_dot_py=DESELECTS)
    assert found.lost == ("tests.test_shop.test_price",)


def test_options_that_leave_tests_out_lose_them(town: Town) -> None:
    found = forged(town, pytest_dot_ini="[pytest]\naddopts = -k more\n")
    assert found.lost == ("tests.test_shop.test_price",)


def test_a_run_that_goes_quiet_is_not_believed(town: Town) -> None:
    head = {**BASE, "pytest.ini": "[pytest]\naddopts = -qq\n"}
    assert town.tried(BASE, head).evidence.verdict is Verdict.UNPROVEN


def test_an_honest_change_of_how_tests_run_is_believed(town: Town) -> None:
    fixture = "import pytest\n\n@pytest.fixture\ndef basket():\n    return []\n"
    used = TESTS + "\ndef test_basket(basket):\n    assert basket == []\n"
    found = town.tried(BASE, {**BASE, "conftest.py": fixture, "tests/test_shop.py": used}).evidence
    assert found.verdict is Verdict.GREEN
    assert "planted" in town.opened


NODE = {
    "package.json": '{"type": "module", "scripts": {"test": "node --test"}}',
    "shop.js": "export const price = () => 3;\n",
    "test/shop.test.js": (
        'import assert from "node:assert";\nimport { test } from "node:test";\nimport { price } from "../shop.js";\n'
        'test("price", () => assert.equal(price(), 3));\n'
    ),
}


def test_a_node_test_that_leaves_before_it_has_run_is_lost(town: Town) -> None:
    head = {**NODE, "shop.js": "export const price = () => 4;\nprocess.exit(0);\n"}
    found = town.tried(NODE, head).evidence
    assert found.lost == ("price",)
    assert found.verdict is not Verdict.GREEN or found.lost


def test_the_planted_test_is_heard_from_node_too(town: Town) -> None:
    found = town.tried(NODE, {**NODE, "shop.js": "export const price = () => 1 + 2;\n"}).evidence
    assert found.verdict is Verdict.GREEN
    assert "planted" in town.opened
    assert "plantedbase" not in town.opened
