"""Detection, one habit of repositories at a time (whole repositories: test_plan_filelists)."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.checks import Plan
from workers.checks.plan import plan
from workers.ecosystems.node.scripts import parts, split


def planned(files: dict[str, str], near: tuple[str, ...] = ()) -> Plan:
    return plan(lambda path: files[path].encode() if path in files else None, sorted(files), near)


def package(test: str, *packages: str, **scripts: str) -> str:
    return json.dumps({"scripts": {"test": test, **scripts}, "devDependencies": dict.fromkeys(packages, "*")})


@pytest.mark.parametrize(
    ("files", "tool", "part"),
    [
        ({"manage.py": "", "shop/tests.py": "from django.test import TestCase"}, "django", "python manage.py test"),
        ({"setup.py": "", "runtests.py": "", "x/tests/a.py": ""}, "unittest", "python runtests.py"),
        ({"setup.py": "", "tests/runtests.py": ""}, "unittest", "cd tests && PYTHONPATH=.. python runtests.py"),
        (
            {"tox.ini": "commands = python -m unittest discover -s tests\n", "tests/test_a.py": "import unittest"},
            "unittest",
            "unittest discover -s tests -v",
        ),
        ({"noxfile.py": "", "tests/test_a.py": ""}, "pytest", "--junitxml=.shipmate-reports/pytest.xml"),
        (
            {"package.json": package("jest"), "a.test.js": ""},
            "jest",
            "jest --ci --json --outputFile=.shipmate-reports/node.json",
        ),
        (
            {"package.json": package("vitest"), "a.test.ts": ""},
            "vitest",
            "vitest --run --reporter=default --reporter=junit",
        ),
        ({"package.json": package("mocha -R dot test/"), "test/a.js": ""}, "mocha", "mocha test/ --reporter xunit"),
        ({"package.json": package("tap"), "test/a.js": ""}, "tap", "tap --reporter=tap"),
        ({"package.json": package("ava"), "test/a.js": ""}, "ava", "ava --tap"),
        ({"package.json": package("tape test/*.js"), "test/a.js": ""}, "tape", "tape test/*.js"),
        (
            {"package.json": package("node --test --test-reporter=dot src/"), "a.test.js": ""},
            "node --test",
            "--test-reporter=junit",
        ),
        (
            {"package.json": package("tsx --test test/*.ts"), "test/a.ts": ""},
            "node --test",
            "tsx --test --test-reporter=spec",
        ),
        (
            {
                "package.json": package("x", "vitest").replace('"test"', '"check"'),
                "vitest.config.ts": "",
                "a.test.ts": "",
            },
            "vitest",
            "vitest --run",
        ),
        ({"go.work": "use (\n\t./a\n\t./b\n)\n", "a/x_test.go": ""}, "go test", "go test -json ./a/... ./b/..."),
        ({"Cargo.toml": "[workspace]", "a/src/lib.rs": ""}, "cargo test", "--workspace"),
        ({"build.gradle.kts": "", "src/test/kotlin/ATest.kt": ""}, "gradle", "gradle --offline"),
        ({"pom.xml": "", "a/src/test/java/ATest.java": ""}, "maven", "mvn --offline"),
        ({"A.Tests/A.Tests.csproj": "", "A.Tests/ATests.cs": ""}, "dotnet test", "'A.Tests/A.Tests.csproj'"),
        (
            {"Package.swift": "", "Tests/ATests/ATests.swift": ""},
            "swift test",
            "--xunit-output .shipmate-reports/swift.xml",
        ),
        ({"Gemfile": "", ".rspec": "", "spec/a_spec.rb": ""}, "rspec", "bundle exec rspec"),
        ({"Gemfile": "", "bin/rails": "", "test/models/a_test.rb": ""}, "rails test", "bin/rails test"),
        ({"a.gemspec": "", "Rakefile": "Rake::TestTask.new", "test/test_a.rb": ""}, "rake test", "rake test"),
        ({"a.gemspec": "", "test/a_test.rb": ""}, "minitest", "ruby -Ilib:test"),
        (
            {"composer.json": "{}", "phpunit.xml.dist": "", "tests/ATest.php": ""},
            "phpunit",
            'PATH="$PWD/vendor/bin:$PATH" phpunit --log-junit',
        ),
        (
            {"composer.json": '{"require-dev": {"pestphp/pest": "*"}}', "tests/ATest.php": ""},
            "pest",
            "php vendor/bin/pest",
        ),
        ({"pubspec.yaml": "", "test/a_test.dart": ""}, "dart test", "dart test --file-reporter=json:"),
        (
            {"pubspec.yaml": "dependencies:\n  flutter:\n    sdk: flutter\n", "test/a_test.dart": ""},
            "flutter test",
            "flutter test --no-pub",
        ),
        ({"mix.exs": "", "test/a_test.exs": ""}, "mix test", "mix test"),
        ({"CMakeLists.txt": "option(A_BUILD_TESTS OFF)\nenable_testing()\n", "a.c": ""}, "ctest", "-DA_BUILD_TESTS=ON"),
        ({"meson.build": "test('a', exe)", "a.c": ""}, "meson", "meson test -C .shipmate-reports/meson"),
        ({"configure.ac": "", "Makefile.am": "", "a.c": ""}, "make check", "autoreconf -fi"),
        ({"Makefile": "all check test:\n\t./x\n", "a.c": ""}, "make test", "make test"),
        (
            {"Makefile": ".DEFAULT:\n\tcd src && $(MAKE) $@\n", "src/Makefile": "test: all\n", "src/a.c": ""},
            "make test",
            "make test",
        ),
        ({"test.sh": "", "a.c": ""}, "test.sh", "bash test.sh"),
    ],
)
def test_the_tool_of_a_repository_is_known_by_its_habits(files: dict[str, str], tool: str, part: str) -> None:
    made = planned(files)
    assert made.tool == tool
    assert made.test
    assert part in made.test


def test_a_script_is_taken_apart_into_tests_linters_and_browsers() -> None:
    files = {
        "package.json": package(
            "npm run lint && npm run -s unit -- --bail && karma start",
            "eslint",
            "mocha",
            lint="eslint . && markdownlint .",
            unit="cross-env A=1 nyc mocha test/",
        ),
        "eslint.config.js": "",
        "test/a.js": "",
    }
    made = planned(files)
    assert made.test
    assert made.test.endswith(
        "; cross-env A=1 nyc mocha test/ --bail --reporter xunit -O output=.shipmate-reports/node.xml"
    )
    assert [check.name for check in made.quick] == ["eslint", "markdownlint"]
    assert made.notes == ("karma needs a browser and is left to CI.",)


@pytest.mark.parametrize(
    ("script", "pieces"),
    [
        ("a && b", ["a", "b"]),
        ("a; b && c", ["a; b && c"]),
        ("a || b", ["a || b"]),
        ("a && b > out.txt", ["a && b > out.txt"]),
        ("a 'x && y' && b", ["a 'x && y' && b"]),
        ("a & b", ["a & b"]),
        ("", []),
    ],
)
def test_a_script_that_a_shell_would_see_more_in_is_run_as_it_stands(script: str, pieces: list[str]) -> None:
    assert split(script) == pieces


def test_scripts_that_call_each_other_for_ever_end() -> None:
    scripts = {"test": "npm run a && npm run a", "a": "npm run b && npm run b", "b": "npm run a && npm run test"}
    began = time.process_time()
    assert len(parts(scripts)) <= 40
    assert time.process_time() - began < 5


def test_of_two_ecosystems_the_one_with_more_tests_is_chosen_and_the_other_is_named() -> None:
    files = {"mix.exs": "", "package.json": package("jest"), "assets/a.test.js": ""}
    files |= {f"test/{name}_test.exs": "" for name in "abc"}
    made = planned(files)
    assert (made.tool, made.notes) == ("mix test", ("Tests for JavaScript are left to CI.",))


def test_a_repository_of_many_projects_is_tested_where_the_change_is() -> None:
    files = {
        "README.md": "",
        "services/api/pyproject.toml": "[tool.pytest.ini_options]",
        "services/api/tests/test_a.py": "",
        "services/api/tests/test_b.py": "",
        "services/web/package.json": package("jest"),
        "services/web/a.test.js": "",
        "examples/x/package.json": package("jest"),
        "examples/x/a.test.js": "",
    }
    assert planned(files).folder == "services/api"
    made = planned(files, near=("services/web/b.js", "README.md"))
    assert (made.folder, made.tool) == ("services/web", "jest")
    assert made.notes == ("1 other folders with tests are left to CI.",)


def test_tests_that_lie_about_beside_another_language_are_not_the_repositorys() -> None:
    files = {"Makefile": "test:\n\t./run\n", "tools/test_x.py": "", **{f"src/{name}.c": "" for name in "abc"}}
    assert planned(files).tool == "make test"


def test_a_tool_that_no_configuration_names_is_no_quick_check() -> None:
    assert planned({"pyproject.toml": "", "test_a.py": ""}).quick == ()
    assert planned({"package.json": package("jest", "eslint"), "a.test.js": ""}).quick == ()


def test_what_cmake_would_fetch_is_not_waited_for() -> None:
    files = {"CMakeLists.txt": "enable_testing()\n", "tests/CMakeLists.txt": "include(FetchContent)\n", "a.c": ""}
    assert "FETCHCONTENT_FULLY_DISCONNECTED=ON" in (planned(files).test or "")
    assert "FETCHCONTENT" not in (planned({**files, "tests/CMakeLists.txt": ""}).test or "")


def test_programs_that_a_toolchain_needs_are_named() -> None:
    assert planned({"go.mod": "", "a_test.go": ""}).needs == ("go",)
    assert planned({"composer.json": "{}", "phpunit.xml": "", "tests/ATest.php": ""}).needs == ("php", "phpunit")
    assert planned({"meson.build": "test('a', b)", "a.c": ""}).needs == ("meson", "ninja", "cc")


NAMES = st.sampled_from(
    [
        "pyproject.toml",
        "setup.cfg",
        "tox.ini",
        "package.json",
        "go.work",
        "go.mod",
        "Cargo.toml",
        "pom.xml",
        "Gemfile",
        "composer.json",
        "pubspec.yaml",
        "mix.exs",
        "CMakeLists.txt",
        "meson.build",
        "Makefile",
        "configure.ac",
        "Rakefile",
        "test_a.py",
        "a_test.go",
        "a.test.js",
        "src/lib.rs",
        "spec/a_spec.rb",
        "tests/ATest.php",
        "test/a_test.dart",
        "test/a_test.exs",
        "a.c",
        "A.sln",
        "A.Tests/A.Tests.csproj",
        "A.Tests/ATests.cs",
        ".shipmate-reports/x",
        "sub/go.mod",
        "sub/x_test.go",
        "a b/package.json",
        "a b/x.test.js",
        "-x/pyproject.toml",
        "-x/test_a.py",
        "';/setup.py",
        "';/test_b.py",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "{}",
            "[]",
            '{"scripts": {"test": "jest && x"}}',
            '{"scripts": 3, "devDependencies": []}',
            "[tool.pytest",
            "[tool]\nruff=1",
            '{"scripts": {"test": "npm test"}}',
            "[workspace]",
            "use ./a",
            "test:",
            "enable_testing()",
            "[tool.ruff]\n[tool.mypy]\nfiles=1",
            '{"name": 3, "require": {"pestphp/pest": 1}, "require-dev": 4}',
            "import unittest",
            '{"packageManager": 7, "eslintConfig": {}}',
        ]
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(NAMES, TEXTS, max_size=10))
def test_no_files_break_detection(files: dict[str, str]) -> None:
    made = plan(lambda path: files[path].encode("utf-8", "replace") if path in files else None, list(files))
    assert (made.test is None) == bool(made.why_not)
    assert "\0" not in (made.test or "")
    assert all(check.command and check.needs for check in made.quick)


def test_what_npm_runs_before_the_tests_is_run_and_what_needs_a_network_is_not() -> None:
    files = {
        "package.json": package(
            "tsc && mocha dist/",
            "mocha",
            pretest="npm install && npm run build && eslint .",
            build="rollup -c",
            posttest="npm audit && tsc --noEmit",
        ),
        "test/a.js": "",
    }
    made = planned(files)
    assert made.test
    assert "; rollup -c && tsc && mocha dist/ --reporter xunit" in made.test
    assert [check.name for check in made.quick] == ["eslint"]
