"""Characters that hide, turn or disguise, and those that are at home."""

from __future__ import annotations

import pytest

from tests.workers.guards.looking import added, edited

HEBREW, ARABIC = "\u05e9\u05dc\u05d5\u05dd", "\u0645\u0631\u062d\u0628\u0627"


@pytest.mark.parametrize(
    "line",
    [
        "access = 'user\u202e \u2066// admin\u2069 \u2066'",
        "x = 1 # \u2067end\u2069",
        f"title = '\u202b{HEBREW}\u202c'",
        "a = 'x\u200fy'",
    ],
)
def test_turned_text_in_code_is_blocked(line: str) -> None:
    assert added("a.py", f"{line}\n") == {"bidi"}


@pytest.mark.parametrize(
    "line",
    ["x\u200by = 1", "f(\u3164)", "a\u2060b()", "// x \u2028 evil()", "name\u200d = 2", "s = '\U000e0041\U000e0042'"],
)
def test_invisible_characters_in_code_are_blocked(line: str) -> None:
    assert added("a.js", f"{line}\n") == {"hidden"}


def test_bytes_in_variation_selectors_are_blocked_even_in_prose() -> None:
    assert added("README.md", "hi \U0001f600\ufe01\ufe02\ufe03\n") == {"hidden"}


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (
            "src/a.js",
            "const s = '\U0001f469\u200d\U0001f4bb \u2764\ufe0f\u200d\U0001f525 \U0001f44d\U0001f3fd 1\ufe0f\u20e3'",
        ),
        ("src/a.py", "flag = '\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f'"),
        ("locale/fa.po", 'msgstr "\u0645\u06cc\u200c\u0631\u0648\u0645"'),
        ("src/a.py", "hindi = '\u0915\u094d\u200d\u0937'"),
        ("locale/ar.po", f'msgstr "{ARABIC}"'),
        ("docs/he.md", HEBREW),
        ("src/i18n.py", f"greeting = '{HEBREW}'"),
        ("a.py", "π = 3.14; Δx = 2; µs = 1; name = 'Иван'; ns = 'naïve Straße'"),
        ("src/a.ts", "\ufeffimport x from 'x'"),
        ("a.md", "日本語、中文，한국어"),
    ],
)
def test_characters_that_are_at_home_are_no_finding(path: str, line: str) -> None:
    assert added(path, f"{line}\n") == set()


@pytest.mark.parametrize("path", ["locale/he.json", "docs/he.md", "po/ar.po"])
def test_marks_in_right_to_left_prose_are_told(path: str) -> None:
    assert added(path, f"{HEBREW}\u200f (x) \u2067{HEBREW}\u2069\n") == {"bidi-prose"}


def test_an_override_is_blocked_even_in_a_translation() -> None:
    assert added("locale/he.po", f"\u202e{HEBREW}\u202c\n") == {"bidi"}


@pytest.mark.parametrize(
    "line",
    [
        "usеr = admin()",
        "def сheck(): pass",
        "ехес(x)",
        "\U0001d4ee\U0001d4ed = 1; \U0001d5be\U0001d5d1\U0001d5be\U0001d5bc(x)",
    ],
)
def test_a_disguised_name_in_code_is_found(line: str) -> None:
    assert "homoglyph" in added("a.py", f"{line}\n")


def test_a_name_of_two_scripts_is_blocked() -> None:
    assert added("a.py", "us\u0435r = 1\n") == {"homoglyph"}
    assert added("a.md", "us\u0435r\n") == {"homoglyph-prose"}


def test_what_the_file_held_already_is_nobodys_fault_now() -> None:
    assert edited("a.py", "x = 'a\u202eb'\ny = 1\n", "y = 2\nx = 'a\u202eb'\n") == set()


def test_control_characters_are_told() -> None:
    assert added("a.sh", "echo \x1b[8m hidden\n") == {"control"}
