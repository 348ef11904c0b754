"""Settings that stop to count: moved to where no tool looks, or hidden behind a new file that goes before them.

Law: what a settings file says is compared elsewhere; here only its name and its place count.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from workers.guards.edits import Edit, Examined
from workers.guards.found import Found
from workers.guards.kinds import is_example
from workers.guards.rules import found
from workers.guards.tamper.settings import is_settings

_SHADOWED: tuple[tuple[re.Pattern[str], tuple[tuple[str, str], ...]], ...] = (
    (
        re.compile(r"^\.?pytest\.(ini|toml)$"),
        (
            ("pyproject.toml", "[tool.pytest"),
            ("tox.ini", "[pytest]"),
            ("setup.cfg", "[tool:pytest]"),
            ("pytest.ini", ""),
        ),
    ),
    (re.compile(r"^\.?ruff\.toml$"), (("pyproject.toml", "[tool.ruff"), ("ruff.toml", ""))),
    (re.compile(r"^\.?mypy\.ini$"), (("pyproject.toml", "[tool.mypy"), ("setup.cfg", "[mypy"), ("mypy.ini", ""))),
    (
        re.compile(r"^\.coveragerc$"),
        (("pyproject.toml", "[tool.coverage"), ("setup.cfg", "[coverage:"), ("tox.ini", "[coverage:")),
    ),
    (re.compile(r"^pyrightconfig\.json$"), (("pyproject.toml", "[tool.pyright"),)),
    (re.compile(r"^GNUmakefile$|^makefile$"), (("Makefile", ""), ("makefile", ""))),
    (re.compile(r"^(jest|vitest|vite|eslint)\.config\.\w+$"), (("package.json", '"jest"'),)),
    (re.compile(r"^\.flake8$"), (("setup.cfg", "[flake8]"), ("tox.ini", "[flake8]"))),
)  # fmt: skip
_TOOLS = (
    r"pytest|_pytest|py|pluggy|unittest|nose2?|tox|nox|coverage|hypothesis|xdist|pytest_[a-z]+|ruff|flake8|mypy|pylint|"
    r"assert|jest|vitest|mocha|chai|ava|tape|tap|expect|sinon|jasmine|karma|cypress|playwright|eslint|tsc|prettier"
)
_STANDS_IN = (
    re.compile(rf"^(?:(?:src|lib|tests?|python)/)?(?:{_TOOLS})(?:\.py$|/__(?:init|main)__\.py$)"),
    re.compile(
        rf"^(?:bin|tools|\.?local/bin|fakebin)/(?:{_TOOLS}|go|cargo|npm|npx|yarn|pnpm|node|python3?|make|mvn|gradle|ruby|php|dotnet)(?:\.\w+)?$"
    ),
    re.compile(r"(^|/)node_modules/"),
    re.compile(r"(^|/)(site-packages|dist-packages)/"),
)
"""New files that are found under the name of a tool, or of what a package manager installs."""
_MOST_BYTES = 1 << 20


def guard(change: Examined) -> Iterator[Found]:
    """Moved settings and new ones that go before others."""
    for edit in change.edits:
        if edit.moved_from and is_settings(edit.moved_from) and _elsewhere(edit.moved_from, edit.path):
            yield found(
                "settings-weakened", edit.moved_from, "these settings were moved to where no tool looks for them"
            )
        if edit.changed.status == "A" and not is_example(edit.path):
            yield from _new(change, edit)
            if any(form.search(edit.path) for form in _STANDS_IN):
                yield found(
                    "result-rewritten", edit.path, "is found in the place of a tool that checks, or of a package"
                )


def _elsewhere(before: str, after: str) -> bool:
    """Another name is another tool's or nobody's; a folder further down is seen by less than before."""
    if posixpath.basename(before) != posixpath.basename(after):
        return not is_settings(after)
    folder = posixpath.dirname(after)
    return folder != "" and not posixpath.dirname(before).startswith(folder)


def _new(change: Examined, edit: Edit) -> Iterator[Found]:
    folder, name = posixpath.split(edit.path)
    for pattern, others in _SHADOWED:
        if not pattern.match(name):
            continue
        for place in dict.fromkeys((folder, "")):
            for other, mark in others:
                path = posixpath.join(place, other)
                if path in {edit.path, edit.moved_from}:
                    continue
                content = change.old(path)
                if content is not None and mark.encode() in content[:_MOST_BYTES]:
                    yield found(
                        "settings-suspect", edit.path, f"goes before the settings in {other}, which count no more"
                    )
                    return
