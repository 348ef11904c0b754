"""Lines that a change adds to make checks pass: forced results, tests left out, code that knows it is tested, silence.

Law: a line counts only in the kind of file where it does harm; the same words in prose or in a shell script about
something else are nobody's business.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from workers.checks.guards.edits import Edit, Examined, pieces
from workers.checks.guards.found import Found
from workers.checks.guards.kinds import is_code, is_example, is_source, is_test
from workers.checks.guards.rules import found

_LONGEST = 1000
TOOL = (
    r"(?:pytest|py\.test|unittest|nose2?|tox|nox|jest|vitest|mocha|ava|tap|karma|cypress|playwright|node\s+--test|"
    r"go\s+(?:test|vet)|"
    r"cargo\s+(?:test|nextest|clippy)|ctest|rspec|minitest|phpunit|pest|mvnw?|gradlew?|dotnet\s+test|swift\s+test|"
    r"flutter\s+test|"
    r"mix\s+test|(?:npm|pnpm|yarn|bun|make|rake|just)\s+(?:run\s+)?[\w:-]*(?:test|lint|check|type|cover)[\w:-]*|ruff|"
    r"flake8|pylint|"
    r"mypy|pyright|eslint|tsc|prettier|black|rubocop|golangci-lint|phpstan|psalm|shellcheck|bandit|coverage|codecov|"
    r"tests?\b)"
)
_SETTINGS = re.compile(
    r"(^|/)(package\.json|[^/]*\.(ya?ml|toml|cfg|ini|sh|bash|zsh|mk|bat|cmd|ps1|gradle|kts|cmake|xml|properties|"
    r"json5?)|Makefile|"
    r"GNUmakefile|Rakefile|justfile|Justfile|Taskfile[^/]*|noxfile\.py|tasks\.py|Dockerfile[^/]*|"
    r"\.[\w.-]*rc(\.[cm]?js|\.json)?|"
    r"[^/]*\.config\.[cm]?[jt]s|\.rspec|\.mocharc\.\w+|phpunit[^/]*|conftest\.py|setup\.py|Makefile\.am|meson\.build|"
    r"CMakeLists\.txt)$"
)
_HARNESS = re.compile(
    r"(^|/)(conftest\.py|sitecustomize\.py|usercustomize\.py|test_?helper\.\w+|spec_helper\.rb|rails_helper\.rb|"
    r"bootstrap\.php|"
    r"(jest|vitest|test|mocha|karma)[.-]?(setup|global|config|env)[^/]*|setup[_-]?tests?\.\w+|global-?setup\.\w+|"
    r"main_test\.go|"
    r"noxfile\.py|runtests?\.\w+|run_tests\.\w+)$",
    re.I,
)


def is_settings(path: str) -> bool:
    """Where recipes and settings of checks stand."""
    return _SETTINGS.search(path) is not None and not is_example(path)


def _harness(path: str) -> bool:
    return _HARNESS.search(path) is not None or (is_test(path) and is_code(path))


def _product(path: str) -> bool:
    return (
        is_source(path) and not _HARNESS.search(path) and not re.search(r"(^|/)[^/]*\.?config\.[cm]?[jt]s$|babel", path)
    )


def _code(path: str) -> bool:
    return is_code(path)


@dataclass(frozen=True)
class Pattern:
    """One kind of line: in files that `where` accepts, what `form` matches, unless `but` does."""

    rule: str
    where: Callable[[str], bool]
    form: re.Pattern[str]
    sentence: str
    but: re.Pattern[str] | None = None


PATTERNS = (
    Pattern(
        "forced", is_settings,
        re.compile(
            rf"\b{TOOL}[^#\n]*"
            r"(?:\|\|\s*(?:true\b|:|exit\s+0|echo\b|/bin/true)|;\s*(?:true|:|exit\s+0)\s*(?:[\"',]|$)|\|\s*true\b)",
            re.I,
        ),
        "a failing check is made to pass",
    ),
    Pattern(
        "forced", is_settings,
        re.compile(
            r"continue-on-error\s*:\s*(?!false)|allow_failure\s*:\s*true|continueOnError\s*:\s*true|"
            r"soft_fail\s*:\s*true|--passWithNoTests|"
            r"--pass-with-no-tests|passWithNoTests[\"']?\s*[:=]\s*true|--exit-zero|--exit-0|"
            r"--suppress-tests-failed-exit-code|"
            r"--no-fail-on-error|testFailureIgnore>\s*true|maven\.test\.failure\.ignore(?!\s*=\s*false)|"
            r"ignoreFailures\s*=\s*true|ignore_outcome\s*=\s*true|failOnError[\"']?\s*[:=>]\s*false|"
            r"haltonfailure=\"false\"|"
            r"--continue-on-collection-errors|exitOnFail[\"']?\s*:\s*false|bail[\"']?\s*:\s*\"never|"
            r"--force-exit-code=0|"
            r"PYTHONOPTIMIZE|python3?\s+-OO?\b|-DskipTests|-Dmaven\.test\.skip|skipTests>\s*true",
            re.I,
        ),
        "a failing check is made to pass, or none is run",
    ),
    Pattern(
        "forced", _harness,
        re.compile(
            r"\bos\._exit\(\s*0?\s*\)|\b(?:sys\.)?exit\(\s*0\s*\)|raise\s+SystemExit(?:\(\s*0?\s*\))?\s*$|"
            r"\bprocess\.exit\(\s*0?\s*\)|"
            r"process\.exitCode\s*=\s*0|\bos\.Exit\(0\)|System\.exit\(0\)|process::exit\(0\)|Kernel\.exit!?\(?(?:0|"
            r"true)|^\s*exit!?\s*\(?(?:0|true)\)?\s*$|"
            r"\bpytest\.exit\([^)]*returncode\s*=\s*0|os\.kill\(os\.getpid",
        ),
        "ends the run of the tests as if all were well",
        re.compile(r"pytest\.raises|assert|expect|subprocess|[\"'`].*\bexit\(0\).*[\"'`]"),
    ),
    Pattern(
        "result-rewritten", _harness,
        re.compile(
            r"\bexitstatus\s*=|\.outcome\s*=\s*[\"']passed|\.outcome\s*=|TestReport\(|"
            r"def\s+pytest_(?:runtest_makereport|sessionfinish|"
            r"runtest_protocol|pyfunc_call|report_teststatus|runtest_call|runtest_logreport|assertrepr_compare|"
            r"exception_interact)\b|"
            r"terminalreporter\.stats|\b(?:TestCase|TestResult|TextTestRunner|TestRunner)\.\w+\s*=(?!=)|"
            r"failureException\s*=|"
            r"addFailure\s*=|addError\s*=|wasSuccessful\s*=|\b(?:global|globalThis|window)\.(?:expect|it|test|"
            r"describe|assert)\s*=|"
            r"_pytest\.\w+[.\w]*\s*=(?!=)|\bassert\w*\s*=\s*lambda|sys\.modules\[[\"'](?:pytest|unittest|"
            r"_pytest)[\"']\]\s*=|"
            r"sys\.excepthook\s*=|builtins\.\w+\s*=(?!=)|process\.(?:exit|reallyExit)\s*=(?!=)|"
            r"process\.on\(\s*[\"']exit[\"']|"
            r"atexit\.register\(\s*(?:os\._exit|lambda[^)]*exit)|Minitest\.\w+\s*=|at_exit\s*(?:do|\{)\s*.*exit",
        ),
        "changes what is reported of the tests",
    ),
    Pattern(
        "deselected", lambda path: is_settings(path) or path.rsplit("/", 1)[-1] == "conftest.py",
        re.compile(
            r"collect_ignore(?:_glob)?\b|def\s+pytest_(?:ignore_collect|collection_modifyitems|collect_file|"
            r"pycollect_makeitem|deselected|"
            r"collection|itemcollected|generate_tests)\b|--deselect[= ]|--ignore(?:-glob)?=\S*test|items\[:\]\s*=|"
            r"-m\s+[\"'\\]*not\s+\w|addopts.*\s-k\s|\bpy\.?test\b.*\s-k[ =]|testPathIgnorePatterns|"
            r"modulePathIgnorePatterns|"
            r"--testNamePattern|\bmocha\b.*(?:--grep|-g|--invert|--ignore)|go\s+test\b.*-(?:skip|run|short)\b|"
            r"cargo\s+(?:test|nextest)\b.*(?:--skip|--exclude)|"
            r"filter_run_excluding|--tag\s+~|<excludes?>.*[Tt]est|excludeTestsMatching|excludeGroups|excludeCategories|"
            r"dotnet\s+test\b.*--filter|ctest\b.*(?:-E|--exclude)|mix\s+test\b.*--exclude|-Dtest=|"
            r"harness\s*=\s*false|^test\s*=\s*false|"
            r"--exclude-group|useJUnitPlatform\s*\{.*exclude|rspec\b.*--exclude|--skip\b.*test|"
            r"\btest\.enabled\s*=\s*false|enabled\s*=\s*false\s*//.*test",
        ),
        "leaves tests out of the run",
    ),
    Pattern(
        "deselected",
        is_test,
        re.compile(r"^\w+\.__test__\s*=\s*False|^\s*del\s+[tT]est_?\w+|^[tT]est_?\w+\s*=\s*None\b|^//go:build\s+(?:ignore|never|disabled|none)\b|^//\s*\+build\s+ignore|^\s*#!\[cfg\((?:any\(\)|never)\)\]"),
        "leaves a file of tests out of the run",
    ),
    Pattern(
        "special-cased", _product,
        re.compile(
            r"PYTEST_CURRENT_TEST|PYTEST_VERSION|[\"'](?:pytest|unittest|_pytest|"
            r"nose)[\"']\s+(?:not\s+)?in\s+(?:sys\.modules|sys\.argv)|"
            r"sys\.modules(?:\.get\(|\[)[\"'](?:pytest|unittest|_pytest)[\"']|JEST_WORKER_ID|VITEST(?:_WORKER_ID|"
            r"_POOL_ID)?\b(?=.*(?:env|if|\?))|"
            r"process\.env\.(?:VITEST|MOCHA\w*|TEST_ENV)|typeof\s+(?:jest|it|describe|vi|mocha)\b|"
            r"import\.meta\.vitest\b(?!\s*\))|"
            r"\btesting\.Testing\(\)|flag\.Lookup\([\"']test\.|HasSuffix\(os\.Args\[0\],\s*[\"']\.test|"
            r"defined\?\(\s*(?:RSpec|Minitest)|"
            r"\$0\s*=~\s*/rspec|PHPUNIT_\w+|"
            r"class_exists\([\"'\\]*PHPUnit|Class\.forName\([\"']org\.junit|NSClassFromString\(@?\"XCTest|"
            r"XCTestConfigurationFilePath|(?:inspect\.stack|traceback\.extract_stack|sys\._getframe)\(.*(?:test|"
            r"pytest)|"
            r"sys\.argv\[0\].*(?:pytest|unittest)|__main__.*(?:pytest|unittest)|std::env::var\(\"(?:NEXTEST|"
            r"CARGO_TEST)",
        ),
        "behaves differently when it is tested",
        re.compile(r"^\s*(?:#|//|\*)"),
    ),
    Pattern(
        "test-aware", _product,
        re.compile(
            r"NODE_ENV\s*[!=]==?\s*[\"']test|[\"']test[\"']\s*[!=]==?\s*process\.env\.NODE_ENV|Rails\.env\.test\?|"
            r"RACK_ENV.*==\s*[\"']test|"
            r"MIX_ENV.*test|Mix\.env\(?\)?\s*==\s*:test|APP_ENV.*===?\s*[\"']test|runningUnitTests\(\)|cfg!\(test\)|"
            r"environ(?:\.get\(|\[)[\"'](?:TESTING|IS_TEST|TEST_MODE|CI|GITHUB_ACTIONS)\b|"
            r"process\.env\.(?:CI|GITHUB_ACTIONS|TESTING)\b|Getenv\(\"(?:CI|GITHUB_ACTIONS|TESTING)\"",
        ),
        "asks whether it runs in a test or in CI",
        re.compile(r"^\s*(?:#|//|\*)"),
    ),
    Pattern(
        "silenced-file", lambda path: is_code(path) and not is_test(path),
        re.compile(
            r"^\s*#\s*(?:ruff|flake8):\s*noqa\s*$|^\s*#\s*mypy:\s*ignore-errors|^\s*#\s*type:\s*ignore\s*$|"
            r"^\s*#\s*pylint:\s*(?:skip-file|disable=all)|"
            r"^\s*(?:/\*|//)\s*@ts-nocheck|^\s*/\*\s*eslint-disable\s*\*/|^\s*#!\[allow\((?:warnings|clippy::all|"
            r"unused)|^\s*//nolint\s*$|"
            r"^\s*#\s*pyright:\s*(?:ignoreAll|basic|false)|phpcs:ignoreFile|@phpstan-ignore-file|"
            r"^\s*#\s*rubocop:disable\s+all|/\*\s*istanbul ignore file|"
            r"/\*\s*c8 ignore file|^\s*//\s*@flow\s+nocheck|NOLINTBEGIN\s*$|^\s*#\s*nosec\s*$|"
            r"#pragma warning disable\s*$",
        ),
        "switches a linter or type checker off for a whole file",
    ),
    Pattern(
        "silenced", _code,
        re.compile(
            r"#\s*noqa|#\s*type:\s*ignore|#\s*pyright:\s*ignore|#\s*mypy:\s|#\s*pylint:\s*disable|#\s*nosec|"
            r"#\s*pragma:\s*no\s*cover|@ts-(?:ignore|expect-error)|"
            r"eslint-disable|biome-ignore|tslint:disable|istanbul ignore|c8 ignore|v8 ignore|//\s*nolint|"
            r"#!?\[allow\(|@SuppressWarnings|@Suppress\(|"
            r"rubocop:disable|phpcs:(?:ignore|disable)|@phpstan-ignore|@psalm-suppress|NOLINT|clang-format off|"
            r"swiftlint:disable|//\s*ignore(?:_for_file)?:|"
            r"#pragma warning disable|SuppressMessage\(|credo:disable|dialyzer:|:nocov:|@codeCoverageIgnore|"
            r"coverage:ignore|LCOV_EXCL",
        ),
        "silences a linter, a type checker or the coverage",
    ),
)  # fmt: skip


def guard(change: Examined) -> Iterator[Found]:
    """The first added line of each kind in each file."""
    for edit in change.edits:
        if edit.changed.status != "D" and edit.new:
            yield from _in_file(edit)


def _in_file(edit: Edit) -> Iterator[Found]:
    patterns = [each for each in PATTERNS if each.where(edit.path)]
    told: set[str] = set()
    for line in edit.added if patterns else ():
        for text in pieces(line.text, _LONGEST):
            for each in patterns:
                if each.rule not in told and each.form.search(text) and not (each.but and each.but.search(text)):
                    told.add(each.rule)
                    if not (each.rule == "silenced" and "silenced-file" in told):
                        yield found(each.rule, edit.path, f"{each.sentence} (line {line.number})")
