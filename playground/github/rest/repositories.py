"""Repositories, branches and who may do what in them."""

from __future__ import annotations

from typing import Any

from ..api import Answer, Call, route
from ..config import Permission, Person
from ..errors import ApiError, not_found
from ..protection import classic_checks, rules
from ..shapes import commits as shapes
from ..shapes.accounts import user
from ..shapes.repositories import repository

R = "/repos/{owner}/{repo}"
_OLDER = {"maintain": "write", "triage": "read"}


def held(call: Call) -> str:
    person = call.hub.config.person(call.actor.login)
    if call.actor.kind == "installation":
        return "write" if call.actor.allows(call.hub.config, "contents:write", call.repo["id"]) else "read"
    return person.permission if person else "none"


@route("GET", R, needs="metadata:read")
def repository_by_name(call: Call) -> Any:
    return repository(call.hub.config, call.repo, held=held(call))


@route("GET", "/repositories/{repository_id}", needs="metadata:read")
def repository_by_id(call: Call) -> Any:
    return repository(call.hub.config, call.repo, held=held(call))


@route("GET", "/user/repos", needs="token")
def my_repositories(call: Call) -> Answer:
    seen = [it for it in call.hub.repositories() if call.actor.sees(call.hub.config, it["id"])]
    return call.page(seen, lambda it: repository(call.hub.config, it))


@route("GET", R + "/branches", needs="contents:read")
def branches(call: Call) -> Answer:
    refs = call.git.refs("refs/heads/")
    return call.page(sorted(refs.items()), lambda item: _short(call, item[0].removeprefix("refs/heads/"), item[1]))


def _short(call: Call, name: str, sha: str) -> Any:
    checks = classic_checks(call.repo, name)
    guarded = protected(call, name) or bool(checks) or bool(rules(call.repo, name))
    return shapes.branch(call.hub.config, call.repo, name, sha, protected=guarded, checks=checks)


def protected(call: Call, name: str) -> bool:
    return bool(call.repo["protected"]) and name == call.repo["default_branch"]


@route("GET", R + "/branches/{branch:path}", needs="contents:read")
def branch(call: Call) -> Any:
    name = call.params["branch"]
    sha = call.git.branch(name)
    if sha is None:
        raise ApiError(404, "Branch not found")
    made = _short(call, name, sha)
    made["commit"] = shapes.commit(call.hub.config, call.repo, call.git.commit(sha))
    page = f"{call.hub.config.public_url}/{call.repo['full_name']}/tree/{name}"
    return {**made, "_links": {"self": f"{call.hub.config.public_url}{call.path}", "html": page}}


@route("GET", R + "/rules/branches/{branch:path}", needs="metadata:read")
def rules_of_branch(call: Call) -> Answer:
    """Answer with what holds for a branch of that name, also where there is none, as GitHub does."""
    source = {
        "ruleset_source_type": "Repository", "ruleset_source": call.repo["full_name"], "ruleset_id": 1,
    }  # fmt: skip
    return call.page(rules(call.repo, call.params["branch"]), lambda it: {**it, **source})


@route("GET", R + "/collaborators/{login}", needs="metadata:read")
def is_collaborator(call: Call) -> Answer:
    if _permission(call) == "none":
        raise not_found()
    return Answer(None, 204)


def _permission(call: Call) -> Permission:
    person = _person(call)
    return person.permission if person else "none"


def _person(call: Call) -> Person | None:
    login = call.params["login"].lower()
    return next((person for person in call.hub.config.people if person.login.lower() == login), None)


@route("GET", R + "/collaborators/{login}/permission", needs="metadata:read")
def collaborator_permission(call: Call) -> Any:
    """Answer with a role, and with the older word for it as `permission`."""
    if call.actor.kind == "user" and held(call) not in {"write", "admin"}:
        raise ApiError(403, "Must have push access to view collaborator permission.")
    person = _person(call)
    if person is None:
        raise ApiError(404, f"{call.params['login']} is not a user")
    given = call.hub.store.one("role", repo=call.repo["id"], key=person.login.lower())
    role = str(given["role"]) if given else person.permission
    collaborator = user(call.hub.config, person.login)
    flags = repository(call.hub.config, call.repo, held=role)["permissions"]
    collaborator |= {"permissions": flags, "role_name": role}
    return {"permission": _OLDER.get(role, role), "role_name": role, "user": collaborator}


@route("GET", R + "/languages", needs="metadata:read")
def languages(_: Call) -> Any:
    return {}
