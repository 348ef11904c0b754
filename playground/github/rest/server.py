"""The server itself and its accounts: root, meta, rate limit, users."""

from __future__ import annotations

import time
from typing import Any

from ..api import Call, route
from ..errors import ApiError, not_found
from ..shapes.accounts import public_user

_ROOT = {
    "current_user": "user", "current_user_authorizations_html": "settings/connections/applications{/client_id}",
    "authorizations": "authorizations", "code_search": "search/code?q={query}",
    "commit_search": "search/commits?q={query}",
    "emails": "user/emails", "emojis": "emojis", "events": "events", "feeds": "feeds", "followers": "user/followers",
    "following": "user/following{/target}", "gists": "gists{/gist_id}", "issue_search": "search/issues?q={query}",
    "issues": "issues", "keys": "user/keys", "label_search": "search/labels?q={query}",
    "notifications": "notifications", "organization": "orgs/{org}", "organization_repositories": "orgs/{org}/repos",
    "organization_teams": "orgs/{org}/teams", "public_gists": "gists/public", "rate_limit": "rate_limit",
    "repository": "repos/{owner}/{repo}", "repository_search": "search/repositories?q={query}",
    "current_user_repositories": "user/repos", "starred": "user/starred{/owner}{/repo}",
    "starred_gists": "gists/starred", "user": "users/{user}", "user_organizations": "user/orgs",
    "user_repositories": "users/{user}/repos", "user_search": "search/users?q={query}",
}  # fmt: skip


@route("GET", "/", needs="anyone")
def root(call: Call) -> Any:
    return {f"{name}_url": f"{call.hub.config.api_url}/{path}" for name, path in _ROOT.items()}


@route("GET", "/meta", needs="anyone")
def meta(_: Call) -> Any:
    return {"verifiable_password_authentication": False, "installed_version": "3.19.0-playground"}


@route("GET", "/rate_limit", needs="anyone")
def rate_limit(call: Call) -> Any:
    core = rate(call.hub.config.rate_limit, call.hub.store.calls_since(hour_start()))
    return {"resources": {"core": core, "search": rate(30, 0), "graphql": rate(5000, 0)}, "rate": core}


def hour_start() -> float:
    return time.time() // 3600 * 3600


def rate(limit: int, used: int) -> dict[str, int]:
    return {"limit": limit, "used": used, "remaining": max(0, limit - used), "reset": int(hour_start()) + 3600}


@route("GET", "/user", needs="token")
def me(call: Call) -> Any:
    if call.actor.kind != "user":
        raise ApiError(403, "Resource not accessible by integration")
    return public_user(call.hub.config, call.actor.login)


@route("GET", "/users/{login}", needs="token")
def user_by_login(call: Call) -> Any:
    login = call.params["login"]
    known = call.hub.config.person(login) or login.endswith("[bot]") or login in owners(call)
    if not known:
        raise not_found()
    return public_user(call.hub.config, login)


def owners(call: Call) -> set[str]:
    return {repo["owner"] for repo in call.hub.repositories()}
