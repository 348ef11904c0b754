"""What is said about a commit: statuses, check runs and their suites, deployments; and the events they cause.

Law: one suite per app and commit; its state is always computed from its newest runs, never set.
"""

from __future__ import annotations

from typing import Any

from .hub import Hub
from .shapes import checks as shapes
from .shapes.accounts import ACTIONS_LOGIN
from .shapes.commits import commit as commit_shape
from .store import Doc, now

_RANK = ("failure", "timed_out", "cancelled", "action_required", "stale", "success", "neutral", "skipped")
PASSED = frozenset({"success", "neutral", "skipped"})


def pulls_of(hub: Hub, repo: Doc, sha: str) -> list[Doc]:
    """Open pull requests whose head is this commit."""
    return hub.pulls(repo, state="open", head_sha=sha)


def suite_for(hub: Hub, repo: Doc, sha: str, app_slug: str, branch: str | None, before: str | None = None) -> Doc:
    """Return the app's suite on this commit, made when it is not there."""
    with hub.store.transaction():
        for suite in hub.store.find("check_suite", repo=repo["id"], key=sha):
            if suite["app_slug"] == app_slug:
                return suite
        fresh: Doc = {
            "head_sha": sha, "head_branch": branch, "app_slug": app_slug, "status": "queued", "conclusion": None,
            "before": before, "created_at": now(), "updated_at": now(),
        }  # fmt: skip
        return hub.store.add("check_suite", fresh, repo=repo["id"], key=sha)


def create_check_run(hub: Hub, repo: Doc, *, app_slug: str, branch: str | None, who: str, **fields: Any) -> Doc:
    """Return a check run; `name`, `head_sha` are needed, the rest as GitHub's body."""
    suite = suite_for(hub, repo, fields["head_sha"], app_slug, branch)
    fresh: Doc = {
        "external_id": "", "details_url": None, "html_url": None, "status": "queued", "conclusion": None,
        "started_at": None, "completed_at": None, "output": {}, **fields, "suite_id": suite["id"], "app_slug": app_slug,
    }  # fmt: skip
    run = hub.store.add("check_run", _settled(fresh), repo=repo["id"], key=fresh["head_sha"])
    announce_check_run(hub, repo, run, "completed" if run["status"] == "completed" else "created", who)
    return run


def update_check_run(hub: Hub, repo: Doc, run: Doc, who: str, **fields: Any) -> Doc:
    fields = _settled({**run, **fields})
    fields.pop("id")
    before = run["status"]
    run = hub.store.update("check_run", run["id"], **fields)
    if run["status"] == "completed" != before:
        announce_check_run(hub, repo, run, "completed", who)
    elif run["status"] == "queued" != before:
        announce_check_run(hub, repo, run, "created", who)
    else:  # GitHub tells of no other change
        refresh_suite(hub, repo, run["suite_id"])
    return run


def _settled(run: Doc) -> Doc:
    """GitHub's own consequences: a conclusion completes a run, and times are filled in."""
    if run.get("conclusion"):
        run["status"] = "completed"
    if run["status"] == "completed":
        run["completed_at"] = run["completed_at"] or now()
    else:
        run["conclusion"] = run["completed_at"] = None
    run["started_at"] = run["started_at"] or now()
    return run


def announce_check_run(hub: Hub, repo: Doc, run: Doc, action: str, who: str) -> None:
    """Send the `check_run` event, then `check_suite` when its suite is complete."""
    pulls = pulls_of(hub, repo, run["head_sha"])
    hub.webhooks.emit("check_run", action, repo, {"check_run": shapes.check_run(hub.config, repo, run, pulls)}, who)
    suite = refresh_suite(hub, repo, run["suite_id"])
    if action == "completed" and suite["status"] == "completed":
        head = hub.git(repo).commit(run["head_sha"])
        count = len(latest(suite_runs(hub, repo, suite)))
        shape = shapes.check_suite(hub.config, repo, suite, head, count, pulls)
        hub.webhooks.emit("check_suite", "completed", repo, {"check_suite": shape}, who)


def suite_runs(hub: Hub, repo: Doc, suite: Doc) -> list[Doc]:
    runs = hub.store.find("check_run", repo=repo["id"], key=suite["head_sha"])
    return [run for run in runs if run["suite_id"] == suite["id"]]


def refresh_suite(hub: Hub, repo: Doc, suite_id: int) -> Doc:
    suite = hub.store.get("check_suite", suite_id) or {}
    runs = latest(suite_runs(hub, repo, suite))
    if all(run["status"] == "completed" for run in runs):
        conclusions = {run["conclusion"] for run in runs}
        worst = next((name for name in _RANK if name in conclusions), "success")
        state: tuple[str, str | None] = ("completed", worst)
    else:
        moving = any(run["status"] != "queued" for run in runs)
        state = ("in_progress" if moving else "queued", None)
    return hub.store.update("check_suite", suite_id, status=state[0], conclusion=state[1], updated_at=now())


def latest(runs: list[Doc]) -> list[Doc]:
    """Return the newest run of each app and name."""
    return list({(run["app_slug"], run["name"]): run for run in runs}.values())


def check_runs(hub: Hub, repo: Doc, sha: str) -> list[Doc]:
    return latest(hub.store.find("check_run", repo=repo["id"], key=sha))


def create_status(hub: Hub, repo: Doc, sha: str, who: str, body: Doc) -> Doc:
    fresh: Doc = {
        "sha": sha, "state": body["state"], "context": body.get("context") or "default", "user": who,
        "description": body.get("description"), "target_url": body.get("target_url"), "created_at": now(),
    }  # fmt: skip
    status = hub.store.add("status", fresh, repo=repo["id"], key=sha)
    told = commit_shape(hub.config, repo, hub.git(repo).commit(sha))
    payload = {**shapes.status(hub.config, repo, status), "sha": sha, "name": repo["full_name"], "branches": []}
    payload["commit"] = told
    hub.webhooks.emit("status", None, repo, payload, who)
    return status


def latest_statuses(hub: Hub, repo: Doc, sha: str) -> list[Doc]:
    return list({it["context"]: it for it in hub.store.find("status", repo=repo["id"], key=sha)}.values())


def status_state(statuses: list[Doc]) -> str:
    """GitHub's combined state: failure beats pending beats success; none at all is pending."""
    states = {it["state"] for it in statuses}
    if states & {"failure", "error"}:
        return "failure"
    return "success" if states == {"success"} else "pending"


def combined_state(hub: Hub, repo: Doc, sha: str) -> str:
    """Statuses and check runs together: `success`, `pending`, `failure`, or `none` when nothing reported."""
    runs, statuses = check_runs(hub, repo, sha), latest_statuses(hub, repo, sha)
    if not runs and not statuses:
        return "none"
    failed = any(run["status"] == "completed" and run["conclusion"] not in PASSED for run in runs)
    if failed or (statuses and status_state(statuses) == "failure"):
        return "failure"
    waiting = any(run["status"] != "completed" for run in runs) or (statuses and status_state(statuses) == "pending")
    return "pending" if waiting else "success"


def create_deployment(hub: Hub, repo: Doc, *, sha: str, ref: str, environment: str, who: str, **more: Any) -> Doc:
    fresh: Doc = {
        "sha": sha, "ref": ref, "task": "deploy", "environment": environment, "payload": {}, "description": "",
        "transient": environment != "production", "production": environment == "production", "user": who,
        "created_at": now(), **more,
    }  # fmt: skip
    made = hub.store.add("deployment", fresh, repo=repo["id"], key=sha)
    shape = shapes.deployment(hub.config, repo, made)
    payload = {"deployment": shape, "workflow": None, "workflow_run": None}
    hub.webhooks.emit("deployment", "created", repo, payload, who)
    return made


def create_deployment_status(hub: Hub, repo: Doc, deployment: Doc, who: str = ACTIONS_LOGIN, **more: Any) -> Doc:
    fresh: Doc = {
        "deployment_id": deployment["id"], "state": "pending", "description": "", "environment_url": "",
        "environment": deployment["environment"], "log_url": "", "user": who, "created_at": now(), **more,
    }  # fmt: skip
    made = hub.store.add("deployment_status", fresh, repo=repo["id"], key=str(deployment["id"]))
    payload = {
        "deployment_status": shapes.deployment_status(hub.config, repo, made),
        "deployment": shapes.deployment(hub.config, repo, deployment),
    }
    hub.webhooks.emit("deployment_status", "created", repo, payload, who)
    return made
