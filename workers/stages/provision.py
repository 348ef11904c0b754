"""Provide what several stages need: commits, a checkout, packages, a sandbox, and the plan of the repository's checks.

Law: whatever is missing here ends a stage with `TryAgain` or `GiveUp`, with a sentence for the person who asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bot.domain import ids
from workers import GiveUp, TryAgain
from workers.checks import Plan
from workers.checks.plan import PolicyError, plan
from workers.checks.plan.policy_file import extent
from workers.egress.network import WayOut
from workers.environment import Installed
from workers.environment.recipe import recipe
from workers.sandbox import SandboxUnavailable, Session
from workers.stages.context import StageContext
from workers.workspace import Changed, Mirror, RemoteRefused, Workspace

_AGAIN_SECONDS = 3.0
LONGEST_DIFF = 32 << 20
"""Bytes of a difference that is compared with another one."""
LONGEST_LOCK = 8 << 20
"""Bytes of a file that declares dependencies."""


def unreachable(repository: str, refused: RemoteRefused) -> TryAgain | GiveUp:
    """Return what a refusal of the remote means for a stage."""
    if refused.again:
        return TryAgain(10, f"{repository} cannot be reached: {refused.reason}")
    return GiveUp(
        f"I couldn't get a copy of {repository}: {refused.reason}",
        "Shipmate's operator has to check its access. Then try again.",
    )


def fetch_missing(mirror: Mirror, context: StageContext, *commits: str) -> None:
    """Fetch the commits that the change stands on, unless this host's mirror has them."""
    try:
        if not all(mirror.has(commit) for commit in commits):
            mirror.fetch()
    except RemoteRefused as refused:
        raise unreachable(context.repository, refused) from refused


def fingerprint(mirror: Mirror, base: str, tree: str) -> tuple[str, tuple[str, ...]]:
    """Return (digest of the raw difference, its paths)."""
    changed = mirror.changed(base, tree)
    lines = [f"{one.old_mode} {one.new_mode} {one.old_sha} {one.new_sha} {one.status} {one.path}" for one in changed]
    return ids.digest(*lines, size=32), tuple(one.path for one in changed)


def patch(mirror: Mirror, base: str, tree: str) -> str:
    """Return a digest of the removed and added lines of a difference, without their places in the files."""
    told = mirror.diff(base, tree, LONGEST_DIFF)
    lines = (line for line in told.split("\n") if line[:1] in {"+", "-"} or line.startswith("diff --git "))
    return ids.digest(*lines, size=32)


@contextmanager
def remote_errors(context: StageContext) -> Iterator[None]:
    """Turn the refusals of the remote inside this block into `TryAgain` or `GiveUp`."""
    try:
        yield
    except RemoteRefused as refused:
        raise unreachable(context.repository, refused) from refused


@contextmanager
def way_out(context: StageContext, plan: Plan) -> Iterator[WayOut]:
    """Open the hosts that the policy file names and the operator allows, behind a proxy that serves until this ends."""
    with context.tools.network.way_out(plan.hosts) as found:
        yield found


@contextmanager
def sandboxed(
    context: StageContext, workspace: Path | Workspace, deps: Path | None = None, egress: Path | None = None
) -> Iterator[Session]:
    """Yield a sandbox around a workspace, with the installed packages `deps`; it is closed at the end.

    `egress` is the socket of its only way out. Where no sandbox can start, raises `TryAgain` the first time and
    `GiveUp` the second.
    """
    try:
        session = context.tools.sandbox.open(workspace, deps, egress)
        try:
            yield session
        finally:
            session.close()
    except SandboxUnavailable as missing:
        if context.claim.attempts < 2:
            raise TryAgain(_AGAIN_SECONDS, f"no sandbox: {missing}", counts=True) from missing
        raise GiveUp(f"I couldn't start a sandbox: {missing}", "Shipmate's operator has to fix it.") from missing


def check_out(
    mirror: Mirror, plan: Plan, base: str, place: Path, *, tree: str | None = None, history: bool = False
) -> Workspace:
    """Return a workspace in the empty folder `place`, with the parts of the repository that its policy names.

    See `Mirror.workspace`. Raises `RemoteRefused`.
    """
    policy = plan.workspace
    return mirror.workspace(
        place,
        base,
        tree=tree,
        sparse=policy.sparse,
        history=history,
        lfs=policy.lfs,
        submodules=policy.submodules,
    )


@contextmanager
def dependencies(context: StageContext, mirror: Mirror, base: str, sparse: tuple[str, ...] = ()) -> Iterator[Installed]:
    """Return the packages that the base commit declares, in the folders `sparse` where only those are checked out.

    They are installed unless they are cached, and stay until the block ends.
    """
    installer = context.tools.installer
    if installer is None:
        yield Installed()
        return
    needed = recipe(lambda path: mirror.read(base, path, LONGEST_LOCK), paths_of(mirror, base, sparse))
    submodules = extent(partial(mirror.read, base)).submodules
    with installer.installed(
        needed,
        context.repository,
        lambda folder: mirror.checkout(base, folder, sparse, submodules=submodules),
        stopped=context.lost.is_set,
        say=context.say,
    ) as found:
        context.still_mine()
        yield found


def paths_of(mirror: Mirror, tree: str, sparse: Sequence[str], changed: Sequence[Changed] = ()) -> tuple[str, ...]:
    """Return the paths of a tree that a workspace has, where only the folders `sparse` are checked out.

    `changed` are the differences from the base: files that they add elsewhere are there too.
    """
    if not sparse:
        return mirror.files(tree)
    also = {one.path for one in changed if one.status != "D"}
    return tuple(sorted({*mirror.files(tree, sparse), *also}))


def checks_of(mirror: Mirror, base: str, near: Sequence[str] = ()) -> Plan:
    """Return the repository's checks at its base commit, for the sub-project that holds the paths `near`.

    Where the policy names folders, the plan is made from those, and their files are fetched in one go.
    Raises `GiveUp` (a mistake in the policy file), `RemoteRefused`.
    """
    read = partial(mirror.read, base)
    try:
        policy = extent(read)
        mirror.gather(base, policy.sparse)
        return plan(read, paths_of(mirror, base, policy.sparse), near)
    except PolicyError as wrong:
        raise GiveUp(
            f"The file .shipmate.toml has a mistake: {wrong}", "Fix it on the default branch, then try again."
        ) from wrong
