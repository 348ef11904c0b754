"""Names of Actions secrets, of the repository, its organization and its environments. Values are never answered."""

from __future__ import annotations

from typing import Any

from ..api import Answer, Call, route
from ..errors import not_found
from ..shapes.accounts import node_id
from ..store import Doc
from .repositories import R


def _secrets(call: Call, of: str) -> Answer:
    found = [it for it in call.hub.store.find("secret", repo=call.repo["id"]) if it["of"] == of]
    return call.page(found, lambda it: {name: it[name] for name in ("name", "created_at", "updated_at")}, "secrets")


def _environment(call: Call) -> Doc:
    found = call.hub.store.one("environment", repo=call.repo["id"], key=call.params["environment"])
    if found is None:
        raise not_found()
    return found


@route("GET", R + "/actions/secrets", needs="secrets:read")
def repository_secrets(call: Call) -> Answer:
    return _secrets(call, "")


@route("GET", R + "/actions/organization-secrets", needs="secrets:read")
def organization_secrets(call: Call) -> Answer:
    return _secrets(call, "organization")


@route("GET", R + "/environments", needs="actions:read")
def environments(call: Call) -> Answer:
    def shape(it: Doc) -> Any:
        config, name = call.hub.config, call.repo["full_name"]
        return {
            "url": f"{config.api_url}/repos/{name}/environments/{it['name']}",
            "html_url": f"{config.public_url}/{name}/deployments/activity_log?environments_filter={it['name']}",
            "created_at": it["created_at"], "updated_at": it["updated_at"],
            "id": it["id"], "node_id": node_id("Environment", it["id"]), "name": it["name"],
            "protection_rules": it["protection_rules"], "deployment_branch_policy": it["deployment_branch_policy"],
        }  # fmt: skip

    return call.page(call.hub.store.find("environment", repo=call.repo["id"]), shape, "environments")


@route("GET", R + "/environments/{environment}/secrets", needs="environments:read")
def environment_secrets(call: Call) -> Answer:
    return _secrets(call, f"environment:{_environment(call)['name']}")
