"""Make the agent's job from a change: the request, the repository's guidance and checks, the budget.

Law: guidance and checks are read from the base commit alone, never from the tree that the agent writes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bot.domain.change import Image, Note
from bot.domain.rules import budget
from workers import GiveUp
from workers.agent import Job, RunnableChecks
from workers.checks import Plan, readers, steps
from workers.checks.plan import REPORTS, only_files
from workers.checks.plan.selecting import quick_command
from workers.ecosystems.candidate import Check
from workers.stages import guidance
from workers.stages.context import StageContext
from workers.stages.provision import paths_of
from workers.stages.workspace_description import describe_workspace
from workers.workspace import Mirror

MOST_FINDINGS = 60


def job_of(context: StageContext, mirror: Mirror, base: str, plan: Plan) -> Job:
    """Return the agent's job in an edit; `plan` are the checks of the commit `base`."""
    change = context.change
    granted = budget(context.tools.rules, change.tier, change.grants)
    files = paths_of(mirror, base, plan.workspace.sparse)
    # Rules at the root are read even if only some folders are checked out.
    ruled = mirror.files(base, (guidance.RULES.rstrip("/"),)) if plan.workspace.sparse else files
    return Job(
        request=change.request,
        requester=change.requester.name,
        repository=context.repository,
        base_tree=mirror.tree(base),
        notes=_notes(context),
        guidance=guidance.at_root(ruled, partial(_text, mirror, base)),
        checks=plan.test or "",
        max_turns=granted.turns,
        max_tokens_total=granted.tokens,
        max_dollars=granted.dollars,
        max_minutes=granted.minutes,
        context_tokens=context.tools.context_tokens,
        images=change.images,
        fetch=lambda image: fetched(context, image),
        nested=guidance.nested(files),
        workspace_description=describe_workspace(
            plan,
            files,
            partial(mirror.read, base),
            lambda: mirror.submodules(base, plan.workspace.submodules, plan.workspace.sparse),
        ),
        read_guidance=partial(_text, mirror, base),
        suite=lambda which, tree: suite(plan, which, _there(mirror, base, tree)),
        changed=lambda tree: tuple(one.path for one in mirror.changed(base, tree)),
    )


def suite(plan: Plan, which: str, paths: tuple[str, ...]) -> RunnableChecks | None:
    """Return what the agent runs when it asks for the checks of that name; `paths` have changed, and are there."""
    if which == "quick":
        lines = [(check, quick_command(check, plan, paths)) for check in plan.quick]
        return RunnableChecks(tuple((check.name, line, _brief(check)) for check, line in lines if line), steps.SECONDS)
    command = plan.test if which == "all" else only_files(plan, paths)
    if command is None:
        return None
    # Reports are no part of the change: no export takes the folder along.
    kept = f"mkdir -p {REPORTS} && printf '*\\n' >{REPORTS}/.gitignore; {command}"
    return RunnableChecks((("tests", kept, str),), plan.wall_seconds)


def _there(mirror: Mirror, base: str, tree: str) -> tuple[str, ...]:
    """Return the changed files that a tree still has."""
    return tuple(one.path for one in mirror.changed(base, tree) if one.status != "D")


def _brief(check: Check) -> Callable[[str], str]:
    """Return findings one to a line, instead of a report meant for machines."""

    def brief(output: str) -> str:
        found = readers.findings(output, check.reader) or ()
        lines = [f"{one.path}:{one.line}: {one.rule} {one.message}" for one in found[:MOST_FINDINGS]]
        return "\n".join(lines) if lines else output

    return brief


def fetched(context: StageContext, image: Image) -> bytes | str:
    """Return the bytes of a picture, or a sentence on why it is unavailable. Raises `TryAgain`."""
    try:
        return context.tools.chat.download(image.url)
    except GiveUp as why:
        return why.reason


def _notes(context: StageContext) -> Callable[[], tuple[Note, ...]]:
    def notes() -> tuple[Note, ...]:
        change = context.tools.store.changes.get(context.change.id)
        return change.notes if change else ()

    return notes


def _text(mirror: Mirror, base: str, path: str) -> str:
    return (mirror.read(base, path, guidance.LARGEST) or b"").decode(errors="replace")
