"""check: run the repository's own checks on the exported tree, in a sandbox of its own."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.effects import Check
from bot.domain.events import Checked
from bot.domain.verdict import Evidence, Verdict
from workers.checks.feedback import feedback
from workers.checks.run import run_checks
from workers.errand import Errand
from workers.workshop import bring, checks_of, dependencies, safe_place


def check(errand: Errand) -> Checked:
    """A second run checks out the same tree and runs everything again; nothing outside is changed."""
    effect, tools, change = errand.claim.effect, errand.tools, errand.change
    assert isinstance(effect, Check)
    base = errand.need(change.base_sha, "base")
    mirror = errand.mirror()
    bring(mirror, errand, base)
    checks = checks_of(mirror, base)
    if checks.test is None:
        return Checked(evidence=Evidence(verdict=Verdict.UNPROVEN, subject=effect.tree, reasons=(checks.why_not,)))
    folder = tools.workspaces.folder(change.id, errand.claim.fence)
    mirror.checkout(effect.tree, folder)
    with dependencies(errand, mirror, base) as installed, safe_place(errand, folder, installed.folder) as session:
        outcome = run_checks(checks, session, folder, effect.tree, errand.lost.is_set)
    outcome = replace(outcome, evidence=_explained(outcome.evidence, installed.reasons))
    errand.still_mine()
    log = tools.artifacts.put(outcome.log.encode())
    told = feedback(outcome) if outcome.evidence.verdict is Verdict.RED else ""
    return Checked(evidence=outcome.evidence.model_copy(update={"log": log}), told=told)


def _explained(evidence: Evidence, missing: tuple[str, ...]) -> Evidence:
    """The evidence with what could not be installed: the cause first, where that is why nothing was proven."""
    order = (missing, evidence.reasons) if evidence.verdict is Verdict.UNPROVEN else (evidence.reasons, missing)
    return evidence.model_copy(update={"reasons": (*order[0], *order[1])})
