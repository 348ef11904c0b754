"""Workflows, runs, jobs, logs and artifacts of the small CI."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from ..api import Answer, Call, route
from ..check_suites import pulls_of
from ..errors import ApiError, not_found
from ..shapes import checks as shapes
from ..store import Doc
from .repositories import R


def _run(call: Call) -> Doc:
    return call.document("workflow_run", call.number("run_id"))


def _shape(call: Call, run: Doc) -> Any:
    pulls = pulls_of(call.hub, call.repo, run["head_sha"])
    return shapes.workflow_run(call.hub.config, call.repo, run, call.git.commit(run["head_sha"]), pulls)


@route("GET", R + "/actions/workflows", needs="actions:read")
def workflows(call: Call) -> Answer:
    found = call.hub.store.find("workflow", repo=call.repo["id"])
    return call.page(found, lambda it: shapes.workflow(call.hub.config, call.repo, it), "workflows")


@route("GET", R + "/actions/workflows/{workflow_id}", needs="actions:read")
def workflow(call: Call) -> Any:
    name = call.params["workflow_id"]
    for found in call.hub.store.find("workflow", repo=call.repo["id"]):
        if name in {str(found["id"]), found["path"].rsplit("/", 1)[-1]}:
            return shapes.workflow(call.hub.config, call.repo, found)
    raise not_found()


@route("GET", R + "/actions/runs", needs="actions:read")
def runs(call: Call) -> Answer:
    query = call.query
    names = {"branch": "head_branch", "event": "event", "head_sha": "head_sha", "actor": "actor"}
    wanted = {field: query[name] for name, field in names.items() if name in query}
    found = [
        run for run in call.hub.store.find("workflow_run", repo=call.repo["id"])
        if all(run[field] == value for field, value in wanted.items())
        and query.get("status") in {None, run["status"], run["conclusion"]}
        and query.get("check_suite_id") in {None, str(run["suite_id"])}
    ]  # fmt: skip
    return call.page(found[::-1], lambda run: _shape(call, run), "workflow_runs")


@route("GET", R + "/actions/runs/{run_id}", needs="actions:read")
def run_by_id(call: Call) -> Any:
    return _shape(call, _run(call))


@route("POST", R + "/actions/runs/{run_id}/rerun", needs="actions:write")
def rerun(call: Call) -> Answer:
    run = _run(call)
    if run["status"] != "completed":
        raise ApiError(403, "This workflow is already running")
    call.hub.ci.rerun(run)
    return Answer({}, 201)


@route("POST", R + "/actions/runs/{run_id}/cancel", needs="actions:write")
def cancel(call: Call) -> Answer:
    run = _run(call)
    if run["status"] == "completed":
        raise ApiError(409, "Cannot cancel a workflow run that is completed.")
    call.hub.ci.cancel(run)
    return Answer({}, 202)


@route("GET", R + "/actions/runs/{run_id}/jobs", needs="actions:read")
def jobs(call: Call) -> Answer:
    run = _run(call)
    found = call.hub.ci.jobs(run)
    return call.page(found, lambda job: shapes.job(call.hub.config, call.repo, job, run), "jobs")


def _job(call: Call) -> Doc:
    return call.document("job", call.number("job_id"))


@route("GET", R + "/actions/jobs/{job_id}", needs="actions:read")
def job_by_id(call: Call) -> Any:
    job = _job(call)
    run = call.document("workflow_run", job["run_id"])
    return shapes.job(call.hub.config, call.repo, job, run)


@route("GET", R + "/actions/jobs/{job_id}/logs", needs="actions:read")
def job_logs(call: Call) -> Answer:
    return _redirect(call, f"job-{_job(call)['id']}.txt")


@route("GET", R + "/actions/runs/{run_id}/logs", needs="actions:read")
def run_logs(call: Call) -> Answer:
    run = _run(call)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for at, job in enumerate(call.hub.ci.jobs(run)):
            archive.writestr(f"{at}_job.txt", call.hub.ci.log(job))
    path = call.hub.config.root / "artifacts" / f"logs-{run['id']}.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(made.getvalue())
    return _redirect(call, path.name)


@route("GET", R + "/actions/runs/{run_id}/artifacts", needs="actions:read")
def artifacts_of_run(call: Call) -> Answer:
    run = _run(call)
    return _artifacts(call, [it for it in _all(call) if it["run_id"] == run["id"]])


@route("GET", R + "/actions/artifacts", needs="actions:read")
def artifacts(call: Call) -> Answer:
    return _artifacts(call, _all(call)[::-1])


def _all(call: Call) -> list[Doc]:
    return call.hub.store.find("artifact", repo=call.repo["id"])


def _artifacts(call: Call, found: list[Doc]) -> Answer:
    named = [it for it in found if call.query.get("name") in {None, it["name"]}]
    return call.page(named, lambda it: shapes.artifact(call.hub.config, call.repo, it), "artifacts")


def _artifact(call: Call) -> Doc:
    return call.document("artifact", call.number("artifact_id"))


@route("GET", R + "/actions/artifacts/{artifact_id}", needs="actions:read")
def artifact(call: Call) -> Any:
    return shapes.artifact(call.hub.config, call.repo, _artifact(call))


@route("DELETE", R + "/actions/artifacts/{artifact_id}", needs="actions:write")
def delete_artifact(call: Call) -> Answer:
    found = _artifact(call)
    call.hub.store.remove("artifact", found["id"])
    (call.hub.config.root / "artifacts" / found["file"]).unlink(missing_ok=True)
    return Answer(None, 204)


@route("GET", R + "/actions/artifacts/{artifact_id}/zip", needs="actions:read")
def download_artifact(call: Call) -> Answer:
    return _redirect(call, _artifact(call)["file"])


def _redirect(call: Call, file: str) -> Answer:
    """Downloads come from another place by a link that needs no token and soon ends, as on GitHub."""
    return Answer(None, 302, {"Location": call.hub.ci.download_link(file)})
