"""Finds in an output what a suite needed and the sandbox lacks: a program, a newer one, or a dependency.

Law: a program of the repository itself is never reported as missing. A broken import of its own code is a failure of
the change and stays red.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable

import re2

from workers.ecosystems import registry
from workers.reports import plain
from workers.sandbox import Limits, Session

_PROGRAM = re2.compile(
    r"(?m)^(?:/(?:usr/)?bin/)?(?:bash|dash|make|sh)(?:\[\d+\])?: .*?([\w.+-]{1,60}): "
    r"(?:command not found|No such file|not found)"
)
_LACKS = [one.lack for one in registry.ALL]
_MODULES = [re2.compile(f"(?m){one.module}") for one in _LACKS if one.module]
_ENDINGS = ("", *(ending for one in _LACKS for ending in one.endings))
_OFFLINE = [re2.compile(f"(?m){form}") for one in _LACKS for form in one.offline]
_WANTED = [(words, re2.compile(f"(?m){form}")) for one in _LACKS for words, form in one.wanted]
PACKAGES = "packages"
"""What is missing where a package tool says that it may not fetch."""
_LOOKED_AT = 200_000


def missing(output: str, session: Session) -> str | None:
    """Return the first program or dependency that the output says is not there and that is not the repository's own."""
    end = _end(output)
    named = (name for form in (_PROGRAM, *_MODULES) for name in _names(form.findall(end)))
    if found := next((name for name in named if not _is_own(name, session)), None):
        return found
    if any(form.search(end) for form in _OFFLINE):
        return PACKAGES
    return next((words.format(one[1]) for words, form in _WANTED if (one := form.search(end))), None)


def missing_program(output: str, session: Session) -> str | None:
    """Return a missing program alone: what a chain of commands ended for after its tests had run."""
    return next((name for name in _names(_PROGRAM.findall(_end(output))) if not _is_own(name, session)), None)


def _end(output: str) -> str:
    """Return the end of an output as RE2 takes it: it knows no halves of characters."""
    return plain(output[-_LOOKED_AT:]).encode(errors="replace").decode()


def _names(found: Iterable[object]) -> list[str]:
    return list(dict.fromkeys(map(str, found)))[:10]


def _is_own(name: str, session: Session) -> bool:
    """Tell whether the repository has a file or folder of this name where programs look for their modules."""
    folders = ("", "src/", "lib/", "tests/", "test/", "spec/")
    places = [f"{folder}{name}{ending}" for folder in folders for ending in _ENDINGS]
    tests = " || ".join(f"[ -e {shlex.quote(place)} ]" for place in places)
    return session.run(tests, limits=Limits(wall_seconds=30)).exit_code == 0
