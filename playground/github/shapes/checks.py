"""Statuses, check runs, check suites, workflow runs, jobs, artifacts and deployments as GitHub prints them."""

from __future__ import annotations

from ..config import GitHubStandInConfig
from ..git import Commit
from ..store import Doc
from .accounts import Shape, app_by_slug, node_id, user
from .commits import simple_commit
from .pulls import pull_minimal
from .repositories import html_url, minimal_repository, repository_url


def status(config: GitHubStandInConfig, repo: Doc, it: Doc, *, simple: bool = False) -> Shape:
    """Return `status`; `simple` leaves out the creator, as the combined status does."""
    made: Shape = {
        "id": it["id"], "node_id": node_id("Status", it["id"]), "state": it["state"], "context": it["context"],
        "description": it["description"], "target_url": it["target_url"], "created_at": it["created_at"],
        "updated_at": it["created_at"], "url": f"{repository_url(config, repo)}/statuses/{it['sha']}",
        "avatar_url": f"{config.public_url}/avatars/{it['user']}.svg",
    }  # fmt: skip
    return made if simple else {**made, "creator": user(config, it["user"])}


def check_run(config: GitHubStandInConfig, repo: Doc, it: Doc, pulls: list[Doc]) -> Shape:
    """Return `check-run`."""
    url = f"{repository_url(config, repo)}/check-runs/{it['id']}"
    output = it["output"]
    page = it["html_url"] or f"{html_url(config, repo)}/runs/{it['id']}"
    return {
        "id": it["id"], "node_id": node_id("CheckRun", it["id"]), "name": it["name"], "head_sha": it["head_sha"],
        "external_id": it["external_id"], "url": url, "html_url": page, "details_url": it["details_url"] or page,
        "status": it["status"], "conclusion": it["conclusion"], "started_at": it["started_at"],
        "completed_at": it["completed_at"], "check_suite": {"id": it["suite_id"]},
        "app": app_by_slug(config, it["app_slug"]), "deployment": None,
        "output": {
            "title": output.get("title"), "summary": output.get("summary"), "text": output.get("text"),
            "annotations_count": len(output.get("annotations") or []), "annotations_url": f"{url}/annotations",
        },
        "pull_requests": [pull_minimal(config, repo, pull) for pull in pulls],
    }  # fmt: skip


def check_suite(config: GitHubStandInConfig, repo: Doc, it: Doc, head: Commit, runs: int, pulls: list[Doc]) -> Shape:
    """Return `check-suite`."""
    url = f"{repository_url(config, repo)}/check-suites/{it['id']}"
    return {
        "id": it["id"], "node_id": node_id("CheckSuite", it["id"]), "head_branch": it["head_branch"],
        "head_sha": it["head_sha"], "status": it["status"], "conclusion": it["conclusion"], "url": url,
        "before": it["before"], "after": it["head_sha"], "created_at": it["created_at"], "updated_at": it["updated_at"],
        "app": app_by_slug(config, it["app_slug"]), "head_commit": simple_commit(head),
        "repository": minimal_repository(config, repo), "latest_check_runs_count": runs,
        "check_runs_url": f"{url}/check-runs", "rerequestable": True, "runs_rerequestable": True,
        "pull_requests": [pull_minimal(config, repo, pull) for pull in pulls],
    }  # fmt: skip


def workflow(config: GitHubStandInConfig, repo: Doc, it: Doc) -> Shape:
    """Return `workflow`."""
    page = html_url(config, repo)
    file = it["path"].rsplit("/", 1)[-1]
    return {
        "id": it["id"], "node_id": node_id("Workflow", it["id"]), "name": it["name"], "path": it["path"],
        "state": "active", "created_at": it["created_at"], "updated_at": it["created_at"],
        "url": f"{repository_url(config, repo)}/actions/workflows/{it['id']}",
        "html_url": f"{page}/actions/workflows/{file}", "badge_url": f"{page}/actions/workflows/{file}/badge.svg",
    }  # fmt: skip


def workflow_run(config: GitHubStandInConfig, repo: Doc, it: Doc, head: Commit, pulls: list[Doc]) -> Shape:
    """Return `workflow-run`."""
    api = repository_url(config, repo)
    url = f"{api}/actions/runs/{it['id']}"
    return {
        "id": it["id"], "name": it["name"], "node_id": node_id("WorkflowRun", it["id"]), "path": it["path"],
        "head_branch": it["head_branch"], "head_sha": it["head_sha"], "run_number": it["run_number"],
        "run_attempt": it["run_attempt"], "event": it["event"], "display_title": it["display_title"],
        "status": it["status"], "conclusion": it["conclusion"], "workflow_id": it["workflow_id"],
        "check_suite_id": it["suite_id"], "check_suite_node_id": node_id("CheckSuite", it["suite_id"]),
        "created_at": it["created_at"], "updated_at": it["updated_at"], "run_started_at": it["started_at"],
        "actor": user(config, it["actor"]), "triggering_actor": user(config, it["actor"]), "url": url,
        "html_url": f"{html_url(config, repo)}/actions/runs/{it['id']}", "jobs_url": f"{url}/jobs",
        "logs_url": f"{url}/logs", "check_suite_url": f"{api}/check-suites/{it['suite_id']}",
        "artifacts_url": f"{url}/artifacts", "cancel_url": f"{url}/cancel", "rerun_url": f"{url}/rerun",
        "previous_attempt_url": None, "workflow_url": f"{api}/actions/workflows/{it['workflow_id']}",
        "referenced_workflows": [], "head_commit": simple_commit(head), "repository": minimal_repository(config, repo),
        "head_repository": minimal_repository(config, repo),
        "pull_requests": [pull_minimal(config, repo, pull) for pull in pulls],
    }  # fmt: skip


def job(config: GitHubStandInConfig, repo: Doc, it: Doc, run: Doc) -> Shape:
    """Return `job`."""
    api = repository_url(config, repo)
    return {
        "id": it["id"], "run_id": run["id"], "run_url": f"{api}/actions/runs/{run['id']}",
        "run_attempt": run["run_attempt"],
        "node_id": node_id("Job", it["id"]), "head_sha": run["head_sha"], "head_branch": run["head_branch"],
        "url": f"{api}/actions/jobs/{it['id']}",
        "html_url": f"{html_url(config, repo)}/actions/runs/{run['id']}#job-{it['id']}", "status": it["status"],
        "conclusion": it["conclusion"], "created_at": it["created_at"],
        "started_at": it["started_at"] or it["created_at"],
        "completed_at": it["completed_at"], "name": it["name"], "workflow_name": run["name"], "steps": it["steps"],
        "check_run_url": f"{api}/check-runs/{it['check_run_id']}", "labels": it["labels"], "runner_id": 1,
        "runner_name": "playground", "runner_group_id": 1, "runner_group_name": "playground",
    }  # fmt: skip


def artifact(config: GitHubStandInConfig, repo: Doc, it: Doc) -> Shape:
    """Return `artifact`."""
    url = f"{repository_url(config, repo)}/actions/artifacts/{it['id']}"
    return {
        "id": it["id"], "node_id": node_id("Artifact", it["id"]), "name": it["name"], "size_in_bytes": it["size"],
        "url": url, "archive_download_url": f"{url}/zip", "expired": False, "created_at": it["created_at"],
        "updated_at": it["created_at"], "expires_at": "2099-01-01T00:00:00Z", "digest": it["digest"],
        "workflow_run": {
            "id": it["run_id"], "repository_id": repo["id"], "head_repository_id": repo["id"],
            "head_branch": it["head_branch"], "head_sha": it["head_sha"],
        },
    }  # fmt: skip


def deployment(config: GitHubStandInConfig, repo: Doc, it: Doc) -> Shape:
    """Return `deployment`."""
    api = repository_url(config, repo)
    url = f"{api}/deployments/{it['id']}"
    return {
        "id": it["id"], "node_id": node_id("Deployment", it["id"]), "sha": it["sha"], "ref": it["ref"],
        "task": it["task"], "payload": it["payload"], "original_environment": it["environment"],
        "environment": it["environment"], "description": it["description"], "creator": user(config, it["user"]),
        "created_at": it["created_at"], "updated_at": it["created_at"], "statuses_url": f"{url}/statuses", "url": url,
        "repository_url": api, "transient_environment": it["transient"], "production_environment": it["production"],
    }  # fmt: skip


def deployment_status(config: GitHubStandInConfig, repo: Doc, it: Doc) -> Shape:
    """Return `deployment-status`."""
    api = repository_url(config, repo)
    url = f"{api}/deployments/{it['deployment_id']}"
    return {
        "id": it["id"], "node_id": node_id("DeploymentStatus", it["id"]), "state": it["state"],
        "creator": user(config, it["user"]), "description": it["description"], "environment": it["environment"],
        "target_url": it["log_url"], "log_url": it["log_url"], "environment_url": it["environment_url"],
        "created_at": it["created_at"], "updated_at": it["created_at"], "deployment_url": url,
        "repository_url": api, "url": f"{url}/statuses/{it['id']}",
    }  # fmt: skip
