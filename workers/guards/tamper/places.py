"""In which kinds of file a line can make checks pass, and what tools that check are called.

Law: a place is known by its name alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from workers.guards.edits import Edit
from workers.guards.kinds import is_code, is_example, is_source, is_test

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
    r"[^/]*\.config\.[cm]?[jt]s|\.rspec|\.mocharc\.\w+|\.env[^/]*|[^/]*\.(cs|fs|vb)proj|test_helper\.exs|mix\.exs|phpunit[^/]*|conftest\.py|setup\.py|Makefile\.am|meson\.build|"
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


def harness(path: str) -> bool:
    return _HARNESS.search(path) is not None or (is_test(path) and is_code(path))


def product(path: str) -> bool:
    return (
        is_source(path) and not _HARNESS.search(path) and not re.search(r"(^|/)[^/]*\.?config\.[cm]?[jt]s$|babel", path)
    )


def code(path: str) -> bool:
    return is_code(path)


@dataclass(frozen=True)
class Pattern:
    """One kind of line: where `where` and `when` accept it, what `form` matches and `but` does not."""

    rule: str
    where: Callable[[str], bool]
    form: re.Pattern[str]
    sentence: str
    but: re.Pattern[str] | None = None
    when: Callable[[Edit], bool] | None = None
