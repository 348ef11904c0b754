"""Settings that stop to count: moved to where no tool looks, or hidden behind a new file that goes before them.

Law: what a settings file says is compared elsewhere; here only its name and its place count.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from workers.ecosystems.forms import FORMS
from workers.guards.edits import Edit, Examined
from workers.guards.found import Found
from workers.guards.kinds import is_example
from workers.guards.rules import found
from workers.guards.tamper.settings import is_settings

_SHADOWED: dict[str, tuple[tuple[str, str], ...]] = {
    "pytest": (
        ("pyproject.toml", "[tool.pytest"), ("tox.ini", "[pytest]"), ("setup.cfg", "[tool:pytest]"), ("pytest.ini", ""),
    ),
    "ruff": (("pyproject.toml", "[tool.ruff"), ("ruff.toml", "")),
    "mypy": (("pyproject.toml", "[tool.mypy"), ("setup.cfg", "[mypy"), ("mypy.ini", "")),
    "coverage": (("pyproject.toml", "[tool.coverage"), ("setup.cfg", "[coverage:"), ("tox.ini", "[coverage:")),
    "pyright": (("pyproject.toml", "[tool.pyright"),),
    "make": (("Makefile", ""), ("makefile", "")),
    "node-tool": (("package.json", '"jest"'),),
    "flake8": (("setup.cfg", "[flake8]"), ("tox.ini", "[flake8]")),
}  # fmt: skip
"""Files, with words in them, whose settings no longer count once a file of the form `settings-of-...` is there."""
_MOST_BYTES = 1 << 20


def guard(change: Examined) -> Iterator[Found]:
    """Yield moved settings and new ones that go before others."""
    for edit in change.edits:
        if edit.moved_from and is_settings(edit.moved_from) and _elsewhere(edit.moved_from, edit.path):
            yield found(
                "settings-weakened", edit.moved_from, "these settings were moved to where no tool looks for them"
            )
        if edit.changed.status == "A" and not is_example(edit.path):
            yield from _new(change, edit)
            if FORMS["in-place-of-a-tool"].matches(edit.path):
                yield found(
                    "result-rewritten", edit.path, "is found in the place of a tool that checks, or of a package"
                )


def _elsewhere(before: str, after: str) -> bool:
    """Return whether a moved file is another tool's or none's now, or is seen by fewer files further down."""
    if posixpath.basename(before) != posixpath.basename(after):
        return not is_settings(after)
    folder = posixpath.dirname(after)
    return folder != "" and not posixpath.dirname(before).startswith(folder)


def _new(change: Examined, edit: Edit) -> Iterator[Found]:
    folder, name = posixpath.split(edit.path)
    for tool, others in _SHADOWED.items():
        if not FORMS[f"settings-of-{tool}"].matches(name):
            continue
        for place in dict.fromkeys((folder, "")):
            for other, mark in others:
                path = posixpath.join(place, other)
                if path in {edit.path, edit.moved_from}:
                    continue
                content = change.old(path)
                if content is not None and mark.encode() in content[:_MOST_BYTES]:
                    yield found(
                        "settings-suspect", edit.path, f"goes before the settings in {other}, which no longer count"
                    )
                    return
