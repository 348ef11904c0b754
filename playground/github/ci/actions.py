"""The few ready-made actions that the CI knows.

Law: an action that is not here is refused when the workflow is read, not when it runs.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping

from ..check_suites import create_deployment, create_deployment_status
from ..store import now
from .files import TooMuch, copy_folder, zip_files
from .run import ActionFailed, Run

Inputs = Mapping[str, str]


def _checkout(run: Run, inputs: Inputs) -> None:
    if inputs.get("path") or inputs.get("repository"):
        raise ActionFailed("only a checkout of this repository into the workspace is supported")
    run.checkout()
    run.log(f"HEAD is now at {run.run['head_sha'][:7]}\n")


def _nothing(run: Run, inputs: Inputs) -> None:
    wanted = ", ".join(f"{name}: {value.splitlines()[0]}" for name, value in inputs.items() if value)
    run.log(f"Nothing to do here: the machine's own tools are used ({wanted or 'no inputs'}).\n")


def _upload_artifact(run: Run, inputs: Inputs) -> None:
    paths = [line.strip() for line in inputs.get("path", "").splitlines() if line.strip()]
    name, missing = inputs.get("name") or "artifact", inputs.get("if-no-files-found") or "warn"
    if not paths:
        raise ActionFailed("Input required and not supplied: path")
    if any(path.startswith(("/", "~", "!")) or ".." in path.split("/") for path in paths):
        raise ActionFailed("only paths inside the workspace are supported")
    file = f"{run.run['id']}-{secrets.token_hex(12)}.zip"
    try:
        count, size, digest = zip_files(run.workdir, paths, run.hub.config.root / "artifacts" / file)
    except TooMuch as error:
        raise ActionFailed(f"The artifact was not taken: {error}.") from None
    if not count:
        (run.hub.config.root / "artifacts" / file).unlink()
        message = f"No files were found with the provided path: {', '.join(paths)}. No artifacts will be uploaded."
        if missing == "error":
            raise ActionFailed(message)
        run.log(f"##[warning]{message}\n")
        return
    for old in run.hub.store.find("artifact", repo=run.repo["id"], key=str(run.run["id"])):
        if old["name"] == name:
            run.hub.store.remove("artifact", old["id"])
    body = {
        "run_id": run.run["id"], "name": name, "size": size, "digest": f"sha256:{digest}", "file": file,
        "head_sha": run.run["head_sha"], "head_branch": run.run["head_branch"], "created_at": now(),
    }  # fmt: skip
    run.hub.store.add("artifact", body, repo=run.repo["id"], key=str(run.run["id"]))
    run.log(f"Artifact {name}: {count} files, {size} bytes.\n")


def _upload_pages(run: Run, inputs: Inputs) -> None:
    run.pages_folder = inputs.get("path") or "_site"
    _upload_artifact(run, {"name": "github-pages", "path": run.pages_folder, "if-no-files-found": "error"})


def _deploy_pages(run: Run, _: Inputs) -> None:
    if not run.pages_folder:
        raise ActionFailed("No artifact of actions/upload-pages-artifact was found in this job")
    _deploy(run, run.pages_folder, "github-pages")


def _deploy_preview(run: Run, inputs: Inputs) -> None:
    _deploy(run, inputs.get("path") or "dist", inputs.get("environment") or "preview")


def _deploy(run: Run, folder: str, environment: str) -> None:
    """Serve a folder of static files from the pages origin, and say so as a deployment."""
    config, sha, owner, name = run.hub.config, run.run["head_sha"], run.repo["owner"], run.repo["name"]
    target = config.root / "previews" / owner.lower() / name.lower() / sha
    try:
        count = copy_folder(run.workdir, folder, target)
    except TooMuch as error:
        raise ActionFailed(f"The preview was not taken: {error}.") from None
    if not (target / "index.html").is_file():
        raise ActionFailed(f"There is no index.html in {folder} ({count} files)")
    url = f"{config.pages_origin}/preview/{owner}/{name}/{sha}/"
    log_url = f"{config.public_url}/{run.repo['full_name']}/actions/runs/{run.run['id']}"
    made = create_deployment(
        run.hub, run.repo, sha=sha, ref=run.run["head_branch"], environment=environment, who="github-actions[bot]"
    )
    create_deployment_status(run.hub, run.repo, made, state="in_progress", log_url=log_url)
    create_deployment_status(run.hub, run.repo, made, state="success", log_url=log_url, environment_url=url)
    run.log(f"{count} files are served at {url}\n")


ACTIONS: Mapping[str, Callable[[Run, Inputs], None]] = {
    "actions/checkout": _checkout,
    "actions/setup-node": _nothing,
    "actions/setup-python": _nothing,
    "actions/cache": _nothing,
    "actions/configure-pages": _nothing,
    "actions/upload-artifact": _upload_artifact,
    "actions/upload-pages-artifact": _upload_pages,
    "actions/deploy-pages": _deploy_pages,
    "shipmate-playground/deploy-preview": _deploy_preview,
}
