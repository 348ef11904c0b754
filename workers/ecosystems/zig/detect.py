"""Zig: the step "test" of build.zig, or `zig test` of the one file that the others hang on; zig fmt. Pure.

Law: what is built goes into the folder for reports, which is emptied before each run: no old binary is tested.
"""

from __future__ import annotations

import re

from workers.ecosystems.candidate import Candidate, report
from workers.ecosystems.facts import Facts

_STEP = re.compile(r"\.step\(\s*\"test\"")
_TEST = re.compile(r"^\s*test\b\s*(\"|\w+\s*\{|\{)", re.M)
_ROOTS = ("src/root.zig", "src/main.zig", "src/lib.zig", "root.zig", "main.zig")
_MOST_LOOKED_AT = 300


def detect(facts: Facts) -> Candidate | None:
    """Return the plan for a Zig project. Tests stand in the sources, so every source may hold some."""
    sources = facts.of("zig")
    if not sources:
        return None
    tests = sum(_TEST.search(facts.text(path)) is not None for path in sources[:_MOST_LOOKED_AT])
    cache = f"--cache-dir {report(facts, 'zig')}"
    build = facts.text("build.zig")
    if _STEP.search(build):
        run = f"zig build test --summary all {cache}"
        filtered = f"{run} {{tests:-Dtest-filter=}}" if '"test-filter"' in build else None
        return Candidate(
            "zig", "zig build test", run, max(tests, 1), manager="zig", reader="zig-build", needs=("zig",),
            select=filtered,
        )  # fmt: skip
    root = next((path for path in _ROOTS if facts.has(path)), None)
    if not tests or root is None:
        return None
    run = f"zig test {root} {cache}"
    return Candidate(
        "zig", "zig test", run, tests, manager="zig", reader="zig", needs=("zig",),
        select=f"{run} {{tests:--test-filter }}",
    )  # fmt: skip
