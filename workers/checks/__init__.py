"""The repository's own checks: what to run (plan), running it in the sandbox (run), reading what it said (readers).

Law: exit status and counts must agree; no collected test is `UNPROVEN`, never green.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.verdict import Evidence


@dataclass(frozen=True)
class Plan:
    """What to run for a repository. `source` says where it came from: ".shipmate.toml" or what was detected.

    `test` is a bash command line run at the repository root, or None with `why_not` in words for a person.
    `reports` are globs of JUnit XML relative to the root. `build` is a command line too, or None; `build_output` the
    folder it fills, where the repository says so.
    """

    source: str
    test: str | None
    reports: tuple[str, ...] = ()
    why_not: str = ""
    wall_seconds: float = 900.0
    build: str | None = None
    build_output: str | None = None


@dataclass(frozen=True)
class Outcome:
    """Evidence together with the full output, which the caller keeps as an artifact.

    `failures` are (test name, first lines of its message) for the agent; outside text.
    """

    evidence: Evidence
    log: str
    failures: tuple[tuple[str, str], ...] = ()
