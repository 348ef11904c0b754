"""Which files are tests, and command lines that run some tests of a plan alone. Pure.

Law: names come from reports and repositories, so they are quoted here and nowhere else.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterable, Sequence

from workers.checks import Plan

MOST = 200
"""Tests or files that one command line names."""

_TEST = re.compile(
    r"(^|/)(tests?|specs?|__tests__|testing|t|features)/"
    r"|(^|/)(test_[^/]+|[^/]+_tests?|conftest|tests)\.py$"
    r"|[._-](test|spec)s?\.[cm]?[jt]sx?$"
    r"|_test\.(go|dart|exs|c|cc|cpp|cxx)$|_(spec|test)\.rb$"
    r"|(^|/)[^/]*(Test|Tests|TestCase|Spec|IT)\.(java|kt|kts|groovy|scala|cs|vb|fs|swift|php)$"
    r"|(^|/)src/(test|androidTest|integrationTest|jvmTest|commonTest)/"
    r"|(^|/)[^/]*[.]?Tests?(\.[^/]+)?/[^/]+\.(cs|vb|fs|swift)$"
)
_RUNNABLE = {
    "python": re.compile(r"(^|/)(test_[^/]*|[^/]*_tests?|tests)\.py$"),
    "node": re.compile(r"[._-](test|spec)s?\.[cm]?[jt]sx?$|(^|/)(tests?|__tests__)/[^/]+\.[cm]?[jt]sx?$"),
    "go": re.compile(r"_test\.go$"),
    "ruby": re.compile(r"_(spec|test)\.rb$|(^|/)test_[^/]+\.rb$"),
    "php": re.compile(r"Test\.php$"),
    "dart": re.compile(r"_test\.dart$"),
    "elixir": re.compile(r"_test\.exs$"),
}


def is_test(path: str) -> bool:
    """Whether a file belongs to the tests (a test, its data or its helpers), by where and how it is named."""
    return bool(_TEST.search(path))


def test_files(plan: Plan, paths: Iterable[str]) -> tuple[str, ...]:
    """Those of `paths` that the plan's tool can be asked to run by name, within its sub-project."""
    pattern = _RUNNABLE.get(plan.ecosystem)
    inside = f"{plan.folder}/" if plan.folder else ""
    return tuple(path for path in paths if pattern and path.startswith(inside) and pattern.search(path))


def only_files(plan: Plan, paths: Sequence[str]) -> str | None:
    """The command line that runs the tests in these files (relative to the root); None where the plan cannot."""
    chosen = test_files(plan, paths)
    if plan.test_changed is None or not chosen or len(chosen) > MOST:
        return None
    start = len(plan.folder) + 1 if plan.folder else 0
    return _filled(plan.test_changed, "{files}", [_word(path[start:]) for path in chosen])


def only_tests(plan: Plan, names: Sequence[str], files: Collection[str]) -> str | None:
    """The command line that runs the tests of these names, as a report spelled them; None where that cannot be told.

    `files` are the paths of the tree: a name such as "tests.test_a.TestB.test_c" is found again by its file.
    """
    if plan.select is None or not names or len(names) > MOST:
        return None
    words: list[str] = []
    for name in names:
        word = _pytest_id(name, frozenset(files), plan.folder) if plan.tool == "pytest" else name
        if word is None or "\0" in word or "\n" in word or word.endswith("…"):
            return None
        words.append(word)
    return _filled(plan.select, "{tests}", words)


def _filled(template: str, hole: str, words: Sequence[str]) -> str:
    if f"{hole[:-1]}|}}" in template:  # {tests|}: one regular expression
        one = "|".join(re.escape(word).replace("/", r"\/") for word in words)
        return template.replace(f"{hole[:-1]}|}}", shlex.quote(f"^({one})$"))
    return template.replace(hole, " ".join(shlex.quote(word) for word in words))


def _word(path: str) -> str:
    """A path that no tool takes for an option."""
    return f"./{path}" if path.startswith("-") else path


def _pytest_id(name: str, files: frozenset[str], folder: str) -> str | None:
    """The node id of a JUnit name: the longest dotted beginning that is a file, then classes and the test."""
    if "::" in name:
        return name if not name.startswith("-") else None
    dotted, bracket, rest = name.partition("[")
    parts = dotted.split(".")
    inside = f"{folder}/" if folder else ""
    for end in range(len(parts) - 1, 0, -1):
        path = "/".join(parts[:end]) + ".py"
        if f"{inside}{path}" in files:
            return "::".join([path, *parts[end:]]) + bracket + rest
    return None
