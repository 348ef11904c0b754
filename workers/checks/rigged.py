"""Are failures still reported? A test of ours that must fail is put among the tests of a tree and run alone.

Law: it counts against a change only if the same planted test is reported as failing on the base. An author who knows of
it can still except it: this catches what makes all tests pass, not what was written against it.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from workers.checks import Plan
from workers.checks.plan import only_files, test_files
from workers.checks.proof import of_tests
from workers.checks.run import run_suite
from workers.ecosystems.registry import BY_NAME
from workers.sandbox import Limits, Session

SECONDS = 120.0
"""The longest the planted test may take."""


@dataclass(frozen=True)
class Planted:
    """A test that must fail: where it is put, what it says, how it is run alone, and the word by which it is known."""

    path: str
    content: str
    command: str
    name: str


def planted(plan: Plan, files: Sequence[str], both: Collection[str], changed: Collection[str], name: str) -> Planted:
    """Plan the test to plant; one without a command where it cannot be done.

    `files` are the paths of the tree and `both` those that its base has too; it is put where the change touches tests,
    else where most of them are. `name` is a new word of lower-case letters and digits.
    """
    known = [path for path in test_files(plan, files) if path in both]
    touched = [path for path in changed if of_tests(path)]
    near = [path for path in known if any(_folder(path) == _folder(other) for other in touched)] or known
    ecosystem = BY_NAME.get(plan.ecosystem)
    plant = ecosystem.plant if ecosystem else None
    if not near or plant is None:
        return Planted("", "", "", name)
    folder = Counter(map(_folder, near)).most_common(1)[0][0]
    beside = min(path for path in near if _folder(path) == folder)
    path = str(PurePosixPath(folder) / plant.file(PurePosixPath(beside).name, name))
    return Planted(path, plant.text.format(name=name), only_files(plan, [path]) or "", name)


def reported(plan: Plan, test: Planted, session: Session, cancelled: Callable[[], bool]) -> bool | None:
    """Return whether the planted test is reported as failing; None where that could not be found out."""
    put = session.run(f"cat > {shlex.quote(test.path)}", stdin=test.content.encode(), limits=Limits(wall_seconds=30))
    if put.exit_code != 0:
        return None
    suite = run_suite(plan, test.command, session, cancelled, SECONDS)
    if suite.ended != "by itself":
        return None
    named = any(test.name in name for name in suite.failed_names())
    return suite.code != 0 and (named or not suite.counted)


def _folder(path: str) -> str:
    return str(PurePosixPath(path).parent)
