"""Reviews and review requests."""

from __future__ import annotations

from typing import Any

from ..api import Answer, Call, route
from ..errors import ApiError, invalid
from ..hub import Hub
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
    made = add_review(
        call.hub, call.repo, pull, who=call.actor.login, state=_STATES[event] if event else "PENDING",
        body=call.body.get("body") or "", commit=call.body.get("commit_id"),
    )  # fmt: skip
    return shapes.review(call.hub.config, call.repo, made)


def add_review(
    hub: Hub, repo: Doc, pull: Doc, *, who: str, state: str, body: str = "", commit: str | None = None
) -> Doc:
    """Add a review and emit its event."""
    fresh = {
        "number": pull["number"], "user": who, "body": body, "state": state, "commit_id": commit or pull["head_sha"],
        "submitted_at": now(),
    }  # fmt: skip
    made = hub.store.add("review", fresh, repo=repo["id"], key=str(pull["number"]))
    waiting = [login for login in pull["requested_reviewers"] if login != who]
    pull = hub.store.update("pull", pull["id"], requested_reviewers=waiting)
    _announce(hub, repo, pull, made, "submitted", who)
    return made


def dismiss(hub: Hub, repo: Doc, pull: Doc, review: Doc, who: str) -> Doc:
    """Take back a verdict. Raises 422 for a review that gave none."""
    if review["state"] not in {"APPROVED", "CHANGES_REQUESTED"}:
        raise ApiError(422, "Unprocessable Entity", ["Can not dismiss a review that is not approved or rejected"])
    made = hub.store.update("review", review["id"], state="DISMISSED")
    _announce(hub, repo, pull, made, "dismissed", who)
    return made


def _announce(hub: Hub, repo: Doc, pull: Doc, review: Doc, action: str, who: str) -> None:
    payload = {
        "review": {**shapes.review(hub.config, repo, review), "state": review["state"].lower()},
        "pull_request": shapes.pull_simple(hub.config, repo, pull),
    }
    hub.webhooks.emit("pull_request_review", action, repo, payload, who)


@route(
    "PUT",
    R + "/pulls/{number}/reviews/{review_id}/dismissals",
    needs="pull_requests:write",
    body={"message!": str, "event": str},
)
def dismiss_review(call: Call) -> Any:
    pull, review = found_pull(call), call.document("review", call.number("review_id"))
    return shapes.review(call.hub.config, call.repo, dismiss(call.hub, call.repo, pull, review, call.actor.login))


@route("GET", R + "/pulls/{number}/reviews/{review_id}", needs="pull_requests:read")
def get_review(call: Call) -> Any:
    return shapes.review(call.hub.config, call.repo, call.document("review", call.number("review_id")))


@route("GET", R + "/pulls/{number}/requested_reviewers", needs="pull_requests:read")
def requested_reviewers(call: Call) -> Any:
    logins = found_pull(call)["requested_reviewers"]
    teams = [shapes.team(call.hub.config, call.repo, slug) for slug in found_pull(call).get("requested_teams", [])]
    return {"users": [user(call.hub.config, login) for login in logins], "teams": teams}


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
    teams = [str(slug) for slug in call.body.get("team_reviewers") or []]
    if any(slug not in call.hub.config.teams for slug in teams):
        raise ApiError(422, "Could not resolve to a node with the global id of one of the teams you specified.")
    asked = list(dict.fromkeys([*pull["requested_reviewers"], *wanted]))
    teams = list(dict.fromkeys([*pull.get("requested_teams", []), *teams]))
    pull = call.hub.store.update("pull", pull["id"], requested_reviewers=asked, requested_teams=teams)
    return Answer(full(call, pull), 201)


@route(
    "DELETE",
    R + "/pulls/{number}/requested_reviewers",
    needs="pull_requests:write",
    body={"reviewers": list, "team_reviewers": list},
)
def withdraw_request(call: Call) -> Any:
    pull, gone = found_pull(call), call.body.get("reviewers") or []
    left = [login for login in pull["requested_reviewers"] if login not in gone]
    teams = [slug for slug in pull.get("requested_teams", []) if slug not in (call.body.get("team_reviewers") or [])]
    return full(call, call.hub.store.update("pull", pull["id"], requested_reviewers=left, requested_teams=teams))
