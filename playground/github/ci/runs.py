"""The records of workflow runs: made when something starts them, and the events about them.

Law: a run's state follows from its jobs; every change of it is announced once.
"""

from __future__ import annotations

from typing import Any

from ..check_suites import create_check_run, pulls_of, suite_for, update_check_run
from ..errors import ApiError
from ..hub import Hub
from ..shapes.accounts import ACTIONS_LOGIN, ACTIONS_SLUG
from ..shapes.checks import workflow as workflow_shape
from ..shapes.checks import workflow_run as run_shape
from ..store import Doc, now
from .workflow import Workflow, read
from .workflow_yaml import YamlError

FOLDER = ".github/workflows"
OVERRIDE = f"{FOLDER}/playground.yml"


def workflow_files(hub: Hub, repo: Doc, sha: str) -> dict[str, str]:
    """Path to text of the workflows of a commit, or the one that replaces them."""
    if repo.get("workflow"):
        return {OVERRIDE: repo["workflow"]}
    git = hub.git(repo)
    entries = git.entries(sha, path=f"{FOLDER}/")
    return {
        entry.path: git.blob(entry.sha).decode(errors="replace")
        for entry in entries
        if entry.type == "blob" and entry.path.endswith((".yml", ".yaml")) and (entry.size or 0) < 200_000
    }


def start_runs(hub: Hub, repo: Doc, event: str, sha: str, branch: str, who: str, base: str) -> int:
    """Make a run for every workflow that this event starts; how many."""
    count = 0
    for path, text in workflow_files(hub, repo, sha).items():
        facts = {"event": event, "head_sha": sha, "head_branch": branch, "base_ref": base, "actor": who, "path": path}
        try:
            workflow = read(text, path)
        except YamlError as wrong:
            if event == "push":  # once per commit is enough to say it
                _refused(hub, repo, facts, path, str(wrong))
            continue
        trigger = workflow.triggers.get(event)
        if trigger and trigger.fits(base if event == "pull_request" else branch):
            _start(hub, repo, facts, workflow)
            count += 1
    return count


def _record(hub: Hub, repo: Doc, facts: Doc, name: str) -> Doc:
    path, sha = facts["path"], facts["head_sha"]
    known = hub.store.one("workflow", repo=repo["id"], key=path)
    if known is None:
        known = hub.store.add("workflow", {"name": name, "path": path, "created_at": now()}, repo=repo["id"], key=path)
    suite = suite_for(hub, repo, sha, ACTIONS_SLUG, facts["head_branch"])
    title = hub.git(repo).commit(sha).message.split("\n", 1)[0]
    fresh: Doc = {
        **facts, "workflow_id": known["id"], "name": name, "suite_id": suite["id"], "display_title": title,
        "run_number": hub.store.next(f"run-{known['id']}"), "run_attempt": 1, "status": "queued", "conclusion": None,
        "created_at": now(), "updated_at": now(), "started_at": now(),
    }  # fmt: skip
    return hub.store.add("workflow_run", fresh, repo=repo["id"], key=sha)


def _start(hub: Hub, repo: Doc, facts: Doc, workflow: Workflow) -> None:
    run = _record(hub, repo, facts, workflow.name)
    for job in workflow.jobs:
        _job(hub, repo, run, job.key, job.name, list(job.labels), list(job.needs))
    announce(hub, repo, run, "requested")


def _job(hub: Hub, repo: Doc, run: Doc, key: str, name: str, labels: list[str], needs: list[str]) -> Doc:
    page = f"{hub.config.public_url}/{repo['full_name']}/actions/runs/{run['id']}"
    check = create_check_run(
        hub, repo, app_slug=ACTIONS_SLUG, branch=run["head_branch"], who=ACTIONS_LOGIN, name=name,
        head_sha=run["head_sha"], details_url=page, html_url=page,
    )  # fmt: skip
    body: Doc = {
        "run_id": run["id"], "job_key": key, "name": name, "labels": labels, "needs": needs,
        "check_run_id": check["id"],
        "status": "queued", "conclusion": None, "created_at": now(), "started_at": None, "completed_at": None,
        "steps": [],
    }  # fmt: skip
    return hub.store.add("job", body, repo=repo["id"], key=str(run["id"]))


def _refused(hub: Hub, repo: Doc, facts: Doc, path: str, why: str) -> None:
    """Complete a run that cannot happen here, and say why."""
    run = _record(hub, repo, facts, path)
    job = _job(hub, repo, run, "workflow", path.rsplit("/", 1)[-1], ["ubuntu-latest"], [])
    conclusion = hub.config.ci_unsupported
    summary = f"`{path}`, {why}. This CI reads a subset of workflow files and refuses the rest rather than guess."
    finish_job(hub, repo, job, conclusion, {"title": "This workflow cannot be run here", "summary": summary})
    finish_run(hub, repo, run)


def begin_job(hub: Hub, repo: Doc, job: Doc) -> Doc:
    job = hub.store.update("job", job["id"], status="in_progress", started_at=now())
    _check(hub, repo, job, status="in_progress")
    return job


def requeue_job(hub: Hub, repo: Doc, job: Doc) -> None:
    """Let a job wait again that was cut off, or is asked for again."""
    hub.store.update("job", job["id"], status="queued", conclusion=None, started_at=None, completed_at=None, steps=[])
    _check(hub, repo, job, status="queued", conclusion=None, output={})


def finish_job(hub: Hub, repo: Doc, job: Doc, conclusion: str, output: Doc) -> None:
    hub.store.update("job", job["id"], status="completed", conclusion=conclusion, completed_at=now())
    _check(hub, repo, job, status="completed", conclusion=conclusion, output=output)


def _check(hub: Hub, repo: Doc, job: Doc, **fields: Any) -> None:
    check = hub.store.get("check_run", job["check_run_id"])
    if check is None:
        raise ApiError(404, "the check run is gone")
    update_check_run(hub, repo, check, ACTIONS_LOGIN, **fields)


def jobs_of(hub: Hub, run: Doc) -> list[Doc]:
    return hub.store.find("job", repo=run["repo_id"], key=str(run["id"]))


def finish_run(hub: Hub, repo: Doc, run: Doc) -> None:
    """Complete a run whose jobs are all complete."""
    conclusions = {job["conclusion"] for job in jobs_of(hub, run)}
    order = ("failure", "timed_out", "cancelled", "success", "neutral", "skipped")
    worst = next((name for name in order if name in conclusions), "success")
    run = hub.store.update("workflow_run", run["id"], status="completed", conclusion=worst, updated_at=now())
    announce(hub, repo, run, "completed")


def announce(hub: Hub, repo: Doc, run: Doc, action: str) -> None:
    """Send the `workflow_run` event."""
    workflow = hub.store.get("workflow", run["workflow_id"]) or {}
    head = hub.git(repo).commit(run["head_sha"])
    shape = run_shape(hub.config, repo, run, head, pulls_of(hub, repo, run["head_sha"]))
    payload = {"workflow_run": shape, "workflow": workflow_shape(hub.config, repo, workflow)}
    hub.webhooks.emit("workflow_run", action, repo, payload, ACTIONS_LOGIN)
