"""The test's own hand: act as a person, move a head, break things, look inside. Answered on loopback only.

Law: a control does to the state what a person or GitHub could have done, through the same functions.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import lfs
from .auth import ACTIONS
from .check_suites import (
    create_check_run,
    create_deployment,
    create_deployment_status,
    create_status,
    update_check_run,
)
from .errors import ApiError
from .faults import Fault
from .git import ZERO, GitError, Ident
from .git_edit import commit_files
from .hub import Hub
from .merging import delete_branch, merge, merge_group, rename_branch
from .protection import standing_reviews
from .pull_requests import announce, close, ident_of, open_pull, reopen, retarget
from .pushes import ref_moved
from .rest.reviews import add_review, dismiss
from .seed import seed_repository
from .shapes.accounts import ACTIONS_SLUG, installation, node_id
from .shapes.repositories import MERGE_SETTINGS
from .store import Doc, now
from .webhooks import listed

Action = Callable[[Hub, Doc], Any]
_LOOPBACK = {"127.0.0.1", "::1", "testclient"}


def control_routes(hub: Hub) -> list[Route]:
    actions: dict[str, Action] = {
        "faults": _fault, "faults/clear": _clear, "deliveries": _deliveries, "push": _push, "check-run": _check_run,
        "status": _status, "deployment": _deployment, "merge": _merge, "close": _close, "delete-branch": _delete_branch,
        "protection": _protection, "ci": _ci, "repositories": _seed, "ping": _ping, "installation": _installation,
        "large": _large, "role": _role, "pull": _open, "retarget": _retarget, "queue": _queue, "rename": _rename,
        "review": _review, "secret": _secret,
    }  # fmt: skip
    made = [Route(f"/_control/{name}", _endpoint(hub, action), methods=["POST"]) for name, action in actions.items()]
    return [*made, Route("/_control/state", _endpoint(hub, _state), methods=["GET"])]


def _endpoint(hub: Hub, action: Action) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if request.client is None or request.client.host not in _LOOPBACK:
            return JSONResponse({"error": "controls answer on loopback only"}, 403)
        given: Doc = dict(request.query_params)
        if request.method == "POST":
            if not request.headers.get("content-type", "").startswith("application/json"):
                return JSONResponse({"error": "application/json only"}, 415)  # a web page cannot send that unasked
            given = json.loads(await request.body() or b"{}")
        try:
            return JSONResponse(await run_in_threadpool(action, hub, given) or {"ok": True})
        except ApiError as refused:
            return JSONResponse({"error": refused.message, "errors": refused.errors}, refused.status)
        except (GitError, KeyError, TypeError, ValueError) as wrong:
            return JSONResponse({"error": f"{type(wrong).__name__}: {wrong}"}, 400)

    return endpoint


def _repo(hub: Hub, given: Doc) -> Doc:
    owner, _, name = str(given["repo"]).partition("/")
    found = hub.repository(owner, name)
    if found is None:
        raise ApiError(404, f"no repository {given['repo']}")
    return found


def _pull(hub: Hub, repo: Doc, given: Doc) -> Doc:
    found = hub.pull(repo, int(given["number"]))
    if found is None:
        raise ApiError(404, f"no pull request {given['number']}")
    return found


def _fault(hub: Hub, given: Doc) -> None:
    hub.faults.add(Fault(**given))


def _clear(hub: Hub, _: Doc) -> None:
    hub.faults.clear()


def _deliveries(hub: Hub, given: Doc) -> None:
    hub.webhooks.configure(**given)


def _push(hub: Hub, given: Doc) -> Doc:
    """Commit files onto a branch (made from the default branch when new) as any person, also where it is protected.

    `pusher` is who pushes, where that is not the author.
    """
    repo, branch, who = _repo(hub, given), given["branch"], given.get("author", "ben")
    git = hub.git(repo)
    with hub.lock:
        old = git.branch(branch)
        parent = old or git.branch(given.get("from") or repo["default_branch"])
        files = {path: None if text is None else str(text).encode() for path, text in given["files"].items()}
        person = ident_of(hub, who)
        author = Ident(given.get("author_name") or person.name, given.get("author_email") or person.email)
        sha = commit_files(git, parent, files, given.get("message") or "Change some files", author)
        git.update_ref(f"refs/heads/{branch}", sha, old or ZERO)
    ref_moved(hub, repo, f"refs/heads/{branch}", old or ZERO, sha, given.get("pusher") or who)
    return {"sha": sha}


def _check_run(hub: Hub, given: Doc) -> Doc:
    """Create a check run of GitHub Actions, or set the one of that name on that commit."""
    repo = _repo(hub, given)
    names = ("name", "status", "conclusion", "external_id", "details_url")
    fields: Doc = {name: given[name] for name in names if name in given}
    if "title" in given or "summary" in given:
        fields["output"] = {"title": given.get("title", ""), "summary": given.get("summary", "")}
    slug = given.get("app", ACTIONS_SLUG)
    there = [
        run for run in hub.store.find("check_run", repo=repo["id"], key=given["sha"])
        if run["name"] == given["name"] and run["app_slug"] == slug
    ]  # fmt: skip
    if there:
        run = update_check_run(hub, repo, there[-1], ACTIONS.login, **fields)
    else:
        fields["head_sha"] = given["sha"]
        run = create_check_run(hub, repo, app_slug=slug, branch=given.get("branch"), who=ACTIONS.login, **fields)
    return {"id": run["id"], "status": run["status"], "conclusion": run["conclusion"]}


def _status(hub: Hub, given: Doc) -> Doc:
    made = create_status(hub, _repo(hub, given), given["sha"], given.get("as", "ben"), given)
    return {"id": made["id"]}


def _deployment(hub: Hub, given: Doc) -> Doc:
    repo, who = _repo(hub, given), given.get("as", ACTIONS.login)
    made = create_deployment(
        hub, repo, sha=given["sha"], ref=str(given.get("ref") or given["sha"]), who=who,
        environment=given.get("environment", "preview"),
    )  # fmt: skip
    status = {"state": given.get("state", "success"), "environment_url": given.get("environment_url", "")}
    create_deployment_status(hub, repo, made, who, **status)
    return {"id": made["id"]}


def _merge(hub: Hub, given: Doc) -> Doc:
    repo = _repo(hub, given)
    who, method = given.get("as", "ben"), given.get("method", "merge")
    return {"sha": merge(hub, repo, _pull(hub, repo, given), who=who, sha=given.get("sha"), method=method)}


def _open(hub: Hub, given: Doc) -> Doc:
    """Open a pull request as any person who may push."""
    words = {"title": given.get("title", "Mine"), "body": given.get("body"), "draft": False}
    who, repo = given.get("as", "ben"), _repo(hub, given)
    return {"number": open_pull(hub, repo, head=given["head"], base=given["base"], who=who, **words)["number"]}


def _retarget(hub: Hub, given: Doc) -> None:
    pull = _pull(hub, repo := _repo(hub, given), given)
    pull = hub.store.update("pull", pull["id"], updated_at=now(), **retarget(hub, repo, pull, given["base"]))
    announce(hub, repo, pull, "edited", given.get("as", "ben"))


def _queue(hub: Hub, given: Doc) -> Doc:
    """Let a merge queue merge a group of pull requests, in this order."""
    repo = _repo(hub, given)
    group = [_pull(hub, repo, {"number": number}) for number in given["numbers"]]
    return {"shas": merge_group(hub, repo, group, who=given.get("as", "ben"), method=given.get("method", "merge"))}


def _rename(hub: Hub, given: Doc) -> None:
    rename_branch(hub, _repo(hub, given), given["branch"], given["to"], given.get("as", "ben"))


def _secret(hub: Hub, given: Doc) -> Doc:
    """Give a repository's CI a secret: its own, the organization's, or one of an environment."""
    repo, of = _repo(hub, given), given.get("of", "")
    dated = {"created_at": now(), "updated_at": now()}
    if (name := of.partition("environment:")[2]) and not hub.store.one("environment", repo=repo["id"], key=name):
        policy = given.get("deployment_branch_policy")
        body = {"name": name, "protection_rules": [], "deployment_branch_policy": policy, **dated}
        hub.store.add("environment", body, repo=repo["id"], key=name)
    made = {"name": str(given["name"]).upper(), "value": given["value"], "of": of, **dated}
    return {"id": hub.store.add("secret", made, repo=repo["id"], key=made["name"])["id"]}


def _close(hub: Hub, given: Doc) -> None:
    """Close a pull request as a person, or with `again` open it again."""
    repo = _repo(hub, given)
    (reopen if given.get("again") else close)(hub, repo, _pull(hub, repo, given), given.get("as", "ben"))


def _review(hub: Hub, given: Doc) -> Doc:
    """Review as a person: a `state`, or DISMISSED for the newest verdict of that person."""
    repo, state, who = _repo(hub, given), given["state"], given.get("as", "cleo")
    pull = _pull(hub, repo, given)
    if state != "DISMISSED":
        return {"id": add_review(hub, repo, pull, who=who, state=state, body=given.get("body", ""))["id"]}
    found = [it for it in standing_reviews(hub, repo, pull, writers=False) if it["user"] == who]
    return {"id": dismiss(hub, repo, pull, found[-1], "ben")["id"]}


def _delete_branch(hub: Hub, given: Doc) -> Doc:
    return {"deleted": delete_branch(hub, _repo(hub, given), given["branch"], given.get("as", "ben"))}


def _protection(hub: Hub, given: Doc) -> None:
    names = {"protected", "required_checks", "workflow", "rules", "strict", *MERGE_SETTINGS}
    repo = _repo(hub, given)
    hub.store.update("repository", repo["id"], **{name: given[name] for name in names & given.keys()})


def _ci(hub: Hub, given: Doc) -> Doc:
    """Set `held` (keep queued runs waiting) and `auto` (whether a push starts CI at all)."""
    hub.ci.configure(held=given.get("held"), auto=given.get("auto"))
    return {"idle": hub.ci.idle()}


def _seed(hub: Hub, given: Doc) -> Doc:
    branch, workflow = given.get("default_branch", "main"), given.get("workflow")
    sha = seed_repository(hub.config, given["repo"], given["source"], branch, workflow=workflow)
    return {"sha": sha, "id": _repo(hub, given)["id"]}


def _large(hub: Hub, given: Doc) -> Doc:
    """Put an object of Git LFS there (`content` in base64), or answer for one (`oid`) with `code` from now
    on.
    """
    name = _repo(hub, given)["full_name"]
    if "oid" in given:
        lfs.refuse(hub.config, name, given["oid"], int(given["code"]))
        return {}
    return {"pointer": lfs.keep(hub.config, name, base64.b64decode(given["content"], validate=True))}


def _role(hub: Hub, given: Doc) -> None:
    """Give a person a role of their own in one repository: none, read, triage, write, maintain or admin."""
    repo, key = _repo(hub, given), str(given["login"]).lower()
    if there := hub.store.one("role", repo=repo["id"], key=key):
        hub.store.remove("role", there["id"])
    hub.store.add("role", {"role": str(given["role"])}, repo=repo["id"], key=key)


def _ping(hub: Hub, _: Doc) -> None:
    """Send the event that GitHub sends when a webhook is made."""
    hook = {"type": "App", "id": 4001, "name": "web", "active": True, "events": ["*"], "created_at": now()}
    hook |= {"config": {"url": hub.config.webhook_url, "content_type": "json"}, "updated_at": now()}
    hub.webhooks.emit("ping", None, None, {"zen": "Keep it logically awesome.", "hook_id": 4001, "hook": hook}, "ben")


def _installation(hub: Hub, given: Doc) -> None:
    """Send the event of an app installed, suspended or removed (`action`): the event alone, nothing else changes."""
    if hub.config.app is None:
        raise ApiError(409, "there is no app in this stand-in")
    listed_repositories = [
        {"id": it["id"], "node_id": node_id("Repository", it["id"]), "name": it["name"], "full_name": it["full_name"],
         "private": it["private"]}
        for it in hub.repositories()
    ]  # fmt: skip
    payload = {"installation": installation(hub.config, hub.config.app), "repositories": listed_repositories}
    hub.webhooks.emit("installation", given.get("action", "created"), None, payload, "ben")


def _state(hub: Hub, given: Doc) -> Doc:
    """Return everything a test wants to count. `repo` narrows it to one repository."""
    chosen = [_repo(hub, given)] if "repo" in given else hub.repositories()
    deliveries = hub.store.find("delivery")
    return {
        "repositories": [_inside(hub, repo) for repo in chosen],
        "deliveries": [listed(it, config=hub.config) for it in deliveries],
        "requests": hub.store.requests(), "request_counts": hub.store.request_counts(),
        "faults": hub.faults.listed(), "fault_hits": hub.faults.hits, "ci_idle": hub.ci.idle(),
    }  # fmt: skip


def _inside(hub: Hub, repo: Doc) -> Doc:
    store, ident = hub.store, repo["id"]
    kinds = (
        "check_run", "status", "workflow_run", "artifact", "deployment", "deployment_status", "issue_comment", "review",
    )  # fmt: skip
    return {
        "full_name": repo["full_name"], "id": ident, "refs": hub.git(repo).refs("refs/heads/"),
        "pulls": hub.pulls(repo), "merges": store.find("merge", repo=ident),
        **{f"{kind}s": store.find(kind, repo=ident) for kind in kinds},
    }  # fmt: skip
