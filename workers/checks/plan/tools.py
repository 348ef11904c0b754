"""Which programs a plan needs and a sandbox lacks."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from workers.checks import Plan
from workers.ecosystems import registry
from workers.sandbox import Limits, Session

_PROGRAM = re.compile(r"[\w.+/-]{1,80}")
_PATH = ":".join(["$PATH", *(f"$PWD/{folder}" for one in registry.ALL for folder in one.programs)])


def absent(programs: Iterable[str], session: Session) -> tuple[str, ...]:
    """Return those of `programs` that are neither on the PATH nor where the repository's packages put them."""
    wanted = [name for name in dict.fromkeys(programs) if _PROGRAM.fullmatch(name)]
    if not wanted:
        return ()
    probe = (
        f'PATH="{_PATH}"; for p in '
        + " ".join(shlex.quote(name) for name in wanted)
        + '; do command -v -- "$p" >/dev/null 2>&1 || printf "%s\\n" "$p"; done'
    )
    ran = session.run(probe, limits=Limits(wall_seconds=20))
    said = {line.strip() for line in ran.output.splitlines()}
    return tuple(name for name in wanted if name in said)


def missing_tools(plan: Plan, session: Session) -> tuple[str, ...]:
    """Return the programs without which nothing of the plan can be proven in this sandbox, and which it does not
    have.
    """
    return absent(plan.needs, session)


def unavailable(plan: Plan, session: Session) -> frozenset[str]:
    """Return the names of the quick checks that cannot be run in this sandbox, in one probe."""
    lacking = set(absent((need for check in plan.quick for need in check.needs), session))
    return frozenset(check.name for check in plan.quick if lacking & set(check.needs))
