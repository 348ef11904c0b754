"""GraphQL: queries about pull requests and their checks, and three mutations; other mutations are refused (501).

Law: a query answers exactly the fields it names. A mutation is known by its name, and its answer is a fixed selection.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from ..api import Answer, Call
from ..errors import ApiError, not_found
from ..git import ZERO
from ..git_edit import revert
from ..graphql.execution import run
from ..graphql.language import Refused, parse
from ..graphql.resolvers import Context
from ..graphql.types import SCHEMA
from ..pull_requests import ident_of, open_pull
from ..pushes import ref_moved
from ..shapes.accounts import node_id
from ..shapes.repositories import html_url
from ..store import Doc

KNOWN = ("revertPullRequest", "markPullRequestReadyForReview", "convertPullRequestToDraft")


def answer(call: Call) -> Answer:
    """Serve `POST /api/graphql`."""
    query, given = str(call.body.get("query") or ""), (call.body.get("variables") or {}).get("input") or {}
    if not query.lstrip().startswith("mutation"):
        return _queried(call, query)
    name = next((known for known in KNOWN if re.search(rf"\b{known}\s*\(", query)), None)
    if name is None:
        raise ApiError(501, f"This stand-in knows only these GraphQL mutations: {', '.join(KNOWN)}")
    repo, pull = _pull(call, str(given.get("pullRequestId") or ""))
    if not call.actor.allows(call.hub.config, "pull_requests:write", repo["id"]):
        return Answer({"data": {name: None}, "errors": [_error("FORBIDDEN", "Resource not accessible by integration")]})
    made: dict[str, Any] = {"clientMutationId": given.get("clientMutationId")}
    if name == "revertPullRequest":
        made |= _revert(call, repo, pull, given)
    else:
        draft = name == "convertPullRequestToDraft"
        call.hub.store.update("pull", pull["id"], draft=draft)
        made["pullRequest"] = {"isDraft": draft, "number": pull["number"], "id": given["pullRequestId"]}
    return Answer({"data": {name: made}})


def _queried(call: Call, text: str) -> Answer:
    """Answer a query; GitHub says 200 also where it refuses one."""
    variables = call.body.get("variables") or {}
    try:
        return Answer(run(SCHEMA, parse(text), variables, Context(call.hub, call.actor)))
    except Refused as refused:
        error = {"message": refused.message, "path": list(refused.path), "extensions": {"code": refused.code}}
        return Answer({"errors": [error]})


def _error(kind: str, message: str) -> dict[str, Any]:
    return {"type": kind, "message": message, "path": []}


def _pull(call: Call, node: str) -> tuple[Doc, Doc]:
    try:
        ident = base64.b64decode(node, validate=True).decode().rpartition("PullRequest")[2]
    except (binascii.Error, ValueError):
        ident = ""
    pull = call.hub.store.get("pull", int(ident)) if ident.isdigit() else None
    repo = call.hub.repository_by_id(pull["repo_id"]) if pull else None
    if pull is None or repo is None or not call.actor.sees(call.hub.config, repo["id"]):
        raise not_found("Could not resolve to a node with the global id")
    return repo, pull


def _revert(call: Call, repo: Doc, pull: Doc, given: Doc) -> dict[str, Any]:
    if not pull["merge_commit_sha"]:
        raise ApiError(422, "Pull request is not merged")
    git, base = call.hub.git(repo), pull["base_ref"]
    tip = git.branch(base) or ""
    tree = revert(git, pull["merge_commit_sha"], tip)
    if tree is None:
        raise ApiError(422, "This pull request could not be reverted automatically: it conflicts with later changes.")
    title = given.get("title") or f'Revert "{pull["title"]}"'
    body = given.get("body") or f"Reverts {repo['full_name']}#{pull['number']}"
    branch = f"revert-{pull['number']}-{pull['head_ref']}"
    who = ident_of(call.hub, call.actor.login)
    old = git.branch(branch)
    sha = git.commit_tree(tree, [tip], f"{title}\n\n{body}\n", who, who)
    git.update_ref(f"refs/heads/{branch}", sha)
    ref_moved(call.hub, repo, f"refs/heads/{branch}", old or ZERO, sha, call.actor.login)
    made = open_pull(
        call.hub, repo, head=branch, base=base, title=title, body=body, draft=bool(given.get("draft")),
        who=call.actor.login,
    )  # fmt: skip
    url = f"{html_url(call.hub.config, repo)}/pull/{made['number']}"
    shape = {
        "id": node_id("PullRequest", made["id"]), "number": made["number"], "url": url, "title": title, "state": "OPEN",
        "headRefName": branch, "headRefOid": sha, "baseRefName": base, "isDraft": made["draft"],
    }  # fmt: skip
    reverted = {"id": node_id("PullRequest", pull["id"]), "number": pull["number"]}
    return {"revertPullRequest": shape, "pullRequest": reverted}
