"""Files of a repository, read and written."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

from ..api import Answer, Call, route
from ..errors import ApiError, not_found
from ..git import Ident, TreeEntry
from ..git_edit import commit_files
from ..pull_requests import ident_of
from ..pushes import ref_moved
from ..shapes import commits as shapes
from .repositories import R

_BODY = {
    "message!": str, "content!": str, "sha": str, "branch": str, "committer": dict, "author": dict,
}  # fmt: skip


@route("GET", R + "/contents/{path:path}", needs="contents:read")
def get_contents(call: Call) -> Any:
    at = call.query.get("ref") or call.repo["default_branch"]
    sha = call.git.resolve(at)
    path = call.params["path"].strip("/")
    if sha is None:
        raise ApiError(404, f"No commit found for the ref {at}")
    found = call.git.entries(sha, path=path) if path else []
    if path and not found:
        raise not_found()
    if not path or found[0].type == "tree":
        inside = call.git.entries(found[0].sha if found else sha)
        named = [_under(path, entry) for entry in inside]
        return [shapes.content(call.hub.config, call.repo, entry, quote(at)) for entry in named]
    data = call.git.blob(found[0].sha) if found[0].type == "blob" else None
    return shapes.content(call.hub.config, call.repo, found[0], quote(at), data)


def _under(path: str, entry: TreeEntry) -> TreeEntry:
    return TreeEntry(entry.mode, entry.type, entry.sha, entry.size, f"{path}/{entry.path}" if path else entry.path)


@route("PUT", R + "/contents/{path:path}", needs="contents:write", body=_BODY)
def put_contents(call: Call) -> Answer:
    try:
        data = base64.b64decode(call.body["content"].replace("\n", ""), validate=True)
    except ValueError:
        raise ApiError(422, "content is not valid Base64") from None
    existed, sha = _write(call, data)
    path = call.params["path"].strip("/")
    entry = call.git.entries(sha, path=path)[0]
    return Answer(
        {
            "content": shapes.content(call.hub.config, call.repo, entry, sha),
            "commit": shapes.git_commit(call.hub.config, call.repo, call.git.commit(sha)),
        },
        200 if existed else 201,
    )


@route(
    "DELETE",
    R + "/contents/{path:path}",
    needs="contents:write",
    body={name: kind for name, kind in _BODY.items() if name != "content!"},
)
def delete_contents(call: Call) -> Any:
    _, sha = _write(call, None)
    return {"content": None, "commit": shapes.git_commit(call.hub.config, call.repo, call.git.commit(sha))}


def _write(call: Call, data: bytes | None) -> tuple[bool, str]:
    """Commit one file; whether it was there before, and the new commit. The old blob's sha is checked (409)."""
    branch = call.body.get("branch") or call.repo["default_branch"]
    path = call.params["path"].strip("/")
    if not path or any(part in {"", ".", "..", ".git"} for part in path.split("/")):
        raise ApiError(422, "path contains a malformed path component")
    if call.repo["protected"] and branch == call.repo["default_branch"]:
        raise ApiError(409, "Repository rule violations found\n\nChanges must be made through a pull request.\n\n")
    with call.hub.lock:
        tip = call.git.branch(branch)
        if tip is None:
            raise ApiError(404, f"Branch {branch} not found")
        found = call.git.entries(tip, path=path)
        if found and call.body.get("sha") is None:
            raise ApiError(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
        if not found and data is None:
            raise not_found()
        if found and found[0].sha != call.body["sha"]:
            raise ApiError(409, f"{path} does not match {call.body['sha']}")
        given = call.body.get("author") or call.body.get("committer")
        author = Ident(str(given["name"]), str(given["email"])) if given else ident_of(call.hub, call.actor.login)
        sha = commit_files(call.git, tip, {path: data}, call.body["message"], author)
        call.git.update_ref(f"refs/heads/{branch}", sha, tip)
    ref_moved(call.hub, call.repo, f"refs/heads/{branch}", tip, sha, call.actor.login)
    return bool(found), sha
