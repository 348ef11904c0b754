"""The Git database: refs, commits, trees, blobs."""

from __future__ import annotations

import base64
from typing import Any

from ..api import Answer, Call, route
from ..errors import ApiError, not_found
from ..git import SHA, ZERO, GitError, Ident
from ..git_edit import edit_tree
from ..pull_requests import ident_of
from ..pushes import ref_moved
from ..shapes import commits as shapes
from .repositories import R

_MODES = {"100644": "blob", "100755": "blob", "120000": "blob", "040000": "tree", "160000": "commit"}


def _ref(call: Call) -> tuple[str, str]:
    name = f"refs/{call.params['ref']}"
    sha = call.git.ref(name)
    if sha is None:
        raise not_found()
    return name, sha


def _shape(call: Call, name: str, sha: str) -> Any:
    return shapes.ref(call.hub.config, call.repo, name, sha, call.git.object_type(sha) or "commit")


@route("GET", R + "/git/ref/{ref:path}", needs="contents:read")
def get_ref(call: Call) -> Any:
    return _shape(call, *_ref(call))


@route("GET", R + "/git/refs/{ref:path}", needs="contents:read")
def get_ref_by_its_url(call: Call) -> Any:
    return _shape(call, *_ref(call))


@route("GET", R + "/git/matching-refs/{ref:path}", needs="contents:read")
def matching_refs(call: Call) -> Answer:
    found = sorted(call.git.refs(f"refs/{call.params['ref']}").items())
    return call.page(found, lambda item: _shape(call, *item))


@route("POST", R + "/git/refs", needs="contents:write", body={"ref!": str, "sha!": str})
def create_ref(call: Call) -> Answer:
    name, sha = call.body["ref"], call.body["sha"]
    if name.count("/") < 2 or not name.startswith("refs/") or not call.git.valid_ref(name):
        raise ApiError(422, f"Reference name is not valid: {name}")
    if call.git.object_type(sha) is None:
        raise ApiError(422, "Object does not exist")
    with call.hub.lock:
        if call.git.ref(name):
            raise ApiError(422, "Reference already exists")
        call.git.update_ref(name, sha, ZERO)
    ref_moved(call.hub, call.repo, name, ZERO, sha, call.actor.login)
    return Answer(_shape(call, name, sha), 201)


def _refuse_protected(call: Call, name: str) -> None:
    if call.repo["protected"] and name == f"refs/heads/{call.repo['default_branch']}":
        raise ApiError(422, "Repository rule violations found\n\nChanges must be made through a pull request.\n\n")


@route("PATCH", R + "/git/refs/{ref:path}", needs="contents:write", body={"sha!": str, "force": bool})
def update_ref(call: Call) -> Any:
    name, old = _ref(call)
    new = call.body["sha"]
    _refuse_protected(call, name)
    if call.git.object_type(new) is None:
        raise ApiError(422, "Object does not exist")
    if not call.body.get("force") and not call.git.is_ancestor(old, new):
        raise ApiError(422, "Update is not a fast forward")
    with call.hub.lock:
        try:
            call.git.update_ref(name, new, old)
        except GitError:
            raise ApiError(409, "Reference was modified meanwhile") from None
    ref_moved(call.hub, call.repo, name, old, new, call.actor.login)
    return _shape(call, name, new)


@route("DELETE", R + "/git/refs/{ref:path}", needs="contents:write")
def delete_ref(call: Call) -> Answer:
    name = f"refs/{call.params['ref']}"
    old = call.git.ref(name)
    if old is None:
        raise ApiError(422, "Reference does not exist")
    _refuse_protected(call, name)
    call.git.delete_ref(name)
    ref_moved(call.hub, call.repo, name, old, ZERO, call.actor.login)
    return Answer(None, 204)


@route("GET", R + "/git/commits/{sha}", needs="contents:read")
def get_commit(call: Call) -> Any:
    if call.git.object_type(call.params["sha"]) != "commit":
        raise not_found()
    return shapes.git_commit(call.hub.config, call.repo, call.git.commit(call.params["sha"]))


@route(
    "POST",
    R + "/git/commits",
    needs="contents:write",
    body={"message!": str, "tree!": str, "parents": list, "author": dict, "committer": dict, "signature": str},
)
def create_commit(call: Call) -> Answer:
    body, git = call.body, call.git
    if git.object_type(body["tree"]) != "tree":
        raise ApiError(422, "Tree SHA does not exist")
    parents = body.get("parents") or []
    if any(git.object_type(str(parent)) != "commit" for parent in parents):
        raise ApiError(422, "Parent SHA does not exist or is not a commit object")
    author = _ident(call, body.get("author"))
    committer = _ident(call, body.get("committer") or body.get("author"))
    sha = git.commit_tree(body["tree"], [str(parent) for parent in parents], body["message"], author, committer)
    return Answer(shapes.git_commit(call.hub.config, call.repo, git.commit(sha)), 201)


def _ident(call: Call, given: dict[str, Any] | None) -> Ident:
    if not given:
        return ident_of(call.hub, call.actor.login)
    if not isinstance(given.get("name"), str) or not isinstance(given.get("email"), str):
        raise ApiError(422, 'Invalid request.\n\n"email", "name" weren\'t supplied.')
    return Ident(given["name"], given["email"], str(given.get("date") or ""))


@route("GET", R + "/git/trees/{sha:path}", needs="contents:read")
def get_tree(call: Call) -> Any:
    name = call.params["sha"]
    sha = name if SHA.match(name) and call.git.object_type(name) == "tree" else call.git.resolve(name)
    if sha is None:
        raise not_found()
    tree = sha if call.git.object_type(sha) == "tree" else call.git.commit(sha).tree
    entries = call.git.entries(tree, recursive="recursive" in call.query)
    return shapes.tree(call.hub.config, call.repo, tree, entries)


@route("POST", R + "/git/trees", needs="contents:write", body={"tree!": list, "base_tree": str})
def create_tree(call: Call) -> Answer:
    git, base = call.git, call.body.get("base_tree")
    if base is not None and git.object_type(base) not in {"tree", "commit"}:
        raise ApiError(422, "base_tree is not a valid tree oid")
    changes = dict(_change(call, entry) for entry in call.body["tree"])
    try:
        sha = edit_tree(git, base, changes)
    except GitError as error:
        raise ApiError(422, f"GitRPC::BadObjectState: {error}") from None
    return Answer(shapes.tree(call.hub.config, call.repo, sha, git.entries(sha)), 201)


def _change(call: Call, entry: Any) -> tuple[str, tuple[str, str] | None]:
    path, mode = str(entry.get("path", "")), str(entry.get("mode", ""))
    if not path or path.startswith("/") or any(part in {"", ".", "..", ".git"} for part in path.split("/")):
        raise ApiError(422, "tree.path contains a malformed path component")
    if mode not in _MODES:
        raise ApiError(422, "Must supply a valid tree.mode")
    if "content" in entry:
        return path, (mode, call.git.write_blob(str(entry["content"]).encode()))
    sha = entry.get("sha")
    if sha is None:
        return path, None
    if mode != "160000" and call.git.object_type(str(sha)) != _MODES[mode]:
        raise ApiError(422, f"tree.sha {sha} is not a valid {_MODES[mode]}")
    return path, (mode, str(sha))


@route("GET", R + "/git/blobs/{sha}", needs="contents:read")
def get_blob(call: Call) -> Any:
    sha = call.params["sha"]
    if call.git.object_type(sha) != "blob":
        raise not_found()
    return shapes.blob(call.hub.config, call.repo, sha, call.git.blob(sha))


@route("POST", R + "/git/blobs", needs="contents:write", body={"content!": str, "encoding": str})
def create_blob(call: Call) -> Answer:
    encoding = call.body.get("encoding") or "utf-8"
    if encoding not in {"utf-8", "base64"}:
        raise ApiError(422, "Encoding must be utf-8 or base64")
    try:
        text = call.body["content"]
        data = base64.b64decode(text, validate=False) if encoding == "base64" else text.encode()
    except ValueError:
        raise ApiError(422, "content is not valid Base64") from None
    sha = call.git.write_blob(data)
    return Answer({"sha": sha, "url": f"{call.hub.config.public_url}{call.path}/{sha}"}, 201)
