"""Check runs and check suites. Only an app may write them, as on GitHub."""

from __future__ import annotations

from typing import Any

from ..api import Answer, Call, route
from ..check_suites import (
    create_check_run,
    latest,
    pulls_of,
    suite_runs,
    update_check_run,
)
from ..errors import ApiError, invalid
from ..shapes import checks as shapes
from ..shapes.accounts import ACTIONS_SLUG, app_by_slug
from ..store import Doc
from .repositories import R

_STATUSES = {"queued", "in_progress", "completed"}
_CONCLUSIONS = {"action_required", "cancelled", "failure", "neutral", "success", "skipped", "stale", "timed_out"}
_BODY = {
    "details_url": str, "external_id": str, "status": str, "started_at": str, "conclusion": str, "completed_at": str,
    "output": dict, "actions": list,
}  # fmt: skip


def _shape(call: Call, run: Doc) -> Any:
    return shapes.check_run(call.hub.config, call.repo, run, pulls_of(call.hub, call.repo, run["head_sha"]))


def _run(call: Call) -> Doc:
    return call.document("check_run", call.number("check_run_id"))


def _checked(call: Call) -> Doc:
    body = {name: value for name, value in call.body.items() if value is not None and name != "actions"}
    if body.get("status") not in {None, *_STATUSES}:
        raise invalid("CheckRun", "status")
    if body.get("conclusion") not in {None, *_CONCLUSIONS}:
        raise invalid("CheckRun", "conclusion")
    if body.get("status") == "completed" and "conclusion" not in body:
        raise invalid("CheckRun", "conclusion", "missing_field")
    output = body.get("output")
    if output is not None and not {"title", "summary"} <= output.keys():
        raise ApiError(422, 'Invalid request.\n\n"summary", "title" must be in output.')
    if output is not None and len(output["summary"]) > 65535:
        raise ApiError(422, "Invalid request.\n\nOnly 65535 characters are allowed in output.summary.")
    return body


def _own_app(call: Call) -> str:
    if call.actor.kind != "installation" or call.hub.config.app is None:
        raise ApiError(403, "You must authenticate via a GitHub App.")
    return call.hub.config.app.slug


@route("POST", R + "/check-runs", needs="checks:write", body={"name!": str, "head_sha!": str, **_BODY})
def create(call: Call) -> Answer:
    slug, body = _own_app(call), _checked(call)
    if call.git.object_type(body["head_sha"]) != "commit":
        raise ApiError(422, f"No commit found for SHA: {body['head_sha']}")
    made = create_check_run(call.hub, call.repo, app_slug=slug, branch=None, who=call.actor.login, **body)
    return Answer(_shape(call, made), 201)


@route("PATCH", R + "/check-runs/{check_run_id}", needs="checks:write", body={"name": str, "head_sha": str, **_BODY})
def edit(call: Call) -> Any:
    slug, run, body = _own_app(call), _run(call), _checked(call)
    if run["app_slug"] != slug:
        raise ApiError(403, "Invalid app_id - check run can only be modified by the GitHub App that created it.")
    return _shape(call, update_check_run(call.hub, call.repo, run, call.actor.login, **body))


@route("GET", R + "/check-runs/{check_run_id}", needs="checks:read")
def get(call: Call) -> Any:
    return _shape(call, _run(call))


@route("GET", R + "/check-runs/{check_run_id}/annotations", needs="checks:read")
def list_annotations(call: Call) -> Answer:
    return call.page(_run(call)["output"].get("annotations") or [], lambda it: it)


@route("POST", R + "/check-runs/{check_run_id}/rerequest", needs="checks:write")
def rerequest_run(call: Call) -> Answer:
    run = _run(call)
    call.hub.webhooks.emit("check_run", "rerequested", call.repo, {"check_run": _shape(call, run)}, call.actor.login)
    call.hub.ci.rerun_suite(call.repo, run["suite_id"])
    return Answer({}, 201)


def _filtered(call: Call, runs: list[Doc]) -> Answer:
    query = call.query
    if query.get("filter", "latest") not in {"latest", "all"}:
        raise invalid("CheckRun", "filter")
    runs = latest(runs) if query.get("filter", "latest") == "latest" else runs
    app_id = query.get("app_id")
    wanted = [
        run for run in runs
        if query.get("check_name") in {None, run["name"]} and query.get("status") in {None, run["status"]}
        and (app_id is None or str(app_by_slug(call.hub.config, run["app_slug"])["id"]) == app_id)
    ]  # fmt: skip
    return call.page(wanted[::-1], lambda run: _shape(call, run), "check_runs")


@route("GET", R + "/commits/{ref:path}/check-runs", needs="checks:read")
def runs_of_commit(call: Call) -> Answer:
    sha = call.commit(call.params["ref"])
    return _filtered(call, call.hub.store.find("check_run", repo=call.repo["id"], key=sha))


def _suite_shape(call: Call, suite: Doc) -> Any:
    runs = latest(suite_runs(call.hub, call.repo, suite))
    head = call.git.commit(suite["head_sha"])
    pulls = pulls_of(call.hub, call.repo, suite["head_sha"])
    return shapes.check_suite(call.hub.config, call.repo, suite, head, len(runs), pulls)


def _suite(call: Call) -> Doc:
    return call.document("check_suite", call.number("check_suite_id"))


@route("GET", R + "/commits/{ref:path}/check-suites", needs="checks:read")
def suites_of_commit(call: Call) -> Answer:
    sha = call.commit(call.params["ref"])
    app_id = call.query.get("app_id")
    found = [
        suite for suite in call.hub.store.find("check_suite", repo=call.repo["id"], key=sha)
        if app_id is None or str(app_by_slug(call.hub.config, suite["app_slug"])["id"]) == app_id
    ]  # fmt: skip
    return call.page(found, lambda suite: _suite_shape(call, suite), "check_suites")


@route("GET", R + "/check-suites/{check_suite_id}", needs="checks:read")
def get_suite(call: Call) -> Any:
    return _suite_shape(call, _suite(call))


@route("GET", R + "/check-suites/{check_suite_id}/check-runs", needs="checks:read")
def runs_of_suite(call: Call) -> Answer:
    return _filtered(call, suite_runs(call.hub, call.repo, _suite(call)))


@route("POST", R + "/check-suites/{check_suite_id}/rerequest", needs="checks:write")
def rerequest_suite(call: Call) -> Answer:
    suite = _suite(call)
    payload = {"check_suite": _suite_shape(call, suite)}
    call.hub.webhooks.emit("check_suite", "rerequested", call.repo, payload, call.actor.login)
    if suite["app_slug"] == ACTIONS_SLUG:
        call.hub.ci.rerun_suite(call.repo, suite["id"])
    return Answer({}, 201)
