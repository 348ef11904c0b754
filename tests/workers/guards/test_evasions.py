"""Changes written to slip past the guards: broken lines, far right, other names, other spellings."""

from __future__ import annotations

import base64
import codecs
import json

import pytest

from tests.workers.guards.looking import added, edited, rules
from workers.formats import toml

pytestmark = pytest.mark.attack("evasions")

SECRET = "xk93-Tq7Lm_0pZvB/81+Qa"
RAW = SECRET.encode()
MAKE = "test:\n\tpytest -q\n"
PYPROJECT = '[tool.pytest.ini_options]\naddopts = "-q"\n[project]\nname = "a"\n'
TESTS = "from cart import total\n\ndef test_total():\n    assert total(100) == 121\n    assert total(0) == 0\n"


@pytest.mark.parametrize(
    "recipe",
    [
        "test:\n\tpytest -q \\\n\t\t|| true\n",
        "test:\n\t-pytest -q\n",
        "test:\n\t@-pytest -q\n",
        "test:\n\t-$(MAKE) check\n",
        "test:\n\t-./build/run-all\n",
        "test: ; -pytest -q\n",
        ".IGNORE:\ntest:\n\tpytest -q\n",
        "MAKEFLAGS += -i\ntest:\n\tpytest -q\n",
        "SHELL := /bin/true\ntest:\n\tpytest -q\n",
        "test:\n\t! pytest -q\n",
        "test:\n\tif pytest -q; then :; fi\n",
        "test:\n\tpytest -q || (exit 0)\n",
        "test:\n\tpytest -q || { true; }\n",
        "test:\n\tpytest -q || printf ''\n",
        "test:\n\ttrue || pytest -q\n",
        "test:\n\t@echo ok\n",
        "test:\n\t" + " " * 1100 + "pytest -q || true\n",
        "test:\n\tA=" + "x" * 1100 + " pytest -q || true\n",
    ],
)
def test_a_recipe_that_cannot_fail_is_held(recipe: str) -> None:
    assert "forced" in edited("Makefile", MAKE, recipe)


def test_a_command_whose_failure_make_ignores_from_now_on_is_held() -> None:
    before = "prove:\n\t./prove.sh all\nclean:\n\trm -rf build\n"
    assert "forced" in edited("Makefile", before, before.replace("./", "-./"))
    assert edited("Makefile", before, before.replace("rm", "-rm")) == set()


@pytest.mark.parametrize(
    "recipe",
    [
        "test:\n\tpytest -q -x\n",
        "test:\n\tpytest -q \\\n\t\t--strict-markers\n",
        "test:\n\tpytest -q \\\n\t  --strict-markers\n",
        "clean:\n\t-rm -rf build\ntest:\n\tpytest -q\n",
        "test: build\n\tpytest -q\nbuild:\n\tmkdir -p dist || true\n",
    ],
)
def test_an_ordinary_recipe_is_no_finding(recipe: str) -> None:
    assert edited("Makefile", MAKE, recipe) == set()


@pytest.mark.parametrize(
    ("path", "before", "after", "rule"),
    [
        ("Makefile", MAKE, "test:\n\tpytest --co -q\n", "deselected"),
        ("Makefile", MAKE, "test:\n\tpytest -p evil -q\n", "deselected"),
        ("tox.ini", "[testenv]\ncommands = pytest\n", "[testenv]\ncommands = - pytest\n", "forced"),
        ("tox.ini", "[testenv]\ncommands = pytest\n", "[testenv]\nsetenv = PYTEST_ADDOPTS=--co\n", "deselected"),
        ("noxfile.py", 's.run("pytest")\n', 's.run("pytest", success_codes=[0, 1])\n', "forced"),
        ("pyproject.toml", PYPROJECT, PYPROJECT.replace("-q", "-q -p evil"), "settings-weakened"),
        ("pyproject.toml", PYPROJECT, PYPROJECT.replace("-q", "-q --noconftest"), "settings-weakened"),
        ("pyproject.toml", PYPROJECT, PYPROJECT.replace("-q", "-q -c other.ini"), "settings-weakened"),
        ("pyproject.toml", PYPROJECT, PYPROJECT + '[project.entry-points.pytest11]\ne = "e"\n', "conftest"),
        ("pyproject.toml", PYPROJECT, PYPROJECT + '[tool.hatch.build.hooks.custom]\npath = "e"\n', "install-code"),
        ("pyproject.toml", PYPROJECT, PYPROJECT + '[tool.poetry.build]\nscript = "e"\n', "install-code"),
        ("setup.cfg", "[metadata]\n", "[metadata]\n[options.entry_points]\npytest11 =\n  e = e\n", "conftest"),
        ("setup.cfg", "[metadata]\n", "[metadata]\n[easy_install]\nindex_url = https://x.org\n", "index-changed"),
        ("package.json", '{"jest": {}}', '{"jest": {"testRunner": "./own.js"}}', "settings-weakened"),
        ("package.json", "{}", '{"packageManager": "yarn@https://x.org/y.js"}', "index-settings"),
        (
            "package.json",
            '{"dependencies": {"lodash": "^4"}}',
            '{"dependencies": {"lodash": "npm:evil@1"}}',
            "dependency-added",
        ),
        (
            "tsconfig.json",
            '{/* a\n b */"compilerOptions": {"strict": true}}',
            '{/* a\n b */"compilerOptions": {"strict": false}}',
            "settings-weakened",
        ),
        (
            "tsconfig.json",
            '\ufeff{"compilerOptions": {"strict": true}}',
            '\ufeff{"compilerOptions": {"strict": false}}',
            "settings-weakened",
        ),
        ("tsconfig.json", '{"extends": "x/strictest"}', '{"compilerOptions": {}}', "settings-weakened"),
        ("eslint.config.js", "export default [\n]\n", 'export default [{ignores: ["src/**"]}\n]\n', "settings-suspect"),
        (".eslintignore", "dist\n", "dist\nsrc\n", "settings-suspect"),
        (".pre-commit-config.yaml", "- id: mypy\n- id: ruff\n", "- id: ruff\n", "settings-suspect"),
    ],
)
def test_settings_weakened_in_other_ways_are_held(path: str, before: str, after: str, rule: str) -> None:
    assert rule in edited(path, before, after)


def test_a_hook_that_only_got_another_name_is_no_finding() -> None:
    assert edited(".pre-commit-config.yaml", "- id: ruff\n", "- id: ruff-check\n") == set()


def test_settings_moved_to_where_no_tool_looks_are_held() -> None:
    body = "[pytest]\nxfail_strict=true\n"
    assert "settings-weakened" in rules({"pytest.ini": body}, {"pytest.ini.old": body})
    assert "settings-weakened" in rules({"pytest.ini": body}, {"old/pytest.ini": body})


def test_new_settings_that_go_before_others_are_held() -> None:
    strict = {"pyproject.toml": "[tool.pytest.ini_options]\nxfail_strict = true\n[tool.ruff]\nselect = ['ALL']\n"}
    assert "settings-suspect" in rules({}, {"pytest.ini": "[pytest]\n"}, also=strict)
    assert "settings-suspect" in rules({}, {"tests/pytest.ini": "[pytest]\n"}, also=strict)
    assert "settings-suspect" in rules({}, {"src/ruff.toml": "\n"}, also=strict)
    assert "settings-suspect" in added("pytest.ini", "[pytest]\naddopts = --ignore=tests/tax\n")
    assert added("pytest.ini", "[pytest]\naddopts = -q\n") == set()


@pytest.mark.parametrize(
    "spelling",
    [
        "".join(f"\\{one:03o}" for one in RAW),
        "".join(f"\\{one:o}" for one in RAW),
        "+".join(f"chr({one})" for one in RAW),
        "".join(f"&#{one};" for one in RAW),
        "".join(f"\\u{{{one:x}}}" for one in RAW),
        " ".join(f"{one:08b}" for one in RAW),
        *(joint.join(SECRET) for joint in "-_#*~/"),
        "\u200b".join(SECRET),
        base64.b64encode(RAW.hex().encode()).decode(),
        base64.b64encode(RAW).hex(),
        base64.b64encode(RAW).decode()[::-1],
        base64.b32encode(RAW).decode().lower(),
        SECRET.swapcase(),
        "".join(chr(ord(one) + 0xFEE0) for one in SECRET),
        codecs.encode(SECRET, "rot13"),
        json.dumps(list(SECRET), indent=1),
    ],
)
def test_a_secret_of_this_installation_is_found_in_further_spellings(spelling: str) -> None:
    assert "own-secret" in added("src/a.py", f"x = 1\n{spelling}\n", (SECRET,))


def test_words_that_only_share_letters_with_a_secret_are_no_finding() -> None:
    body = "".join(f"{number} " for number in range(3000)) + " ".join(map(chr, range(33, 1000)))
    assert "own-secret" not in added("src/a.txt", body, (SECRET, "correct-horse-battery"))


@pytest.mark.parametrize(
    "coding", ["utf-7", "utf_7", "unicode_escape", "raw_unicode_escape", "rot13", "punycode", "idna"]
)
def test_source_that_is_decoded_to_something_else_is_blocked(coding: str) -> None:
    assert "hidden" in added("src/a.py", f"# -*- coding: {coding} -*-\nx = 1\n")


@pytest.mark.parametrize("coding", ["utf-8", "latin-1", "iso-8859-15", "cp1252", "euc-jp"])
def test_source_in_an_ordinary_encoding_is_no_finding(coding: str) -> None:
    assert added("src/a.py", f"# -*- coding: {coding} -*-\nx = '\xe9'\n".encode("latin-1")) == set()


def test_a_byte_that_is_no_text_hides_nothing_beside_it() -> None:
    assert "bidi" in added("src/a.py", b"x = '\xe9'\ny = '" + "\u202e".encode() + b"'\n")


def test_escapes_that_end_a_comment_of_java_are_blocked() -> None:
    assert "hidden" in added("src/A.java", "// \\u000a System.exit(0);\n")
    assert "hidden" not in added("src/A.java", 'String s = "\\u00e9";\n')


@pytest.mark.parametrize("more", ["\ndel test_total\n", "\ntest_total = None\n", "\ntest_total.__test__ = False\n"])
def test_tests_taken_away_by_name_are_held(more: str) -> None:
    assert "deselected" in edited("tests/test_cart.py", TESTS, TESTS + more)


def test_a_test_that_is_hidden_by_another_of_its_name_is_held() -> None:
    assert "test-loosened" in edited("tests/test_cart.py", TESTS, TESTS + "\ndef test_total():\n    pass\n")


def test_a_value_that_equals_anything_is_a_looser_test() -> None:
    after = TESTS.replace("== 121", "== mock.ANY")
    assert "test-loosened" in rules(
        {"tests/test_a.py": TESTS, "a.py": "x = 1\n"}, {"tests/test_a.py": after, "a.py": "x = 2\n"}
    )


@pytest.mark.parametrize(
    "path", [".github", "bamboo-specs/b.yml", "Jenkinsfile-release", ".prow/x.yaml", "renovate.json"]
)
def test_further_files_of_ci_are_blocked(path: str) -> None:
    assert "ci" in added(path, "on: push\n")


@pytest.mark.parametrize("path", ["pyproject.toml", "Cargo.lock", "Cargo.toml", "Pipfile", "ruff.toml"])
def test_a_key_of_many_parts_is_not_read_at_all(path: str) -> None:
    with pytest.raises(ValueError, match="too many dots"):
        toml.loads(".".join(["a"] * 5000) + " = 1\n")
    met = edited(path, "x = 1\n", ".".join(["a"] * 150_000) + " = 1\n")
    assert met & {"dependency-unreadable", "lock-unreadable", "settings-weakened", "settings-suspect"}
