"""A change is proven by the tests of what it is written in; what they do not cover is named, and is not green."""

from __future__ import annotations

import pytest

from bot.domain.verdict import Counts, Evidence, Proof, Verdict
from workers.checks import Plan
from workers.checks.evidence import limited
from workers.checks.plan import plan
from workers.checks.plan.touched import covers_any, owners

NODE = '{"scripts": {"test": "node --test"}}'
BOTH = {
    "pyproject.toml": "[tool.pytest.ini_options]\n",
    "app.py": "",
    "tests/test_1.py": "",
    "tests/test_2.py": "",
    "package.json": NODE,
    "web/total.js": "",
    "web/total.test.js": "",
}
BELOW = {
    "pyproject.toml": "[tool.pytest.ini_options]\n",
    "tests/test_1.py": "",
    "web/package.json": NODE,
    "web/src/total.js": "",
    "web/src/total.test.js": "",
}


def planned(files: dict[str, str], *near: str) -> Plan:
    return plan(lambda path: files[path].encode() if path in files else None, sorted(files), near)


@pytest.mark.parametrize(
    ("files", "near", "ecosystem", "folder", "uncovered"),
    [
        (BOTH, ["web/total.js"], "node", "", ()),
        (BOTH, ["app.py"], "python", "", ()),
        (BOTH, ["package.json"], "node", "", ()),
        (BOTH, ["app.py", "tests/test_1.py", "web/total.js"], "python", "", ("JavaScript (web/total.js)",)),
        (BOTH, ["README.md"], "python", "", ()),
        (BOTH, ["docs/conf.js", "app.py"], "python", "", ()),
        (BELOW, ["web/src/total.js"], "node", "web", ()),
        (BELOW, ["web/src/total.js", "tests/test_1.py"], "python", "", ("JavaScript (web/src/total.js)",)),
        (BELOW, ["static/app.js"], "python", "", ("JavaScript (static/app.js)",)),
        (BELOW, ["core/lib.rs"], "python", "", ("Rust (core/lib.rs)",)),
    ],
)
def test_the_tests_of_what_a_change_touches_run(
    files: dict[str, str], near: list[str], ecosystem: str, folder: str, uncovered: tuple[str, ...]
) -> None:
    made = planned(files, *near)
    assert (made.ecosystem, made.folder, made.uncovered) == (ecosystem, folder, uncovered)


def test_a_command_that_people_wrote_covers_the_repository() -> None:
    written = {**BOTH, ".shipmate.toml": '[checks]\ntest = "make check"\n'}
    assert planned(written, "web/total.js", "app.py").uncovered == ()


GREEN = Evidence(verdict=Verdict.GREEN, subject="t", counts=Counts(passed=3), reasons=("3 tests passed.",))


def test_green_of_one_part_is_not_green_of_another() -> None:
    found = limited(GREEN, ("JavaScript (web/total.js)",), covers_any=True)
    assert (found.verdict, found.uncovered) == (Verdict.UNPROVEN, ("JavaScript (web/total.js)",))
    assert found.reasons == ("No tests were run for its JavaScript (web/total.js).", "3 tests passed.")
    assert limited(GREEN, (), covers_any=True) == GREEN


def test_a_test_that_fails_without_the_change_covers_it_in_whatever_language() -> None:
    proven = GREEN.model_copy(update={"proof": Proof(state="proven", tests=("test_ext",))})
    assert limited(proven, ("C or C++ (src/ext.c)",), covers_any=False) == proven
    assert limited(proven, ("C or C++ (src/ext.c)",), covers_any=True).verdict is Verdict.UNPROVEN


def test_a_change_of_another_language_alone_is_covered_by_nothing() -> None:
    assert not covers_any(planned(BELOW, "core/lib.rs"), ["core/lib.rs", "tests/test_1.py"])
    assert owners("web/a.min.JS") == frozenset()
