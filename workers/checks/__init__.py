"""The repository's own checks: what to run (plan), running it in the sandbox (run), reading what it said (readers).

Law: exit status and counts must agree; no collected test is `UNPROVEN`, never green.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.domain.verdict import Evidence
from workers.ecosystems.candidate import Check


@dataclass(frozen=True)
class WorkspacePolicy:
    """Which parts of a large repository are checked out. No folders: all. `partial`: blobs are fetched on demand."""

    sparse: tuple[str, ...] = ()
    partial: bool = False
    lfs: bool = False
    submodules: bool | tuple[str, ...] = False
    """None, all that are served, or those at these paths."""


@dataclass(frozen=True)
class Plan:
    """What to run for a repository. `source` says where it came from: ".shipmate.toml" or what was detected.

    `test` is a bash command line run at the repository root, or None with the reason for a person in `why_not`.
    `reports` are globs of report files relative to the root, in the format that `reader` names ("junit", "go", ...;
    "" tries all that speak for themselves). `build` is a command line too, or None; `build_output` the folder it
    fills, where the repository says so.

    `needs` are programs without which nothing can be proven here. `quick` are checks of seconds. `test_changed` runs
    the tests in `{files}`, `select` the tests named `{tests}`: use `plan.selecting`, which quotes. `folder` is the
    sub-project (relative, "" for the root) into which the commands change by themselves. `hosts` are what the policy
    lets tests reach on the network ("name" or "name:port"). `notes` are sentences on what is left to CI.
    """

    source: str
    test: str | None
    reports: tuple[str, ...] = ()
    why_not: str = ""
    wall_seconds: float = 900.0
    build: str | None = None
    build_output: str | None = None
    ecosystem: str = ""
    tool: str = ""
    manager: str = ""
    reader: str = ""
    needs: tuple[str, ...] = ()
    quick: tuple[Check, ...] = ()
    test_changed: str | None = None
    select: str | None = None
    folder: str = ""
    workspace: WorkspacePolicy = field(default_factory=WorkspacePolicy)
    hosts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = ()
    """Parts of the change that the tests do not cover: a language, with one of its files."""


@dataclass(frozen=True)
class CheckResult:
    """Evidence together with the full output, which the caller stores as an artifact.

    `failures` are (test name, first lines of its message) for the agent, `notes` what else counts against the change:
    findings of quick checks with their places. `further` is the output of the other runs that were made. All of it is
    outside text.
    """

    evidence: Evidence
    log: str
    failures: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    further: str = ""
