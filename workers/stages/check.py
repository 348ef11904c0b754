"""check: run the repository's own checks on the exported tree, in a sandbox of its own."""

from __future__ import annotations

from contextlib import closing

from bot.domain.effects import Check
from bot.domain.events import Checked
from bot.domain.verdict import Evidence, Verdict
from workers.checks.plan import PolicyError, plan
from workers.checks.run import feedback, run_checks
from workers.errand import Errand
from workers.faults import GiveUp
from workers.sandbox import SandboxUnavailable
from workers.stages.edit import bring


def check(errand: Errand) -> Checked:
    """A second run checks out the same tree and runs everything again; nothing outside is changed."""
    effect, tools, change = errand.claim.effect, errand.tools, errand.change
    assert isinstance(effect, Check)
    base = errand.need(change.base_sha, "base")
    mirror = errand.mirror()
    bring(mirror, errand, base)
    try:
        checks = plan(lambda path: mirror.read(base, path), mirror.files(base))
    except PolicyError as wrong:
        raise GiveUp(f"The file .shipmate.toml has a mistake: {wrong}", "Mend it on the default branch.") from wrong
    if checks.test is None:
        return Checked(evidence=Evidence(verdict=Verdict.UNPROVEN, subject=effect.tree, reasons=(checks.why_not,)))
    folder = tools.workspaces.folder(change.id, errand.claim.fence)
    mirror.checkout(effect.tree, folder)
    try:
        session = tools.sandbox.open(folder)
    except SandboxUnavailable as missing:
        raise GiveUp(f"I have no safe place to run tests in: {missing}", "Ask the operator to mend it.") from missing
    with closing(session):
        outcome = run_checks(checks, session, folder, effect.tree, errand.lost.is_set)
    errand.still_mine()
    log = tools.artifacts.put(outcome.log.encode())
    reasons = outcome.evidence.reasons
    if outcome.evidence.verdict is Verdict.RED:
        reasons = (*reasons, feedback(outcome))
    return Checked(evidence=outcome.evidence.model_copy(update={"log": log, "reasons": reasons}))
