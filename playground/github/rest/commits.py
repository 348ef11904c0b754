"""Commits and comparisons."""

from __future__ import annotations

from typing import Any

from ..api import Answer, Call, route
from ..errors import ApiError, not_found
from ..git_diff import EMPTY_TREE, changes
from ..git_edit import merge_trees
from ..pull_requests import ident_of
from ..pushes import ref_moved
from ..shapes import commits as shapes
from ..shapes.accounts import node_id, user
from ..shapes.pulls import pull_simple
from ..shapes.repositories import html_url
from ..store import Doc
from .repositories import R


@route("GET", R + "/commits", needs="contents:read")
def commits(call: Call) -> Answer:
    name = call.query.get("sha") or call.repo["default_branch"]
    sha = call.git.resolve(name)
    if sha is None:
        raise not_found()
    found = call.git.log(sha, limit=1000, path=call.query.get("path", ""))
    return call.page(found, lambda it: shapes.commit(call.hub.config, call.repo, it))


@route("GET", R + "/commits/{ref}/pulls", needs="pull_requests:read")
def pulls_of_commit(call: Call) -> Answer:
    sha = call.commit(call.params["ref"])
    found = [it for it in call.hub.pulls(call.repo) if sha in {it["head_sha"], it["merge_commit_sha"]}]
    return call.page(found, lambda it: pull_simple(call.hub.config, call.repo, it))


@route("GET", R + "/compare/{basehead:path}", needs="contents:read")
def compare(call: Call) -> Any:
    base_name, dots, head_name = call.params["basehead"].partition("...")
    base, head = call.git.resolve(base_name.rpartition(":")[2]), call.git.resolve(head_name.rpartition(":")[2])
    start = call.git.merge_base(base, head) if dots and base and head else None
    if base is None or head is None or start is None:
        raise not_found()
    ahead, behind = call.git.count(f"{base}..{head}"), call.git.count(f"{head}..{base}")
    status = {(False, False): "identical", (True, False): "ahead", (False, True): "behind"}.get(
        (ahead > 0, behind > 0), "diverged"
    )
    config, repo, page = call.hub.config, call.repo, f"{html_url(call.hub.config, call.repo)}/compare/{base}...{head}"
    found = call.git.log(f"{base}..{head}", reverse=True) if ahead else []
    return {
        "url": f"{config.public_url}{call.path}", "html_url": page, "permalink_url": page, "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch", "base_commit": shapes.commit(config, repo, call.git.commit(base)),
        "merge_base_commit": shapes.commit(config, repo, call.git.commit(start)), "status": status, "ahead_by": ahead,
        "behind_by": behind, "total_commits": ahead, "commits": [shapes.commit(config, repo, it) for it in found],
        "files": [shapes.file_change(config, repo, it, head) for it in changes(call.git, start, head)[:300]],
    }  # fmt: skip


@route("GET", R + "/activity", needs="contents:read")
def activity(call: Call) -> Answer:
    """Answer with who moved which branch, the newest first."""
    name = call.query.get("ref", "")
    ref = name if not name or name.startswith("refs/") else f"refs/heads/{name}"
    found = [it for it in call.hub.store.find("activity", repo=call.repo["id"]) if ref in {"", it["ref"]}]
    return call.page(found[::-1], lambda it: _activity(call, it))


def _activity(call: Call, it: Doc) -> Doc:
    kept = {key: value for key, value in it.items() if key != "repo_id"}
    return kept | {"node_id": node_id("Activity", it["id"]), "actor": user(call.hub.config, it["actor"])}


@route("POST", R + "/merges", needs="contents:write", body={"base!": str, "head!": str, "commit_message": str})
def merge_branches(call: Call) -> Answer:
    base, head, git = call.body["base"], call.body["head"], call.git
    with call.hub.lock:
        ours, theirs = git.branch(base), git.resolve(head)
        if ours is None or theirs is None:
            raise ApiError(404, "Base does not exist" if ours is None else "Head does not exist")
        if git.is_ancestor(theirs, ours):
            return Answer(None, 204)
        tree = merge_trees(git, ours, theirs)
        if tree is None:
            raise ApiError(409, "Merge conflict")
        if call.repo["protected"] and base == call.repo["default_branch"]:
            raise ApiError(403, "Changes must be made through a pull request.")
        who = ident_of(call.hub, call.actor.login)
        message = call.body.get("commit_message") or f"Merge {head} into {base}"
        new = git.commit_tree(tree, [ours, theirs], message, who, who)
        git.update_ref(f"refs/heads/{base}", new, ours)
    ref_moved(call.hub, call.repo, f"refs/heads/{base}", ours, new, call.actor.login)
    return Answer(shapes.commit(call.hub.config, call.repo, git.commit(new)), 201)


def commit_by_name(call: Call) -> Any:
    """Serve `GET /commits/{ref}`; declared last, since a ref may hold slashes."""
    it = call.git.commit(call.commit(call.params["ref"]))
    parent = it.parents[0] if it.parents else EMPTY_TREE
    return shapes.commit(call.hub.config, call.repo, it, changes(call.git, parent, it.sha))
