"""Issues as far as pull requests are issues: the issue itself, comments, labels."""

from __future__ import annotations

from typing import Any

from ..api import Answer, Call, route
from ..errors import invalid, not_found
from ..shapes import pulls as shapes
from ..store import Doc, now
from .pulls import found_pull
from .repositories import R


def _comments(call: Call, pull: Doc) -> list[Doc]:
    return call.hub.store.find("issue_comment", repo=call.repo["id"], key=str(pull["number"]))


def _comment(call: Call) -> Doc:
    return call.document("issue_comment", call.number("comment_id"))


def _announce(call: Call, comment: Doc, action: str, **more: Any) -> None:
    pull = call.hub.pull(call.repo, comment["number"]) or {}
    payload: Doc = {
        **more,
        "issue": shapes.issue(call.hub.config, call.repo, pull, len(_comments(call, pull))),
        "comment": shapes.issue_comment(call.hub.config, call.repo, comment),
    }
    call.hub.webhooks.emit("issue_comment", action, call.repo, payload, call.actor.login)


@route("GET", R + "/issues/comments/{comment_id}", needs="issues:read")
def get_comment(call: Call) -> Any:
    return shapes.issue_comment(call.hub.config, call.repo, _comment(call))


@route("PATCH", R + "/issues/comments/{comment_id}", needs="issues:write", body={"body!": str})
def edit_comment(call: Call) -> Any:
    old = _comment(call)
    made = call.hub.store.update("issue_comment", old["id"], body=call.body["body"], updated_at=now())
    _announce(call, made, "edited", changes={"body": {"from": old["body"]}})
    return shapes.issue_comment(call.hub.config, call.repo, made)


@route("DELETE", R + "/issues/comments/{comment_id}", needs="issues:write")
def delete_comment(call: Call) -> Answer:
    comment = _comment(call)
    call.hub.store.remove("issue_comment", comment["id"])
    _announce(call, comment, "deleted")
    return Answer(None, 204)


@route("GET", R + "/issues/{number}", needs="issues:read")
def get_issue(call: Call) -> Any:
    pull = found_pull(call)
    return shapes.issue(call.hub.config, call.repo, pull, len(_comments(call, pull)))


@route("GET", R + "/issues/{number}/comments", needs="issues:read")
def list_comments(call: Call) -> Answer:
    found = _comments(call, found_pull(call))
    return call.page(found, lambda it: shapes.issue_comment(call.hub.config, call.repo, it))


@route("POST", R + "/issues/{number}/comments", needs="issues:write", body={"body!": str})
def create_comment(call: Call) -> Answer:
    pull, text = found_pull(call), call.body["body"]
    if not text.strip():
        raise invalid("IssueComment", "body", "unprocessable")
    fresh = {"number": pull["number"], "body": text, "user": call.actor.login, "created_at": now(), "updated_at": now()}
    made = call.hub.store.add("issue_comment", fresh, repo=call.repo["id"], key=str(pull["number"]))
    _announce(call, made, "created")
    return Answer(shapes.issue_comment(call.hub.config, call.repo, made), 201)


@route("GET", R + "/issues/{number}/labels", needs="issues:read")
def list_labels(call: Call) -> Answer:
    return call.page(found_pull(call)["labels"], lambda name: shapes.label(call.hub.config, call.repo, name))


@route("POST", R + "/issues/{number}/labels", needs="issues:write", body={"labels!": list})
def add_labels(call: Call) -> Any:
    pull = found_pull(call)
    names = [*pull["labels"], *(str(name) for name in call.body["labels"] if name not in pull["labels"])]
    call.hub.store.update("pull", pull["id"], labels=names)
    return [shapes.label(call.hub.config, call.repo, name) for name in names]


@route("DELETE", R + "/issues/{number}/labels/{name}", needs="issues:write")
def remove_label(call: Call) -> Any:
    pull, name = found_pull(call), call.params["name"]
    if name not in pull["labels"]:
        raise not_found("Label does not exist")
    names = [label for label in pull["labels"] if label != name]
    call.hub.store.update("pull", pull["id"], labels=names)
    return [shapes.label(call.hub.config, call.repo, label) for label in names]
