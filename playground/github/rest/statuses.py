"""Commit statuses."""

from __future__ import annotations

from typing import Any

from ..api import Answer, Call, route
from ..check_suites import create_status, latest_statuses, status_state
from ..errors import ApiError, invalid
from ..shapes.checks import status
from ..shapes.repositories import minimal_repository
from .repositories import R


@route(
    "POST",
    R + "/statuses/{sha}",
    needs="statuses:write",
    body={"state!": str, "target_url": str, "description": str, "context": str},
)
def post_status(call: Call) -> Answer:
    sha, body = call.params["sha"], call.body
    if call.git.object_type(sha) != "commit":
        raise ApiError(422, f"No commit found for SHA: {sha}")
    if body["state"] not in {"error", "failure", "pending", "success"}:
        raise invalid("Status", "state", "custom", "state must be one of error, failure, pending, success")
    if len(body.get("description") or "") > 140:
        raise invalid("Status", "description", "custom", "description is too long (maximum is 140 characters)")
    made = create_status(call.hub, call.repo, sha, call.actor.login, body)
    return Answer(status(call.hub.config, call.repo, made), 201)


def _listed(call: Call, sha: str) -> Answer:
    found = call.hub.store.find("status", repo=call.repo["id"], key=sha)[::-1]
    return call.page(found, lambda it: status(call.hub.config, call.repo, it))


@route("GET", R + "/statuses/{sha}", needs="statuses:read")
def statuses_by_sha(call: Call) -> Answer:
    return _listed(call, call.commit(call.params["sha"]))


@route("GET", R + "/commits/{ref:path}/statuses", needs="statuses:read")
def statuses(call: Call) -> Answer:
    return _listed(call, call.commit(call.params["ref"]))


@route("GET", R + "/commits/{ref:path}/status", needs="statuses:read")
def combined_status(call: Call) -> Any:
    config, repo, sha = call.hub.config, call.repo, call.commit(call.params["ref"])
    found = latest_statuses(call.hub, repo, sha)
    page = call.page(found, lambda it: status(config, repo, it, simple=True))
    url = f"{config.api_url}/repos/{repo['full_name']}/commits/{sha}"
    page.body = {
        "state": status_state(found), "statuses": page.body, "sha": sha, "total_count": len(found),
        "repository": minimal_repository(config, repo), "commit_url": url, "url": f"{url}/status",
    }  # fmt: skip
    return page
