"""check: put the exported tree on trial: the repository's own checks, weighed against what its base commit says."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bot.domain.effects import Check
from bot.domain.events import Checked
from bot.domain.frozen import revised
from bot.domain.verdict import Evidence, Verdict
from workers.checks.evidence import limited, weigh
from workers.checks.feedback import feedback
from workers.checks.plan.touched import covers_any
from workers.checks.proof import settings_of_tests, side_of_tests, side_without_settings
from workers.checks.trial import Trial, attempt
from workers.egress.network import WayOut
from workers.environment import Installed
from workers.sandbox import Session
from workers.stages.checkpoints import fetch_tree
from workers.stages.context import StageContext
from workers.stages.provision import (
    check_out,
    checks_of,
    dependencies,
    fetch_missing,
    paths_of,
    remote_errors,
    sandboxed,
    way_out,
)
from workers.stages.result_cache import StoredResultCache
from workers.workspace import Mirror, Workspace
from workers.workspace.git import GitFailed
from workers.workspace.removal import remove


def check(context: StageContext) -> Checked:
    """Run the checks. A second run runs everything again but what is known of the base; nothing outside is changed."""
    effect = context.claim.effect
    assert isinstance(effect, Check)
    base = context.need(context.change.base_sha, "base")
    mirror = context.mirror()
    fetch_missing(mirror, context, base)
    fetch_tree(context, mirror, effect.tree)
    with remote_errors(context):
        return checked(context, mirror, base, effect.tree)


def checked(context: StageContext, mirror: Mirror, base: str, tree: str) -> Checked:
    """Return what the repository's own checks say of a tree, weighed against a base commit. Raises `RemoteRefused`."""
    tools = context.tools
    changed = mirror.changed(base, tree)
    plan = checks_of(mirror, base, [one.path for one in changed])
    if plan.test is None and not plan.quick:
        return Checked(evidence=weigh(plan, tree, None))
    grafted, plain = tree, ""
    with contextlib.suppress(GitFailed):  # a path that is a file in one tree and a folder in the other
        grafted = mirror.graft(base, side_of_tests(changed))
        plain = mirror.graft(base, side_without_settings(changed)) if settings_of_tests(changed) else ""
    sparse = plan.workspace.sparse
    with dependencies(context, mirror, base, sparse) as installed, way_out(context, plan) as network:
        trial = Trial(
            plan=plan,
            tree=tree,
            base=base,
            grafted=grafted,
            changed=changed,
            files=paths_of(mirror, tree, sparse, changed),
            base_files=paths_of(mirror, base, sparse),
            depends_on=(context.repository, tools.sandbox.name, _packages(installed), *network.granted),
            plain=plain,
        )
        cache = StoredResultCache(tools.store.marks, tools.artifacts, tools.clock)

        @contextmanager
        def open_sandbox(tree: str, part: str) -> Iterator[Session]:
            make = partial(check_out, mirror, plan, base, tree=tree)
            with _open_sandbox(context, make, installed, network, part) as session:
                yield session

        outcome = attempt(trial, open_sandbox, cache, context.lost.is_set)
    context.still_mine()
    refused = (*installed.refused, *network.refused())
    found = limited(outcome.evidence, plan.uncovered, covers_any(plan, [one.path for one in changed]))
    evidence = _explained(found, (*installed.reasons, *network.reasons(), *plan.notes))
    evidence = revised(evidence, refused=tuple(dict.fromkeys(one.host for one in refused)))
    log = tools.artifacts.put((outcome.log + outcome.further).encode())
    told = feedback(outcome) if evidence.verdict is Verdict.RED else ""
    return Checked(evidence=revised(evidence, log=log), told=told)


@contextmanager
def _open_sandbox(
    context: StageContext, make: Callable[[Path], Workspace], installed: Installed, network: WayOut, part: str
) -> Iterator[Session]:
    """Return a sandbox around a fresh checkout of its own, of which nothing is left."""
    folder = context.tools.workspaces.folder(context.change.id, context.claim.fence, part)
    try:
        with sandboxed(context, make(folder), installed.folder, network.socket) as session:
            yield session
    finally:
        remove(folder)


def _packages(installed: Installed) -> str:
    """Return what names the installed packages: their cache's key, or why there are none."""
    return installed.folder.parent.name if installed.folder else "\n".join(installed.reasons)


def _explained(evidence: Evidence, missing: tuple[str, ...]) -> Evidence:
    """Return the evidence with what could not be installed: the cause first, where that is why nothing was proven."""
    order = (missing, evidence.reasons) if evidence.verdict is Verdict.UNPROVEN else (evidence.reasons, missing)
    return revised(evidence, reasons=(*order[0], *order[1]))
