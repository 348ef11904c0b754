"""Deployments and their statuses."""

from __future__ import annotations

from typing import Any

from ..api import Answer, Call, route
from ..check_suites import create_deployment, create_deployment_status
from ..errors import ApiError, invalid
from ..shapes import checks as shapes
from ..store import Doc
from .repositories import R

_STATES = {"error", "failure", "inactive", "in_progress", "queued", "pending", "success"}


def _deployment(call: Call) -> Doc:
    return call.document("deployment", call.number("deployment_id"))


def _statuses(call: Call) -> list[Doc]:
    return call.hub.store.find("deployment_status", repo=call.repo["id"], key=str(_deployment(call)["id"]))[::-1]


@route("GET", R + "/deployments", needs="deployments:read")
def deployments(call: Call) -> Answer:
    query = call.query
    found = [
        it for it in call.hub.store.find("deployment", repo=call.repo["id"])
        if all(query.get(name) in {None, it[name]} for name in ("sha", "ref", "task", "environment"))
    ]  # fmt: skip
    return call.page(found[::-1], lambda it: shapes.deployment(call.hub.config, call.repo, it))


@route("GET", R + "/deployments/{deployment_id}", needs="deployments:read")
def deployment(call: Call) -> Any:
    return shapes.deployment(call.hub.config, call.repo, _deployment(call))


@route(
    "POST",
    R + "/deployments",
    needs="deployments:write",
    body={
        "ref!": str, "task": str, "auto_merge": bool, "required_contexts": list, "payload": (dict, str),
        "environment": str, "description": str, "transient_environment": bool, "production_environment": bool,
    },
)  # fmt: skip
def create(call: Call) -> Answer:
    body = call.body
    sha = call.git.resolve(body["ref"])
    if sha is None:
        raise ApiError(422, f"No ref found for: {body['ref']}")
    made = create_deployment(
        call.hub, call.repo, sha=sha, ref=body["ref"], environment=body.get("environment") or "production",
        who=call.actor.login, task=body.get("task") or "deploy", payload=body.get("payload") or {},
        description=body.get("description") or "",
    )  # fmt: skip
    return Answer(shapes.deployment(call.hub.config, call.repo, made), 201)


@route("GET", R + "/deployments/{deployment_id}/statuses", needs="deployments:read")
def statuses(call: Call) -> Answer:
    return call.page(_statuses(call), lambda it: shapes.deployment_status(call.hub.config, call.repo, it))


@route("GET", R + "/deployments/{deployment_id}/statuses/{status_id}", needs="deployments:read")
def status(call: Call) -> Any:
    found = call.document("deployment_status", call.number("status_id"))
    return shapes.deployment_status(call.hub.config, call.repo, found)


@route(
    "POST",
    R + "/deployments/{deployment_id}/statuses",
    needs="deployments:write",
    body={
        "state!": str, "target_url": str, "log_url": str, "description": str, "environment": str,
        "environment_url": str, "auto_inactive": bool,
    },
)  # fmt: skip
def create_status(call: Call) -> Answer:
    body, found = call.body, _deployment(call)
    if body["state"] not in _STATES:
        raise invalid("DeploymentStatus", "state")
    given = {name: body[name] for name in ("state", "description", "environment", "environment_url") if body.get(name)}
    given["log_url"] = body.get("log_url") or body.get("target_url") or ""
    made = create_deployment_status(call.hub, call.repo, found, who=call.actor.login, **given)
    return Answer(shapes.deployment_status(call.hub.config, call.repo, made), 201)
