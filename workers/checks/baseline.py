"""Run the base commit's tests once for all workers, so that only new failures count against a change.

Law: it is kept only where the run ended by itself, and the first one kept counts for all who ask later.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from typing import Protocol

from workers.checks import Plan, flaky
from workers.checks.evidence import Base
from workers.checks.run import run_suite
from workers.checks.suite import dump as dump_suite
from workers.checks.suite import load as load_suite
from workers.sandbox import Limits, Session

VERSION = "2"
"""Part of every key: raised when what is kept, or how it is found out, changes."""
_PROGRAMS = (
    "bash python3 node go cargo rustc java mvn gradle dotnet ruby bundle rake rspec php phpunit swift dart elixir mix "
    "gcc g++ make cmake ctest meson ninja"
)


class OpenSandbox(Protocol):
    """Opens a sandbox around a fresh checkout of a tree; `part`, a lower-case word, names the checkout's folder."""

    def __call__(self, tree: str, part: str) -> AbstractContextManager[Session]: ...


class ResultCache(Protocol):
    """Small results by everything they depend on, shared by all workers; the first one kept counts."""

    def find(self, *key: str) -> bytes | None: ...

    def keep(self, content: bytes, *key: str) -> bytes: ...


def toolchain(session: Session) -> str:
    """Return what a result depends on besides the repository and its packages: the programs inside, by size."""
    programs = f"uname -m; for p in {_PROGRAMS}; do stat -L -c '%s' -- \"$(command -v $p)\" 2>/dev/null || echo -; done"
    return session.run(programs, limits=Limits(wall_seconds=30)).output


def measure(
    plan: Plan,
    command: str,
    base: str,
    files: Collection[str],
    open_sandbox: OpenSandbox,
    cancelled: Callable[[], bool],
) -> Base:
    """Run the tests of the base commit, and those that fail a second time. `files` are the paths of its tree."""
    with open_sandbox(base, "base") as session:
        suite = run_suite(plan, command, session, cancelled)
    failed = suite.failed_names()
    line = flaky.command(plan, suite, failed, files)
    if line is None or cancelled():
        return Base(suite)
    with open_sandbox(base, "baseagain") as session:
        passed, _again = flaky.passed_again(plan, line, session, suite, failed, cancelled)
    return Base(suite, passed)


def passing_now(
    plan: Plan, known: Base, base: str, files: Collection[str], open_sandbox: OpenSandbox, cancelled: Callable[[], bool]
) -> tuple[str, ...] | None:
    """Return those of the kept failures that pass when they are run now; None where that could not be found out."""
    failed = known.failed_names()
    line = flaky.command(plan, known.suite, failed, files)
    if line is None:
        return ()
    with open_sandbox(base, "baseasked") as session:
        passed, again = flaky.passed_again(plan, line, session, known.suite, failed, cancelled)
    return passed if again.ended == "by itself" else None


def dump_names(names: tuple[str, ...]) -> bytes:
    """Return names of tests as JSON."""
    return json.dumps(names).encode()


def load_names(content: bytes | None) -> tuple[str, ...] | None:
    """Return what `dump_names` wrote; None for anything else."""
    try:
        names = json.loads(content) if content is not None else None
    except (ValueError, RecursionError):
        return None
    return tuple(map(str, names)) if isinstance(names, list) else None


def worth_keeping(base: Base) -> bool:
    """Return whether another run would say the same: not where it was ended, or lacked what may be there tomorrow."""
    return base.suite.ended == "by itself" and base.suite.absent is None


def dump(base: Base) -> bytes:
    """Return the base's result as JSON."""
    return json.dumps({"suite": json.loads(dump_suite(base.suite)), "flaky": base.flaky}).encode()


def load(content: bytes) -> Base | None:
    """Return what `dump` wrote; None where it is something else, so that it is found out again."""
    try:
        kept = json.loads(content)
        return Base(load_suite(json.dumps(kept["suite"]).encode()), tuple(kept["flaky"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
