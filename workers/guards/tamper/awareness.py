"""Forms of lines by which code knows that it is tested, or is looked at by no tool.

Law: a line counts only in the kind of file where it does harm.
"""

from __future__ import annotations

import re

from workers.guards.kinds import is_code, is_test
from workers.guards.tamper.places import Pattern, code, product

AWARE = (
    Pattern(
        "special-cased", product,
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
        "test-aware", product,
        re.compile(
            r"[\"'](?:PYTEST|JEST|VITEST|MOCHA|RSPEC|PHPUNIT|GTEST|NEXTEST)[A-Z_]*[\"']|find_spec\([\"'](?:pytest|_pytest|unittest|nose)|"
            r"^\s*(?:import|from)\s+(?:_?pytest|nose|hypothesis)\b|\bsys\.argv\[0\].*test|test.*\bsys\.argv\[0\]|inspect\.(?:stack|currentframe)\(|"
            r"f_code\.co_(?:name|filename)\b.*test|_getframe\(.*test|environ(?:\.get\(|\[)\s*[\"'](?:CI|CONTINUOUS_INTEGRATION|BUILD_NUMBER)[\"']|"
            r"getenv\(\s*[\"'](?:CI|GITHUB_ACTIONS|TESTING|IS_TEST|TEST_MODE)[\"']|"
            r"[\"'](?:/workspace|/deps|/run/proxy\.sock)[\"']|hostname\(\)\s*={2,3}\s*[\"']|"
            r"\b(?:global|globalThis|window)\.(?:it|test|describe|jest|vi|expect|beforeEach|__coverage__|__karma__)\b|"
            r"\bNODE_ENV\b\s*[!=]==?\s*[\"']test|npm_lifecycle_event|process\.argv\b.*(?:jest|mocha|vitest|test)|"
            r"require\.main\b.*(?:jest|mocha|vitest|test)|(?:mocha|jest|vitest)[^\n]{0,40}require\.main|\.stack\b.*(?:test|spec|jest|mocha)|"
            r"import\.meta\.env\.MODE\s*[!=]==?\s*[\"']test|os\.Args\b.*test|^\s*#\[cfg\(not\(test\)\)\]|^\s*sys\.argv\[0\]|"
            r"getStackTrace\(\)|surefire\.|org\.gradle\.test|\$PROGRAM_NAME\b.*(?:spec|test)|\bcaller\b.*(?:spec|test)|"
            r"const_defined\?\(\s*:(?:RSpec|Minitest|Test)|ensure_loaded\?\(\s*ExUnit|Process\.whereis\(\s*ExUnit|FLUTTER_TEST|"
            r"GetAssemblies\(\).*(?:xunit|nunit|test)|XCTestCase|UnitTestDetector|"
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
            r"#pragma warning disable\s*$|^\s*//\s*nolint:\s*all\b|@(?:typing\.)?no_type_check\b.*module",
        ),
        "switches a linter or type checker off for a whole file",
    ),
    Pattern(
        "silenced", code,
        re.compile(
            r"#\s*noqa|#\s*type:\s*ignore|#\s*pyright:\s*ignore|#\s*mypy:\s|#\s*pylint:\s*disable|#\s*nosec|"
            r"#\s*pragma:\s*no\s*cover|@ts-(?:ignore|expect-error)|"
            r"eslint-disable|biome-ignore|tslint:disable|istanbul ignore|c8 ignore|v8 ignore|//\s*nolint|"
            r"@(?:typing\.)?no_type_check\b|"
            r"#!?\[allow\(|@SuppressWarnings|@Suppress\(|"
            r"rubocop:disable|phpcs:(?:ignore|disable)|@phpstan-ignore|@psalm-suppress|NOLINT|clang-format off|"
            r"swiftlint:disable|//\s*ignore(?:_for_file)?:|"
            r"#pragma warning disable|SuppressMessage\(|credo:disable|dialyzer:|:nocov:|@codeCoverageIgnore|"
            r"coverage:ignore|LCOV_EXCL",
        ),
        "silences a linter, a type checker or the coverage",
    ),
)  # fmt: skip
