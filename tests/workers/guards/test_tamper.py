"""The tamper alarm on tests: deleted, skipped, alone, loosened; and what is no tampering."""

from __future__ import annotations

import pytest

from tests.workers.guards.languages import LANGUAGES
from tests.workers.guards.looking import added, edited, look, rules

PY = """
import pytest

def test_total_includes_tax():
    cart = Cart()
    cart.add("tea", 2)
    assert cart.total() == 242
    assert cart.lines() == ["tea"]


def test_empty():
    assert Cart().total() == 0
"""
SOURCE: dict[str, bytes | str] = {"src/cart.py": "RATE = 1\n"}
CHANGED: dict[str, bytes | str] = {"src/cart.py": "RATE = 2\n"}


def py(old: str, new: str) -> set[str]:
    assert old in PY
    return edited("tests/test_cart.py", PY, PY.replace(old, new))


def test_nothing_is_said_of_a_new_test_or_another_assertion() -> None:
    assert py("assert cart.lines()", "assert cart.size() == 1\n    assert cart.lines()") == set()
    assert added("tests/test_cart.py", PY) == set()


def test_a_deleted_test_is_held() -> None:
    assert py("def test_empty():\n    assert Cart().total() == 0\n", "") == {"test-deleted"}
    assert rules({"tests/test_cart.py": PY}, {}) == {"test-deleted"}


@pytest.mark.parametrize("name", ["_test_empty", "check_empty", "xtest_empty"])
def test_a_test_that_is_no_longer_collected_is_gone(name: str) -> None:
    assert "test-deleted" in py("def test_empty", f"def {name}")


def test_a_renamed_a_moved_and_a_reformatted_test_are_not_gone() -> None:
    assert py("test_empty", "test_nothing_costs_nothing") == set()
    assert rules({"tests/test_cart.py": PY}, {"tests/cart/test_total.py": PY}) == set()
    tail = "def test_empty():\n    assert Cart().total() == 0\n"
    assert (
        rules({"tests/test_cart.py": PY}, {"tests/test_cart.py": PY.replace(tail, ""), "tests/test_b.py": tail})
        == set()
    )
    assert (
        py('    assert cart.lines() == ["tea"]', "    assert (\n        cart.lines()  # all\n        == ['tea']\n    )")
        == set()
    )


def test_a_test_file_moved_where_no_test_is_looked_for_is_gone() -> None:
    assert "test-deleted" in rules({"tests/test_cart.py": PY}, {"attic/cart.py": PY})


@pytest.mark.parametrize(
    "mark",
    [
        "@pytest.mark.skip",
        "@pytest.mark.skip(reason='flaky')",
        "@pytest.mark.xfail",
        "@pytest.mark.skipif(True, reason='x')",
        "@unittest.skip('x')",
        "@unittest.expectedFailure",
    ],
)
def test_a_skipped_test_is_held(mark: str) -> None:
    assert py("def test_empty", f"{mark}\ndef test_empty") == {"test-skipped"}
    assert added("tests/test_new.py", f"import pytest\n{mark}\ndef test_a():\n    assert f() == 1\n") == {
        "test-new-skipped"
    }


@pytest.mark.parametrize(
    "line", ["pytest.skip('later')", "pytest.xfail('x')", "self.skipTest('x')", "raise unittest.SkipTest('x')"]
)
def test_a_test_that_skips_itself_is_held(line: str) -> None:
    assert py("    cart = Cart()", f"    {line}\n    cart = Cart()") == {"test-skipped"}


@pytest.mark.parametrize(
    "line", ["pytestmark = pytest.mark.skip", "pytest.skip('x', allow_module_level=True)", "__test__ = False"]
)
def test_a_skipped_file_is_held(line: str) -> None:
    assert py("import pytest\n", f"import pytest\n{line}\n") == {"test-skipped"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('    assert cart.lines() == ["tea"]\n', ""),
        ("assert cart.total() == 242", "assert True"),
        ("assert cart.total() == 242", "assert cart.total()"),
        ("assert cart.total() == 242", "assert cart.total() is not None"),
        ("assert cart.total() == 242", "assert cart.total() == 242 or True"),
        ("assert cart.total() == 242", "assert cart.total() > 0"),
        ("assert cart.total() == 242", "assert cart.total() == pytest.approx(242, abs=100)"),
        ("assert cart.total() == 242", "try:\n        assert cart.total() == 242\n    except Exception:\n        pass"),
        ("assert cart.total() == 242", "with contextlib.suppress(AssertionError):\n        assert cart.total() == 242"),
        ("assert cart.total() == 242", "if False:\n        assert cart.total() == 242"),
        ("    cart = Cart()", "    return\n    cart = Cart()"),
        ("assert cart.total() == 242", "# assert cart.total() == 242"),
        ("assert cart.total() == 242", "print(cart.total() == 242)"),
    ],
)
def test_a_loosened_test_is_held(old: str, new: str) -> None:
    assert "test-loosened" in py(old, new)


def test_wider_tolerances_broader_exceptions_and_fewer_cases_are_held() -> None:
    before = (
        "import pytest\n@pytest.mark.parametrize('n', [1, 2, 3])\ndef test_a(n):\n"
        "    assert f(n) == pytest.approx(1, abs=0.01)\n"
        "    with pytest.raises(ValueError, match='no'):\n        f(-1)\n"
        "    self.assertAlmostEqual(f(2), 3, places=7)\n"
    )
    for old, new in (
        ("abs=0.01", "abs=0.5"),
        ("ValueError, match='no'", "Exception"),
        ("[1, 2, 3]", "[1]"),
        ("places=7", "places=1"),
    ):
        assert edited("tests/test_a.py", before, before.replace(old, new)) == {"test-loosened"}


def test_a_changed_expectation_is_held_unless_source_changed_with_it() -> None:
    before, after = {"tests/test_cart.py": PY}, {"tests/test_cart.py": PY.replace("242", "200")}
    assert rules({**before}, {**after}) == {"expectation-changed-alone"}
    assert rules({**before, **SOURCE}, {**after, **CHANGED}) == {"expectation-changed"}


def test_an_assertion_that_moved_to_another_test_is_not_lost() -> None:
    new = PY.replace('    assert cart.lines() == ["tea"]\n', "")
    new += '\n\ndef test_lines():\n    cart = Cart()\n    assert cart.lines() == ["tea"]\n'
    assert edited("tests/test_cart.py", PY, new) == set()


def test_a_new_test_that_cannot_fail_is_told() -> None:
    assert added("tests/test_new.py", "def test_a():\n    f()\n    assert True\n") == {"test-vacuous"}
    assert added("web/a.test.js", "test('a', () => {\n  expect(true).toBe(true);\n});\n") == {"test-vacuous"}


def test_source_that_python_cannot_read_is_no_crash() -> None:
    assert edited("tests/test_cart.py", PY, "def broken(:\n") == {"test-deleted"}


@pytest.mark.parametrize(
    ("path", "old", "new", "rule"), [(path, *case) for path, (_, cases) in LANGUAGES.items() for case in cases]
)
def test_tampering_is_seen_in_every_language(path: str, old: str, new: str, rule: str) -> None:
    before = LANGUAGES[path][0]
    assert old in before
    found = edited(path, before, before.replace(old, new, 1))
    assert rule in found


@pytest.mark.parametrize("path", sorted(LANGUAGES))
def test_a_moved_test_of_any_language_is_not_gone(path: str) -> None:
    before = LANGUAGES[path][0]
    assert rules({path: before}, {path.replace("cart", "carton").replace("Cart", "Carton"): before}) == set()


def test_names_of_tests_are_spelled_in_the_sentence() -> None:
    found = look({"a.test.js": "test('x\u202ey', () => {\n  expect(a).toBe(1);\n});\n"}, {"a.test.js": "let a;\n"})
    assert "x<U+202E>y" in found[0].words
