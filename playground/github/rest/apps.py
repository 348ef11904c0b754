"""Apps: who am I, where am I installed, a token for an installation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ..api import Answer, Call, route
from ..auth import issue_installation_token
from ..config import AppIdentity
from ..errors import ApiError, not_found
from ..shapes.accounts import app, installation
from ..shapes.repositories import repository

_LEVELS = ("read", "write", "admin")


def _identity(call: Call) -> AppIdentity:
    if call.hub.config.app is None:
        raise not_found()
    return call.hub.config.app


@route("GET", "/app", needs="app")
def current_app(call: Call) -> Any:
    return app(call.hub.config, _identity(call))


@route("GET", "/apps/{slug}", needs="anyone")
def app_by_slug(call: Call) -> Any:
    identity = _identity(call)
    if call.params["slug"] != identity.slug:
        raise not_found()
    return app(call.hub.config, identity)


@route("GET", "/app/installations", needs="app")
def installations(call: Call) -> Answer:
    return call.page([_identity(call)], lambda identity: installation(call.hub.config, identity))


@route("GET", "/app/installations/{installation_id}", needs="app")
def installation_by_id(call: Call) -> Any:
    identity = _identity(call)
    if call.number("installation_id") != identity.installation_id:
        raise not_found()
    return installation(call.hub.config, identity)


@route("GET", "/repos/{owner}/{repo}/installation", needs="app")
def installation_of_repository(call: Call) -> Any:
    return installation(call.hub.config, _identity(call))


@route("GET", "/orgs/{org}/installation", needs="app")
def installation_of_organisation(call: Call) -> Any:
    return installation(call.hub.config, _identity(call))


@route(
    "POST",
    "/app/installations/{installation_id}/access_tokens",
    needs="app",
    body={"permissions": dict, "repository_ids": list, "repositories": list},
)
def access_token(call: Call) -> Answer:
    identity = _identity(call)
    if call.number("installation_id") != identity.installation_id:
        raise not_found()
    wanted = call.body.get("permissions") or dict(identity.permissions)
    for area, level in wanted.items():
        held = identity.permissions.get(area, "")
        if level not in _LEVELS or held not in _LEVELS or _LEVELS.index(level) > _LEVELS.index(held):
            raise ApiError(422, "The permissions requested are not granted to this installation.")
    chosen = _chosen(call)
    token, expires = issue_installation_token(
        call.hub.config, call.hub.store, {"metadata": "read", **wanted}, [it["id"] for it in chosen] if chosen else None
    )
    made: dict[str, Any] = {
        "token": token, "expires_at": datetime.fromtimestamp(expires, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "permissions": {"metadata": "read", **wanted}, "repository_selection": "selected" if chosen else "all",
    }  # fmt: skip
    if chosen:
        made["repositories"] = [repository(call.hub.config, it) for it in chosen]
    return Answer(made, 201)


def _chosen(call: Call) -> list[dict[str, Any]]:
    ids, names = call.body.get("repository_ids") or [], call.body.get("repositories") or []
    found = [it for it in call.hub.repositories() if it["id"] in ids or it["name"] in names]
    if len(found) < len(ids) + len(names):
        raise ApiError(422, "There is at least one repository that does not exist or is not accessible.")
    return found


@route("GET", "/installation/repositories", needs="metadata:read")
def installation_repositories(call: Call) -> Answer:
    if call.actor.kind != "installation":
        raise ApiError(403, "You must authenticate with an installation access token")
    seen = [it for it in call.hub.repositories() if call.actor.sees(call.hub.config, it["id"])]
    return call.page(seen, lambda it: repository(call.hub.config, it), "repositories")
