"""Settings, recipes and files that make checks pass or leave them out, and ordinary edits of the same files."""

from __future__ import annotations

import pytest

from tests.workers.guards.looking import added, edited, rules

MAKE = "test:\n\tpytest -q\n\nlint:\n\truff check .\n"
SHELL = "#!/bin/sh\nset -e\npytest\n"
PACKAGE = '{"scripts": {"test": "jest", "lint": "eslint ."}, "jest": {"testEnvironment": "node"}}\n'
PYTEST = '[tool.pytest.ini_options]\naddopts = "-ra"\n'
MYPY = "[tool.mypy]\nstrict = true\n"
CMAKE = "enable_testing()\nadd_test(NAME a COMMAND a)\nadd_test(NAME b COMMAND b)\n"
VITEST = "export default {\n  test: {\n    globals: true,\n  },\n};\n"
HELD = frozenset(
    {
        "forced",
        "deselected",
        "result-rewritten",
        "settings-weakened",
        "settings-suspect",
        "silenced-file",
        "test-focused",
    }
)


@pytest.mark.parametrize(
    ("path", "before", "old", "new"),
    [
        ("Makefile", MAKE, "pytest -q", "pytest -q | tee log"),
        ("Makefile", MAKE, "pytest -q", "pytest -q &"),
        ("Makefile", MAKE, "pytest -q", "timeout 1 pytest -q || [ $$? -eq 124 ]"),
        ("Makefile", MAKE, "pytest -q", "pytest -q --ignore tests/test_a.py"),
        ("Makefile", MAKE, "pytest -q", "pytest -q tests/unit"),
        ("Makefile", MAKE, "pytest -q", "pytest --version"),
        ("Makefile", MAKE, "\truff check .\n", "\t@true\n"),
        ("Makefile", MAKE, "lint:", "test:\n\t@true\n\nlint:"),
        ("Makefile", MAKE, "test:", "PYTEST = true\ntest:"),
        ("Makefile", "CFLAGS = -Wall -Werror\n", "-Wall -Werror", "-w"),
        ("scripts/test.sh", SHELL, "set -e", "set +e"),
        ("scripts/test.sh", SHELL, "set -e\n", ""),
        ("scripts/test.sh", SHELL, "set -e", "trap 'exit 0' EXIT\nset -e"),
        ("scripts/test.sh", SHELL, "pytest\n", "pytest | tee out\n"),
        ("scripts/test.sh", SHELL, "pytest\n", "pytest() { :; }\npytest\n"),
        ("scripts/test.sh", SHELL, "pytest\n", "if ! pytest; then echo failed; fi\n"),
        ("scripts/test.sh", SHELL, "pytest\n", "pytest &\nwait\n"),
        ("scripts/test.sh", SHELL, "pytest\n", '[ -n "$CI" ] && exit 0\npytest\n'),
        ("scripts/test.sh", SHELL, "pytest\n", "export PATH=$PWD/tools:$PATH\npytest\n"),
        ("tox.ini", "[testenv]\ncommands = pytest\n", "pytest", "python -c pass"),
        ("package.json", PACKAGE, '"jest",', '"jest --onlyChanged",'),
        ("package.json", PACKAGE, '"jest",', '"jest -u",'),
        ("package.json", PACKAGE, '"jest",', '"jest | cat",'),
        ("package.json", PACKAGE, '"jest",', '"node scripts/test.js",'),
        ("package.json", PACKAGE, '"testEnvironment": "node"', '"testEnvironment": "./env.js"'),
        ("package.json", PACKAGE, '"testEnvironment": "node"', '"reporters": ["./r.js"]'),
        ("package.json", PACKAGE, '"testEnvironment": "node"', '"moduleNameMapper": {"./a": "<rootDir>/fake.js"}'),
        ("vitest.config.ts", VITEST, "globals: true", "include: ['src/a.test.ts']"),
        ("vitest.config.ts", VITEST, "globals: true", "testNamePattern: /adds/"),
        ("vitest.config.ts", VITEST, "globals: true", "dangerouslyIgnoreUnhandledErrors: true"),
        (".mocharc.yml", "spec: test/**/*.js\n", "test/**/*.js", "test/a.js"),
        (
            "playwright.config.ts",
            "export default {\n  testDir: 'e2e',\n};\n",
            "  testDir",
            "  testIgnore: ['**/a*'],\n  testDir",
        ),
        ("pyproject.toml", PYTEST, '"-ra"', '["-ra", "-k", "not slow"]'),
        ("pyproject.toml", PYTEST, '"-ra"\n', '"-ra"\npython_files = ["check_*.py"]\n'),
        ("pyproject.toml", MYPY, "strict = true", 'strict = true\ndisable_error_code = ["arg-type"]'),
        ("pyproject.toml", MYPY, "strict = true", 'strict = true\nfollow_imports = "skip"'),
        ("pyproject.toml", MYPY, "true\n", 'true\n[[tool.mypy.overrides]]\nmodule = "a"\nignore_errors = true\n'),
        ("pyrightconfig.json", '{"typeCheckingMode": "strict"}', "strict", "basic"),
        ("tsconfig.json", '{"compilerOptions": {"strict": true}}', "true}", 'true, "noImplicitAny": false}'),
        (".golangci.yml", "linters:\n  enable:\n    - govet\n    - errcheck\n", "    - errcheck\n", ""),
        (".golangci.yml", "run:\n  timeout: 5m\n", "5m\n", "5m\n  issues-exit-code: 0\n"),
        (".eslintrc.yml", "rules:\n  no-undef: error\n", "error", "off"),
        ("eslint.config.mjs", "export default [a];\n", "[a]", "[{ ignores: ['src/**'] }, a]"),
        ("biome.json", '{"linter": {"enabled": true}}', "true", "false"),
        ("psalm.xml", '<psalm errorLevel="1">\n</psalm>\n', '"1"', '"8"'),
        ("detekt.yml", "build:\n  maxIssues: 0\n", "0", "100"),
        (
            "analysis_options.yaml",
            "linter:\n  rules:\n    - a\n",
            "linter",
            "analyzer:\n  exclude:\n    - lib/**\nlinter",
        ),
        (".swiftlint.yml", "opt_in_rules:\n  - a\n", "opt", "disabled_rules:\n  - force_try\nopt"),
        ("codecov.yml", "coverage:\n  project: yes\n", "yes", "off"),
        ("src/A.csproj", "<P><TreatWarningsAsErrors>true</TreatWarningsAsErrors></P>\n", "true", "false"),
        ("src/lib.rs", "#![deny(warnings)]\npub mod a;\n", "#![deny(warnings)]\n", ""),
        (".shellcheckrc", "enable=all\n", "enable=all", "disable=SC2086"),
        ("CMakeLists.txt", CMAKE, "add_test(NAME b COMMAND b)\n", ""),
        (
            "CMakeLists.txt",
            CMAKE,
            "add_test(NAME b",
            "set_tests_properties(a PROPERTIES WILL_FAIL TRUE)\nadd_test(NAME b",
        ),
        ("CMakeLists.txt", CMAKE, "COMMAND a", "COMMAND true"),
        ("meson.build", "test('a', x)\ntest('b', y)\n", "test('b', y)\n", ""),
        ("Package.swift", 'let p = [.testTarget(name: "A")]\n', '.testTarget(name: "A")', ""),
        ("test/test_helper.exs", "ExUnit.start()\n", "start()", "start(exclude: [:slow])"),
        ("build.gradle", "test {\n}\n", "{", "{\n    exclude '**/CalcTest*'"),
        ("pom.xml", "<build>\n</build>\n", "<build>", "<build>\n<excludedGroups>slow</excludedGroups>"),
        (".rspec", "--color\n", "--color", "--color\n--exclude-pattern spec/a*"),
        ("dart_test.yaml", "concurrency: 2\n", "2", "2\nexclude_tags: slow"),
        ("Cargo.toml", '[package]\nname = "x"\n', '"x"', '"x"\nautotests = false'),
        ("tests/A.csproj", "<P>\n</P>\n", "<P>", '<P>\n<Compile Remove="ATests.cs" />'),
    ],
)
def test_settings_and_recipes_that_let_more_pass_are_held(path: str, before: str, old: str, new: str) -> None:
    assert old in before
    assert edited(path, before, before.replace(old, new, 1)) & HELD


@pytest.mark.parametrize(
    "path",
    ["pytest.py", "pytest/__main__.py", "src/unittest.py", "node_modules/.bin/jest", "bin/pytest", "tools/npm"],
)
def test_a_file_in_the_place_of_a_tool_is_held(path: str) -> None:
    assert "result-rewritten" in added(path, "import sys\n")


def test_settings_that_go_before_others_are_held() -> None:
    assert "settings-suspect" in rules({}, {"GNUmakefile": "test:\n\t@true\n"}, also={"Makefile": MAKE})
    assert "settings-suspect" in added(".eslintignore", "src/\n")
    assert added("pytest.ini", "[pytest]\npython_files = nothing_*.py\n") & HELD


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("test/hooks.js", "afterEach(function () { this.currentTest.state = 'passed'; });\n"),
        ("test/test_helper.rb", "class Minitest::Test\n  def assert_equal(*) = true\nend\n"),
        ("tests/bootstrap.php", "<?php\nregister_shutdown_function(function () { exit(0); });\n"),
        ("main_test.go", "package a\n\nfunc TestMain(m *testing.M) {\n}\n"),
    ],
)
def test_harnesses_that_report_what_never_happened_are_held(path: str, body: str) -> None:
    assert added(path, body) & HELD


@pytest.mark.parametrize("source", [True, False])
def test_what_tests_compare_with_is_told_where_it_is_rewritten(source: bool) -> None:
    cause = ({"src/a.py": "a = 1\n"}, {"src/a.py": "a = 2\n"}) if source else ({}, {})
    found = rules({"tests/testdata/a.golden": "3\n", **cause[0]}, {"tests/testdata/a.golden": "4\n", **cause[1]})
    assert ("expectation-changed" if source else "expectation-changed-alone") in found


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("src/a.py", "import importlib.util\nif importlib.util.find_spec('pytest'):\n    T = 1\n"),
        ("src/a.py", "import os\nT = 'PYTEST_' + 'CURRENT_TEST' in os.environ\n"),
        ("src/a.py", "import os\nT = os.getenv('CI')\n"),
        ("src/a.js", "exports.t = () => global.it ? 3 : 0;\n"),
        ("src/a.js", "exports.t = () => process.env.npm_lifecycle_event === 'test';\n"),
        ("src/a.js", "exports.t = () => new Error().stack.includes('.test.');\n"),
        ("lib/a.rb", "t = caller.any? { |l| l.include?('_spec.rb') }\n"),
        ("lib/a.dart", "bool t() => Platform.environment.containsKey('FLUTTER_TEST');\n"),
    ],
)
def test_code_that_asks_whether_it_is_tested_is_told(path: str, body: str) -> None:
    assert added(path, body) & {"test-aware", "special-cased"}


@pytest.mark.parametrize(
    ("path", "before", "old", "new"),
    [
        ("Makefile", MAKE, "pytest -q", "pytest -q --durations=5"),
        ("Makefile", MAKE, "test:", "test: build"),
        ("scripts/build.sh", "set -eo pipefail\nmake\n", "make", "make | tee log\npytest | tee test.log"),
        ("scripts/build.sh", "set -e\nmake\n", "set -e", "set -eu"),
        ("package.json", PACKAGE, '"jest",', '"jest --coverage",'),
        ("package.json", PACKAGE, '"node"', '"jsdom"'),
        ("vitest.config.ts", VITEST, "globals: true", "globals: true,\n    environment: 'jsdom'"),
        ("pyproject.toml", PYTEST, '"-ra"', '"-ra --strict-markers -p no:cacheprovider"'),
        (".golangci.yml", "linters:\n  enable:\n    - govet\n", "    - govet\n", "    - govet\n    - errcheck\n"),
        ("detekt.yml", "complexity:\n  active: false\n", "false", "true"),
        ("psalm.xml", '<psalm errorLevel="8">\n</psalm>\n', '"8"', '"1"'),
        ("CMakeLists.txt", CMAKE, "NAME b", "NAME b_unit"),
        ("build.gradle", "jar {\n}\n", "{", "{\n    exclude 'META-INF/*.SF'"),
        ("tsconfig.json", '{"include": ["src"]}', '"src"', '"src", "test"'),
        ("phpunit.xml", "<a>\n<directory>tests</directory>\n</a>\n", "</a>", "<directory>more</directory>\n</a>"),
        ("src/cli.py", "import sys\n", "sys\n", "sys\nif 'test' in sys.argv[1:]:\n    sys.exit(0)\n"),
        ("src/log.py", "import sys\n", "sys\n", "sys\nname = sys._getframe(1).f_code.co_name\n"),
    ],
)
def test_ordinary_edits_of_settings_are_not_held(path: str, before: str, old: str, new: str) -> None:
    assert old in before
    assert not edited(path, before, before.replace(old, new, 1)) & HELD
