"""Ways to keep a Python test from running or from failing, and edits of the same look that do neither."""

from __future__ import annotations

import pytest

from tests.workers.guards.looking import edited, rules

CAUSE = ({"src/a.py": "a = 1\n"}, {"src/a.py": "a = 2\n"})
TESTS = """import pytest
from calc import total

def test_sum():
    result = total([1, 2])
    assert result == 3

def test_empty():
    assert total([]) == 0
"""
CASES = """import unittest
class CalcTest(unittest.TestCase):
    def setUp(self):
        self.c = Calc()

    def test_a(self):
        self.assertEqual(self.c.sum(1, 2), 3)
"""
ROWS = "@pytest.mark.parametrize('a', [(1, 1), (2, 4)])\ndef test_a(a):\n    assert sq(a[0]) == a[1]\n"
NEAR = "def test_a():\n    assert f() == approx(0.5, abs=1e-6)\n    assert_allclose(g(), 1.0, rtol=1e-7)\n"
RAISES = "def test_a():\n    with pytest.raises(KeyError, match='bad'):\n        f()\n"
HELPER = "def check(r):\n    assert r.status == 200\n    assert r.body == 'ok'\n\ndef test_a():\n    check(get('/'))\n"


def changed(before: str, after: str, path: str = "tests/test_calc.py") -> set[str]:
    """The rules that an edit of tests met which came with an edit of source."""
    assert before != after
    return rules({path: before, **CAUSE[0]}, {path: after, **CAUSE[1]})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def test_empty", "later = pytest.mark.skip\n\n@later\ndef test_empty"),
        ("def test_empty", "@getattr(pytest.mark, 'sk' + 'ip')\ndef test_empty"),
        ("def test_empty", "@pytest.fixture\ndef test_empty"),
        ("def test_sum", "pytestmark: object = pytest.mark.skip('x')\n\ndef test_sum"),
        ("def test_sum", "pytestmark = []\npytestmark.append(pytest.mark.skip)\n\ndef test_sum"),
        ("from calc", "np = pytest.importorskip('numpy')\nfrom calc"),
        ("from calc", "if not os.environ.get('X'):\n    pytest.skip('x', allow_module_level=True)\nfrom calc"),
        ("def test_sum", "import unittest\nraise unittest.SkipTest\n\ndef test_sum"),
        ("    assert total([])", "    raise pytest.skip.Exception('x')\n    assert total([])"),
        ("def test_empty():", "@pytest.mark.parametrize('x', [])\ndef test_empty(x):"),
        ("def test_empty", "@pytest.fixture(autouse=True)\ndef off():\n    pytest.skip('x')\n\ndef test_empty"),
        ("def test_empty():", "@pytest.fixture\ndef off():\n    pytest.skip('x')\n\ndef test_empty(off):"),
        ("def test_empty():\n    ", "if sys.platform == 'win32':\n  def test_empty():\n    "),
    ],
)
def test_whatever_skips_a_test_is_held(old: str, new: str) -> None:
    assert "test-skipped" in changed(TESTS, TESTS.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("        self.c = Calc()", "        self.c = Calc()\n        self.skipTest('x')"),
        (
            "    def setUp",
            "    @classmethod\n    def setUpClass(cls):\n        raise unittest.SkipTest('x')\n\n    def setUp",
        ),
    ],
)
def test_what_runs_before_every_test_and_skips_it_is_held(old: str, new: str) -> None:
    assert "test-skipped" in changed(CASES, CASES.replace(old, new))


@pytest.mark.parametrize(
    "line",
    [
        "assert result == result",
        "assert round(len(str(result))) == 1",
        "assert len(str(result)) == 1",
        "try:\n        assert result == 3\n    finally:\n        return",
        "if result == 3:\n        assert result == 3",
        "while False:\n        assert result == 3",
        "for _ in []:\n        assert result == 3",
        "def inner():\n        assert result == 3",
        "with pytest.raises(AssertionError):\n        assert result == 3",
        "if not __debug__:\n        assert result == 3",
        "if CI:\n        return\n    assert result == 3",
        "yield\n    assert result == 3",
        "check = lambda: result == 3",
    ],
)
def test_an_assertion_that_asks_for_less_or_is_not_reached_is_held(line: str) -> None:
    assert "test-loosened" in changed(TESTS, TESTS.replace("assert result == 3", line))


@pytest.mark.parametrize(
    ("before", "old", "new"),
    [
        (CASES, "assertEqual(self.c.sum(1, 2), 3)", "assertIsInstance(self.c.sum(1, 2), int)"),
        (CASES, "assertEqual(self.c.sum(1, 2), 3)", "assertGreaterEqual(self.c.sum(1, 2), 0)"),
        (NEAR, "abs=1e-6", "0.9"),
        (NEAR, "rtol=1e-7", "atol=100"),
        (RAISES, "match='bad'", "match='.*'"),
        (RAISES, "        f()", "        raise KeyError('bad')"),
        (HELPER, "r.body == 'ok'", "r.body"),
        (HELPER, "    assert r.status == 200\n    assert r.body == 'ok'\n", "    pass\n"),
        (f"CASES = [(1, 1), (2, 4)]\n{ROWS.replace('[(1, 1), (2, 4)]', 'CASES')}", ", (2, 4)", ""),
        ("def test_a():\n    for a in [1, 2, 3]:\n        assert f(a) == a\n", ", 3", ""),
    ],
)
def test_what_is_weaker_by_a_word_is_held(before: str, old: str, new: str) -> None:
    assert "test-loosened" in changed(before, before.replace(old, new))


@pytest.mark.parametrize("mark", ["skip", "xfail"])
def test_a_case_that_is_skipped_is_held(mark: str) -> None:
    after = ROWS.replace("(2, 4)", f"pytest.param((2, 4), marks=pytest.mark.{mark})")
    assert "test-skipped" in changed(ROWS, after)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("(unittest.TestCase)", "(object)", "test-deleted"),
        ("    def setUp", "    def run(self, result=None):\n        pass\n\n    def setUp", "result-rewritten"),
        ("    def setUp", "    def assertEqual(self, a, b):\n        pass\n\n    def setUp", "result-rewritten"),
        ("        self.assertEqual(self.c.sum(1, 2), 3)", "        self.c.sum(1, 2)", "test-loosened"),
    ],
)
def test_a_class_of_tests_that_tests_no_more_is_held(old: str, new: str, rule: str) -> None:
    assert rule in changed(CASES, CASES.replace(old, new))


@pytest.mark.parametrize("end", ["globals().pop('test_empty')", "def load_tests(a, b, c):\n    return b"])
def test_tests_that_are_taken_away_at_the_end_are_held(end: str) -> None:
    assert "deselected" in changed(TESTS, f"{TESTS}\n{end}\n")


@pytest.mark.parametrize("path", ["tests/calc_checks.py", "tests/test_calc.py.bak", "checks/calc.py"])
def test_a_file_moved_to_where_no_tool_looks_is_held(path: str) -> None:
    assert "test-deleted" in rules({"tests/test_calc.py": TESTS}, {path: TESTS})


def test_a_decorator_that_swallows_failures_is_held() -> None:
    quiet = (
        "def quiet(f):\n    def run():\n        try:\n            f()\n        except Exception:\n"
        "            pass\n    return run\n\n"
    )
    assert "test-loosened" in changed(TESTS, TESTS.replace("def test_empty", f"{quiet}@quiet\ndef test_empty"))


def test_replacing_code_in_an_old_test_is_told() -> None:
    found = changed(
        TESTS, TESTS.replace("test_sum():", "test_sum(monkeypatch):\n    monkeypatch.setattr('calc.total', f)")
    )
    assert "test-mocked" in found


@pytest.mark.parametrize(
    "after",
    [
        TESTS.replace("    result = total([1, 2])\n    assert result == 3", "    assert total([1, 2]) == 3"),
        TESTS.replace("    assert total([]) == 0", "    nothing = total([])\n    assert nothing == 0"),
        TESTS.replace("result == 3", "result == 3, 'the sum is wrong'"),
        TESTS + "\ndef test_more():\n    try:\n        f()\n    except TypeError:\n        pass\n    else:\n"
        "        pytest.fail('no')\n",
        TESTS + "\ndef test_more():\n    for n in range(3):\n        if n == 2:\n            break\n"
        "        assert f(n) == n\n",
        TESTS.replace("def test_empty", "@pytest.mark.asyncio\nasync def test_empty"),
        "import unittest\n\nclass T(unittest.TestCase):\n    def test_sum(self):\n"
        "        self.assertEqual(total([1, 2]), 3)\n\n"
        "    def test_empty(self):\n        self.assertEqual(total([]), 0)\n",
        TESTS.replace("result == 3", "result == 4"),
    ],
)
def test_ordinary_edits_of_tests_are_not_held(after: str) -> None:
    assert changed(TESTS, after) <= {"expectation-changed", "test-new-skipped", "test-vacuous"}


def test_tests_that_go_to_another_file_of_tests_are_not_gone() -> None:
    both = {"tests/test_calc.py": TESTS, "tests/test_more.py": "def test_more():\n    assert f() == 1\n"}
    joined = {"tests/test_calc.py": TESTS + "\ndef test_more():\n    assert f() == 1\n"}
    assert rules(both, joined) == set()
    assert rules({"tests/test_calc.py": TESTS}, {"tests/unit/test_calc.py": TESTS}) == set()


def test_examples_in_documentation_are_tests_too() -> None:
    before = "def f(a):\n    '''Double.\n\n    >>> f(2)\n    4\n    '''\n    return a * 2\n"
    assert "test-skipped" in edited("src/f.py", before, before.replace(">>> f(2)", ">>> f(2)  # doctest: +SKIP"))


def test_thousands_of_changed_assertions_are_compared_without_end() -> None:
    before = "def test_a():\n" + "".join(f"    assert f({n}) == {n}\n" for n in range(3000))
    after = "def test_a():\n" + "".join(f"    assert g{n}(x) is not None\n" for n in range(3000))
    assert "test-loosened" in changed(before, after)


def test_tests_that_became_rows_of_a_table_are_not_deleted() -> None:
    before = "def test_a():\n    assert f('a') == 1\n\ndef test_b():\n    assert f('b') == 22\n"
    table = "@pytest.mark.parametrize(('x', 'y'), [('a', 1), ('b', 22)])\ndef test_f(x, y):\n    assert f(x) == y\n"
    assert "test-deleted" not in edited("tests/test_a.py", before, table)
    assert "test-deleted" in edited("tests/test_a.py", before, table.replace(", ('b', 22)", ""))
    assert "test-deleted" in edited("tests/test_a.py", before, table.replace("'b', 22", "'b', 2"))
    assert "test-deleted" in edited("tests/test_a.py", before, table.replace("f(x)", "g(x)"))
    assert "test-deleted" in edited("tests/test_a.py", before, f"@pytest.mark.skip\n{table}")


def test_a_test_renamed_with_what_it_tests_is_not_deleted() -> None:
    before = "def test_get():\n    assert get(1) == 2\n"
    renamed = "def test_load():\n    assert load(1) == 2\n"
    assert edited("tests/test_a.py", before, renamed) == set()
    assert "test-deleted" in edited("tests/test_a.py", before, renamed.replace("2", "3"))
