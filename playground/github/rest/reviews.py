"""Reviews and review requests."""

from __future__ import annotations

from typing import Any

from ..api import Answer, Call, route
from ..errors import ApiError, invalid
from ..shapes import pulls as shapes
from ..shapes.accounts import user
from ..store import Doc, now
from .pulls import found_pull, full
from .repositories import R

_STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


@route("GET", R + "/pulls/{number}/reviews", needs="pull_requests:read")
def reviews(call: Call) -> Answer:
    found = call.hub.store.find("review", repo=call.repo["id"], key=str(found_pull(call)["number"]))
    return call.page(found, lambda it: shapes.review(call.hub.config, call.repo, it))


@route(
    "POST",
    R + "/pulls/{number}/reviews",
    needs="pull_requests:write",
    body={"commit_id": str, "body": str, "event": str, "comments": list},
)
def create_review(call: Call) -> Any:
    pull, event = found_pull(call), call.body.get("event")
    if event not in {None, *_STATES}:
        raise invalid("PullRequestReview", "event")
    if event in {"APPROVE", "REQUEST_CHANGES"} and pull["user"] == call.actor.login:
        word = "approve" if event == "APPROVE" else "request changes on"
        raise ApiError(422, "Unprocessable Entity", [f"Can not {word} your own pull request"])
    if event in {"REQUEST_CHANGES", "COMMENT"} and not call.body.get("body"):
        raise ApiError(422, "Unprocessable Entity", ["Body is required"])
    made = add_review(call, pull, _STATES[event] if event else "PENDING")
    return shapes.review(call.hub.config, call.repo, made)


def add_review(call: Call, pull: Doc, state: str) -> Doc:
    fresh = {
        "number": pull["number"], "user": call.actor.login, "body": call.body.get("body") or "", "state": state,
        "commit_id": call.body.get("commit_id") or pull["head_sha"], "submitted_at": now(),
    }  # fmt: skip
    made = call.hub.store.add("review", fresh, repo=call.repo["id"], key=str(pull["number"]))
    waiting = [login for login in pull["requested_reviewers"] if login != call.actor.login]
    pull = call.hub.store.update("pull", pull["id"], requested_reviewers=waiting)
    payload = {
        "review": {**shapes.review(call.hub.config, call.repo, made), "state": state.lower()},
        "pull_request": shapes.pull_simple(call.hub.config, call.repo, pull),
    }
    call.hub.webhooks.emit("pull_request_review", "submitted", call.repo, payload, call.actor.login)
    return made


@route("GET", R + "/pulls/{number}/reviews/{review_id}", needs="pull_requests:read")
def get_review(call: Call) -> Any:
    return shapes.review(call.hub.config, call.repo, call.document("review", call.number("review_id")))


@route("GET", R + "/pulls/{number}/requested_reviewers", needs="pull_requests:read")
def requested_reviewers(call: Call) -> Any:
    logins = found_pull(call)["requested_reviewers"]
    return {"users": [user(call.hub.config, login) for login in logins], "teams": []}


@route(
    "POST",
    R + "/pulls/{number}/requested_reviewers",
    needs="pull_requests:write",
    body={"reviewers": list, "team_reviewers": list},
)
def request_reviewers(call: Call) -> Answer:
    pull = found_pull(call)
    wanted = [str(login) for login in call.body.get("reviewers") or []]
    for login in wanted:
        person = call.hub.config.person(login)
        if person is None or person.permission == "none":
            raise ApiError(
                422,
                "Reviews may only be requested from collaborators. One or more of the users or teams you specified is "
                f"not a collaborator of the {call.repo['full_name']} repository.",
            )
        if login == pull["user"]:
            raise ApiError(422, "Review cannot be requested from pull request author.")
    asked = list(dict.fromkeys([*pull["requested_reviewers"], *wanted]))
    return Answer(full(call, call.hub.store.update("pull", pull["id"], requested_reviewers=asked)), 201)


@route(
    "DELETE",
    R + "/pulls/{number}/requested_reviewers",
    needs="pull_requests:write",
    body={"reviewers": list, "team_reviewers": list},
)
def withdraw_request(call: Call) -> Any:
    pull, gone = found_pull(call), call.body.get("reviewers") or []
    left = [login for login in pull["requested_reviewers"] if login not in gone]
    return full(call, call.hub.store.update("pull", pull["id"], requested_reviewers=left))
