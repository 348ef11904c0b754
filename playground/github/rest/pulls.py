"""Pull requests."""

from __future__ import annotations

from typing import Any

from ..api import Answer, Call, route
from ..errors import ApiError, invalid, not_found
from ..git_diff import changes
from ..merging import merge
from ..pull_requests import announce, close, facts, open_pull, reopen, retarget
from ..shapes import commits as commit_shapes
from ..shapes.pulls import pull_full, pull_simple
from ..store import Doc, now
from .repositories import R


def found_pull(call: Call) -> Doc:
    pull = call.hub.pull(call.repo, call.number("number"))
    if pull is None:
        raise not_found()
    return pull


def full(call: Call, pull: Doc) -> Any:
    seen = facts(call.hub, call.repo, pull)
    return pull_full(call.hub.config, call.repo, call.hub.store.get("pull", pull["id"]) or pull, seen)


@route("GET", R + "/pulls", needs="pull_requests:read")
def pulls(call: Call) -> Answer:
    query = call.query
    state, base, head = query.get("state", "open"), query.get("base"), query.get("head")
    if state not in {"open", "closed", "all"}:
        raise invalid("PullRequest", "state")
    found = [it for it in call.hub.pulls(call.repo) if state in {"all", it["state"]} and base in {None, it["base_ref"]}]
    if head and ":" in head:  # GitHub ignores a head filter without its owner
        owner, _, ref = head.partition(":")
        found = [it for it in found if owner.lower() == call.repo["owner"].lower() and it["head_ref"] == ref]
    order = "updated_at" if query.get("sort") == "updated" else "number"
    descending = query.get("direction", "desc" if query.get("sort", "created") == "created" else "asc") == "desc"
    found.sort(key=lambda it: (it[order], it["number"]), reverse=descending)
    return call.page(found, lambda it: pull_simple(call.hub.config, call.repo, it))


@route(
    "POST",
    R + "/pulls",
    needs="pull_requests:write",
    body={
        "title": str, "head!": str, "base!": str, "body": str, "draft": bool, "maintainer_can_modify": bool,
        "head_repo": str, "issue": int,
    },
)  # fmt: skip
def create_pull(call: Call) -> Answer:
    body = call.body
    if not (body.get("title") or "").strip():
        raise invalid("PullRequest", "title", "missing_field")
    pull = open_pull(
        call.hub, call.repo, head=body["head"], base=body["base"], title=body["title"], body=body.get("body"),
        draft=bool(body.get("draft")), who=call.actor.login,
    )  # fmt: skip
    return Answer(full(call, pull), 201)


@route("GET", R + "/pulls/{number}", needs="pull_requests:read")
def get_pull(call: Call) -> Any:
    return full(call, found_pull(call))


@route(
    "PATCH",
    R + "/pulls/{number}",
    needs="pull_requests:write",
    body={"title": str, "body": str, "state": str, "base": str, "maintainer_can_modify": bool},
)
def edit_pull(call: Call) -> Any:
    pull, body = found_pull(call), call.body
    state = body.get("state")
    if state not in {None, "open", "closed"}:
        raise invalid("PullRequest", "state")
    changed: Doc = {name: body[name] for name in ("title", "body") if name in body and body[name] != pull[name]}
    if body.get("base") and body["base"] != pull["base_ref"]:
        changed |= retarget(call.hub, call.repo, pull, body["base"])
    if changed:
        before = {name: {"from": pull[name]} for name in changed if name in {"title", "body"}}
        pull = call.hub.store.update("pull", pull["id"], updated_at=now(), **changed)
        announce(call.hub, call.repo, pull, "edited", call.actor.login, changes=before)
    if state == "closed" and pull["state"] == "open":
        pull = close(call.hub, call.repo, pull, call.actor.login)
    elif state == "open" and pull["state"] == "closed":
        pull = reopen(call.hub, call.repo, pull, call.actor.login)
    return full(call, pull)


@route("GET", R + "/pulls/{number}/merge", needs="pull_requests:read")
def is_merged(call: Call) -> Answer:
    if found_pull(call)["merged_at"] is None:
        raise not_found()
    return Answer(None, 204)


@route(
    "PUT",
    R + "/pulls/{number}/merge",
    needs="contents:write",
    body={"commit_title": str, "commit_message": str, "sha": str, "merge_method": str},
)
def merge_pull(call: Call) -> Any:
    pull, body = found_pull(call), call.body
    method = body.get("merge_method") or "merge"
    if method not in {"merge", "squash", "rebase"}:
        raise invalid("PullRequest", "merge_method")
    sha = merge(
        call.hub, call.repo, pull, who=call.actor.login, sha=body.get("sha"), method=method,
        title=body.get("commit_title"), message=body.get("commit_message"),
    )  # fmt: skip
    return {"sha": sha, "merged": True, "message": "Pull Request successfully merged"}


@route("GET", R + "/pulls/{number}/files", needs="pull_requests:read")
def pull_files(call: Call) -> Answer:
    pull = found_pull(call)
    start = _start(call, pull)
    found = changes(call.git, start, pull["head_sha"])
    return call.page(found, lambda it: commit_shapes.file_change(call.hub.config, call.repo, it, pull["head_sha"]))


@route("GET", R + "/pulls/{number}/commits", needs="pull_requests:read")
def pull_commits(call: Call) -> Answer:
    pull = found_pull(call)
    found = call.git.log(f"{_start(call, pull)}..{pull['head_sha']}", reverse=True)
    return call.page(found, lambda it: commit_shapes.commit(call.hub.config, call.repo, it))


def _start(call: Call, pull: Doc) -> str:
    return call.git.merge_base(pull["base_sha"], pull["head_sha"]) or str(pull["base_sha"])


@route("PUT", R + "/pulls/{number}/update-branch", needs="pull_requests:write", body={"expected_head_sha": str})
def update_branch(call: Call) -> Answer:
    from .commits import merge_branches

    pull = found_pull(call)
    if call.body.get("expected_head_sha") not in {None, pull["head_sha"]}:
        raise ApiError(422, "expected head sha didn't match current head ref.")
    call.body = {"base": pull["head_ref"], "head": pull["base_ref"]}
    merge_branches(call)
    return Answer({"message": "Updating pull request branch.", "url": call.path}, 202)
