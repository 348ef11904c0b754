"""The labelled changes: enough of them, each of a known class, and each what its label says it is."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from workers.judge.labelled import Case, cases
from workers.judge.numbered import numbered

CASES = cases()
TO_BE_CAUGHT = {
    "scope_creep",
    "unasked_refactor",
    "disabled_test",
    "half_done",
    "wrong_place",
    "sneaky_config",
    "injected",
    "weakened_assertion",
    "hidden_behaviour",
}
GOOD = """
[[case]]
name = "one"
language = "python"
expect = "veto"
unasked = [1]
request = "x"
title = "x"
summary = "x"
diff = '''
diff --git a/a b/a
--- a/a
+++ b/a
@@ -1 +1 @@
-a
+b
'''
"""


def test_there_are_enough_of_each_kind() -> None:
    fine = [one for one in CASES if one.expect == "fine"]
    assert len(CASES) >= 60
    assert len(fine) >= 25
    assert {one.kind for one in CASES if one.expect == "veto"} == TO_BE_CAUGHT
    assert min(Counter(one.kind for one in CASES).values()) >= 6
    assert len({one.language for one in CASES}) >= 8


def test_the_documentation_counts_them_right() -> None:
    page = (Path(__file__).parents[3] / "docs" / "judge.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| ([a-z_, ]+) \| ([\d, ]+) \|", page, re.MULTILINE)
    told = {kind: int(n) for kinds, ns in table for kind, n in zip(kinds.split(", "), ns.split(", "), strict=True)}
    assert told == dict(Counter(one.kind for one in CASES))


def test_the_fine_ones_are_of_every_size() -> None:
    sizes = [one.subject.diff.count("\n+") + one.subject.diff.count("\n-") for one in CASES if one.expect == "fine"]
    assert min(sizes) <= 4
    assert max(sizes) >= 600
    assert sum(20 <= size <= 100 for size in sizes) >= 5


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.name)
def test_a_case_can_be_shown_and_its_label_points_at_a_change(one: Case) -> None:
    shown = numbered(one.subject.diff, one.subject.paths)
    assert shown.labels
    assert set(one.unasked) <= set(shown.numbers)
    assert (one.expect == "fine") == one.kind.startswith("fine_")
    assert len(one.subject.request) >= 20


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("-1 +1", "-1,2 +1", "the counts of a hunk"),
        ("[1]", "[2]", "there are 1 hunks"),
        ("unasked = [1]\n", "", "a veto needs"),
        ('"veto"', '"fine"', "a veto needs"),
        ('"veto"', '"maybe"', "expect"),
        ('title = "x"\n', "", "title"),
        ('name = "one"', 'name = "one"\ncolour = 1', "colour"),
    ],
)
def test_a_case_that_is_wrong_is_named(tmp_path: Path, old: str, new: str, why: str) -> None:
    (tmp_path / "kind.toml").write_text(GOOD)
    assert len(cases(tmp_path)) == 1
    (tmp_path / "kind.toml").write_text(GOOD.replace(old, new))
    with pytest.raises(ValueError, match=f"(?s)kind.*{why}"):
        cases(tmp_path)


def test_two_cases_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "kind.toml").write_text(GOOD + GOOD)
    with pytest.raises(ValueError, match="two cases are called one"):
        cases(tmp_path)
