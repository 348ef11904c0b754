"""Which files are tests, and command lines that run some tests, or look at some files, of a plan alone. Pure.

Law: names come from reports and repositories, so they are quoted here and nowhere else.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterable, Sequence

from workers.checks import Plan
from workers.ecosystems import registry
from workers.ecosystems.candidate import Check

MOST = 200
"""Tests or files that one command line names."""

_FOLDERS = r"(^|/)(tests?|specs?|__tests__|testing|testdata|t|features)/"
_SELECTS = [one.select for one in registry.ALL]
_TESTS = (re.compile(_FOLDERS), *(one.belongs for one in _SELECTS if one.belongs))
_RUNNABLE = {one.name: one.select.runnable for one in registry.ALL if one.select.runnable}
_SPELL = {tool: spell for one in _SELECTS for tool, spell in one.spell.items()}


def is_test(path: str) -> bool:
    """Return whether a file belongs to the tests (a test, its data or its helpers), by where and how it is named."""
    return any(belongs.search(path) for belongs in _TESTS)


def test_files(plan: Plan, paths: Iterable[str]) -> tuple[str, ...]:
    """Return those of `paths` that the plan's tool can be asked to run by name, within its sub-project."""
    pattern = _RUNNABLE.get(plan.ecosystem)
    if pattern is None:  # the policy's own command: the files that are named as tests are named in it
        return tuple(path for path in _within(plan, paths) if any(one.search(path) for one in _RUNNABLE.values()))
    return tuple(path for path in _within(plan, paths) if pattern.search(path))


def only_files(plan: Plan, paths: Sequence[str]) -> str | None:
    """Return the command line that runs the tests in these files (relative to the root); None where the plan cannot."""
    chosen = test_files(plan, paths)
    if plan.test_changed is None or len(chosen) > MOST or ("{files}" in plan.test_changed and not chosen):
        return None
    return plan.test_changed.replace("{files}", _words(plan, chosen))


def only_tests(plan: Plan, names: Sequence[str], files: Collection[str]) -> str | None:
    """Return the command line that runs the tests of these names, as a report spelled them; None where that cannot be
    told.

    `files` are the paths of the tree: a name such as "tests.test_a.TestB.test_c" is found again by its file. Where a
    tool takes no names but files, whole files are run.
    """
    if not names or len(names) > MOST or any("\0" in name or "\n" in name or name.endswith("…") for name in names):
        return None
    if plan.select is None:
        return _by_files(plan, names, files)
    spell = _SPELL.get(plan.tool)
    words = [spell(name, frozenset(files), plan.folder) if spell else name for name in names]
    known = [word for word in words if word and not word.startswith("-")]
    return _filled(plan.select, list(dict.fromkeys(known))) if len(known) == len(words) else None


def quick_command(check: Check, plan: Plan, changed: Iterable[str]) -> str | None:
    """Return the check's command line for the changed files (relative to the root, those that still exist).

    None where the change holds nothing that the check looks at.
    """
    wanted = [path for path in _within(plan, changed) if not check.endings or path.endswith(check.endings)]
    if check.endings and not wanted:
        return None
    return (
        check.command.replace("{files}", _words(plan, wanted[:MOST])) if "{files}" in check.command else check.command
    )


def _within(plan: Plan, paths: Iterable[str]) -> Iterable[str]:
    inside = f"{plan.folder}/" if plan.folder else ""
    return (path for path in paths if path.startswith(inside) and "\0" not in path)


def _words(plan: Plan, paths: Sequence[str]) -> str:
    """Return paths as the plan's commands see them, quoted; none can be taken for an option."""
    start = len(plan.folder) + 1 if plan.folder else 0
    inside = [path[start:] for path in paths]
    return " ".join(shlex.quote(f"./{path}" if path.startswith("-") else path) for path in inside)


def _filled(template: str, words: Sequence[str]) -> str:
    """Fill in names: `{tests}` each by itself, `{tests:X}` with X before each, `{tests|}` one regular expression of
    all, `{tests,}` and `{tests~}` one word of all, joined by a comma or a bar.
    """

    def fill(hole: re.Match[str]) -> str:
        form = hole[1] or ":"
        if form == "|":
            return shlex.quote(f"^({'|'.join(re.escape(word) for word in words)})$")
        if form == ",":
            return shlex.quote(",".join(words))
        if form == "~":
            return shlex.quote("|".join(words))
        return " ".join(f"{form[1:]}{shlex.quote(word)}" for word in words)

    return re.sub(r"\{tests([|,~]|:[^}]*)?\}", fill, template)


def _by_files(plan: Plan, names: Sequence[str], files: Collection[str]) -> str | None:
    known = sorted(test_files(plan, files), key=len, reverse=True)
    start = len(plan.folder) + 1 if plan.folder else 0
    chosen: dict[str, None] = {}
    for name in names:
        bare = name.removeprefix("./")
        found = next((path for path in known if bare.startswith((path, path[start:]))), None)
        if found is None:
            return None
        chosen[found] = None
    return only_files(plan, list(chosen))
