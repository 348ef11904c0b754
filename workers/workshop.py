"""What several stages need: commits at hand, a safe place around a folder, the repository's own checks.

Law: whatever is missing here ends a stage with `TryAgain` or `GiveUp`, in words for the person who asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.domain import ids
from workers.checks import Plan
from workers.checks.plan import PolicyError, plan
from workers.errand import Errand
from workers.faults import GiveUp, TryAgain
from workers.sandbox import SandboxUnavailable, Session
from workers.setup import Installed
from workers.setup.ecosystems import recipe
from workers.workspace import Mirror, RemoteRefused, Workspace

LONGEST_LOCK = 8 << 20
"""Bytes of a file that declares dependencies."""


def unreachable(repository: str, refused: RemoteRefused) -> TryAgain | GiveUp:
    """What a refusal of the remote means for a stage."""
    if refused.again:
        return TryAgain(10, f"{repository} cannot be reached: {refused.reason}")
    return GiveUp(
        f"I cannot get a copy of {repository}: {refused.reason}", "Ask the operator to check my access, then try again."
    )


def bring(mirror: Mirror, errand: Errand, *commits: str) -> None:
    """See that the mirror of this host has the commits that the change stands on."""
    try:
        if not all(mirror.has(commit) for commit in commits):
            mirror.fetch()
    except RemoteRefused as refused:
        raise unreachable(errand.repository, refused) from refused


def fingerprint(mirror: Mirror, base: str, tree: str) -> tuple[str, tuple[str, ...]]:
    """(digest of the raw difference, its paths)."""
    changed = mirror.changed(base, tree)
    lines = [f"{one.old_mode} {one.new_mode} {one.old_sha} {one.new_sha} {one.status} {one.path}" for one in changed]
    return ids.digest(*lines, size=32), tuple(one.path for one in changed)


@contextmanager
def safe_place(errand: Errand, workspace: Path | Workspace, deps: Path | None = None) -> Iterator[Session]:
    """A sandbox around a workspace, with installed packages where given; no process of it is left when this ends."""
    try:
        session = errand.tools.sandbox.open(workspace, deps)
        try:
            yield session
        finally:
            session.close()
    except SandboxUnavailable as missing:
        raise GiveUp(f"I have no safe place to work in: {missing}", "Ask the operator to mend it.") from missing


@contextmanager
def dependencies(errand: Errand, mirror: Mirror, base: str) -> Iterator[Installed]:
    """The packages that the base commit declares, installed unless they were before; they stay until this ends."""
    installer = errand.tools.installer
    if installer is None:
        yield Installed()
        return
    needed = recipe(lambda path: mirror.read(base, path, LONGEST_LOCK), mirror.files(base))
    with installer.installed(
        needed,
        errand.repository,
        lambda folder: mirror.checkout(base, folder),
        stopped=errand.lost.is_set,
        say=errand.say,
    ) as found:
        errand.still_mine()
        yield found


def checks_of(mirror: Mirror, base: str, near: Sequence[str] = ()) -> Plan:
    """The repository's checks as its base commit has them, of the part that a change to the paths `near` lies in."""
    try:
        return plan(lambda path: mirror.read(base, path), mirror.files(base), near)
    except PolicyError as wrong:
        raise GiveUp(f"The file .shipmate.toml has a mistake: {wrong}", "Mend it on the default branch.") from wrong
