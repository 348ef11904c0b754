"""The tamper alarm on settings and harnesses: forced, deselected, special-cased, silenced, weakened."""

from __future__ import annotations

import pytest

from tests.workers.guards.looking import added, edited, rules

PYPROJECT = """
[tool.ruff.lint]
select = ["E", "F", "S"]
ignore = ["E501"]
[tool.mypy]
strict = true
[tool.coverage.report]
fail_under = 90
[tool.pytest.ini_options]
addopts = "-q --strict-markers"
testpaths = ["tests", "integration"]
"""
PACKAGE = (
    '{"scripts": {"test": "jest --ci", "lint": "eslint ."}, "jest": {"coverageThreshold": {"global": {"lines": 90}}}}'
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('["E", "F", "S"]', '["E", "F"]'),
        ('["E501"]', '["E501", "S602"]'),
        ("strict = true", "strict = false"),
        ("strict = true", "strict = true\nignore_errors = true"),
        ("fail_under = 90", "fail_under = 50"),
        ("fail_under = 90\n", ""),
        ('"-q --strict-markers"', '"-q --strict-markers -k fast"'),
        ('"-q --strict-markers"', '"-q --strict-markers --ignore=tests/test_tax.py"'),
        ('"-q --strict-markers"', '"-q"'),
        ('["tests", "integration"]', '["tests"]'),
        ("[tool.mypy]", "[tool.mypy"),
    ],
)
def test_weaker_settings_of_python_tools_are_held(old: str, new: str) -> None:
    assert old in PYPROJECT
    assert "settings-weakened" in edited("pyproject.toml", PYPROJECT, PYPROJECT.replace(old, new))


def test_stronger_or_other_settings_are_no_finding() -> None:
    stronger = PYPROJECT.replace("90", "95").replace('"S"]', '"S", "B"]').replace('"-q ', '"-q --strict-config ')
    assert edited("pyproject.toml", PYPROJECT, stronger) == set()
    assert edited("pyproject.toml", PYPROJECT, f'[project]\nname = "x"\n{PYPROJECT}') == set()


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("jest --ci", "jest --ci || true", "forced"),
        ("jest --ci", "jest --ci --passWithNoTests", "forced"),
        ("jest --ci", "echo ok", "settings-weakened"),
        ("jest --ci", "jest --ci --testPathIgnorePatterns tax", "deselected"),
        ('"lines": 90', '"lines": 10', "settings-weakened"),
        ("eslint .", "eslint . ; exit 0", "forced"),
    ],
)
def test_scripts_that_let_everything_pass_are_held(old: str, new: str, rule: str) -> None:
    assert rule in edited("package.json", PACKAGE, PACKAGE.replace(old, new))


@pytest.mark.parametrize(
    ("path", "line", "rule"),
    [
        ("Makefile", "\tpytest -q || true", "forced"),
        ("Makefile", "\tgo test ./... ; true", "forced"),
        ("scripts/test.sh", "npm test || exit 0", "forced"),
        ("azure.yml", "  continue-on-error: true", "forced"),
        ("tox.ini", "    python -O -m pytest", "forced"),
        ("pom.xml", "<testFailureIgnore>true</testFailureIgnore>", "forced"),
        ("tests/conftest.py", "os._exit(0)", "forced"),
        ("tests/test_a.py", "sys.exit(0)", "forced"),
        ("main_test.go", "\tos.Exit(0)", "forced"),
        ("jest.setup.js", "process.exit(0)", "forced"),
        ("conftest.py", "def pytest_sessionfinish(session, exitstatus):", "result-rewritten"),
        ("conftest.py", "    session.exitstatus = 0", "result-rewritten"),
        ("conftest.py", "    report.outcome = 'passed'", "result-rewritten"),
        ("tests/test_a.py", "unittest.TestCase.assertEqual = lambda *a: None", "result-rewritten"),
        ("test/setup.js", "global.expect = () => anything;", "result-rewritten"),
        ("conftest.py", "collect_ignore = ['test_tax.py']", "deselected"),
        ("conftest.py", "def pytest_collection_modifyitems(items):", "deselected"),
        ("pytest.ini", "addopts = --deselect tests/test_tax.py", "deselected"),
        ("jest.config.js", "  testPathIgnorePatterns: ['tax'],", "deselected"),
        (".rspec", "--tag ~slow", "deselected"),
        ("src/cart.py", "if 'pytest' in sys.modules:", "special-cased"),
        ("src/cart.py", "if os.environ.get('PYTEST_CURRENT_TEST'):", "special-cased"),
        ("src/cart.js", "if (process.env.JEST_WORKER_ID) return 242;", "special-cased"),
        ("cart.go", "if testing.Testing() {", "special-cased"),
        ("src/cart.js", "if (process.env.NODE_ENV === 'test') return 242;", "test-aware"),
        ("src/cart.py", "x = f()  # noqa: S602", "silenced"),
        ("src/cart.ts", "// @ts-ignore", "silenced"),
        ("src/cart.ts", "// @ts-nocheck", "silenced-file"),
        ("src/cart.py", "# ruff: noqa", "silenced-file"),
        ("src/cart.js", "/* eslint-disable */", "silenced-file"),
    ],
)
def test_a_line_that_makes_checks_pass_is_found(path: str, line: str, rule: str) -> None:
    assert rule in edited(path, "first\n", f"first\n{line}\n")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("scripts/clean.sh", "rm -rf build || true"),
        ("README.md", "Run `pytest || true` to ignore failures; `# noqa` works too."),
        ("src/cli.py", "sys.exit(0)"),
        ("src/cart.py", "exclude = ['a']"),
        ("tests/test_cli.py", "with pytest.raises(SystemExit): sys.exit(0)"),
        ("src/server.js", "process.on('exit', save)"),
        ("tests/test_env.py", "assert 'pytest' in sys.modules"),
    ],
)
def test_the_same_words_elsewhere_are_no_finding(path: str, line: str) -> None:
    assert edited(path, "first\n", f"first\n{line}\n") == set()


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (".eslintrc.json", '{"rules": {"eqeqeq": "error"}}', '{"rules": {"eqeqeq": "off"}}'),
        (".eslintrc.json", '{"rules": {"eqeqeq": "error"}}', '{"rules": {"eqeqeq": "error", "no-eval": 0}}'),
        ("tsconfig.json", '{"compilerOptions": {"strict": true}}', '{"compilerOptions": {"strict": false}}'),
        (".coveragerc", "[report]\nfail_under = 90\n", "[report]\nfail_under = 10\n"),
        (".flake8", "[flake8]\nignore = E501\n", "[flake8]\nignore = E501, F401\n"),
        ("setup.cfg", "[mypy]\ndisallow_untyped_defs = True\n", "[mypy]\ndisallow_untyped_defs = False\n"),
    ],
)
def test_milder_rules_are_held(path: str, old: str, new: str) -> None:
    assert edited(path, old, new) == {"settings-weakened"}


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("codecov.yml", "    target: 90%\n", "    target: 10%\n"),
        (".rubocop.yml", "Layout:\n  Enabled: true\n", "Layout:\n  Enabled: false\n"),
        ("eslint.config.js", "rules: {\n'eqeqeq': 'error',\n}", "rules: {\n'eqeqeq': 'off',\n}"),
        ("phpstan.neon", "parameters:\n  level: 8\n", "parameters:\n  level: 2\n"),
    ],
)
def test_settings_that_are_read_by_lines_are_held_too(path: str, old: str, new: str) -> None:
    assert edited(path, old, new) == {"settings-suspect"}


def test_deleted_settings_are_held() -> None:
    assert rules({".golangci.yml": "a: 1\n"}, {}) == {"settings-suspect"}
    assert "settings-weakened" in rules({".coveragerc": "[report]\nfail_under = 90\n"}, {})


def test_new_settings_are_no_finding() -> None:
    assert added("ruff.toml", 'select = ["E"]\nignore = ["E501"]\n') == set()
