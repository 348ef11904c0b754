"""One job, from an empty folder to its conclusion.

Law: a job may be started again after a crash; it begins from nothing, so that a second run is the run.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator

from ..store import Doc, now
from .actions import ACTIONS
from .files import read_small
from .junit import read_reports
from .process import run_script
from .run import FILES, SCRATCH, ActionFailed, Run
from .workflow import Step, expand


def perform(run: Run) -> str:
    """Run every step; return the job's conclusion."""
    _begin(run)
    try:
        for at, step in enumerate(run.job.steps):
            _step(run, at, step)
        run.counts = read_reports(run.workdir)
    finally:
        shutil.rmtree(run.workdir, ignore_errors=True)
    run.log(f"\nJob finished: {run.stopped or ('failure' if run.failed else 'success')}\n")
    return run.stopped or ("failure" if run.failed else "success")


def _begin(run: Run) -> None:
    shutil.rmtree(run.workdir, ignore_errors=True)
    run.workdir.mkdir(parents=True)
    run.log_path.parent.mkdir(parents=True, exist_ok=True)
    run.log_path.write_bytes(b"")
    run.env = variables(run)
    run.steps = [
        {
            "name": step.name,
            "number": at + 1,
            "status": "queued",
            "conclusion": None,
            "started_at": None,
            "completed_at": None,
        }
        for at, step in enumerate(run.job.steps)
    ]


def variables(run: Run) -> dict[str, str]:
    """Return the environment of every step."""
    it, config = run.run, run.hub.config
    pull = it["event"] == "pull_request"
    made = {
        "CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_SHA": it["head_sha"], "GITHUB_REF_NAME": it["head_branch"],
        "GITHUB_REF": f"refs/heads/{it['head_branch']}", "GITHUB_REPOSITORY": run.repo["full_name"],
        "GITHUB_RUN_ID": str(it["id"]), "GITHUB_RUN_NUMBER": str(it["run_number"]), "GITHUB_WORKFLOW": it["name"],
        "GITHUB_EVENT_NAME": it["event"], "GITHUB_ACTOR": it["actor"], "GITHUB_JOB": run.job.key,
        "GITHUB_SERVER_URL": config.public_url, "GITHUB_HEAD_REF": it["head_branch"] if pull else "",
        "GITHUB_BASE_REF": it["base_ref"] if pull else "", "RUNNER_OS": "Linux", "PATH": config.ci_path,
        "LANG": "C.UTF-8", **config.ci_env,
    }  # fmt: skip
    if config.ci_wrap is None:
        home = run.workdir.parent / "home"
        home.mkdir(parents=True, exist_ok=True)
        made |= {"HOME": str(home)}
    return {**made, **{name: expand(value, made, run.secrets) for name, value in run.job.env.items()}}


@contextlib.contextmanager
def _shown(run: Run, at: int) -> Iterator[Doc]:
    """Show the step while it runs and after."""
    shown = run.steps[at]
    shown |= {"status": "in_progress", "started_at": now()}
    run.hub.store.update("job", run.record["id"], steps=run.steps)
    yield shown
    shown |= {"status": "completed", "completed_at": now()}
    run.hub.store.update("job", run.record["id"], steps=run.steps)


def _step(run: Run, at: int, step: Step) -> None:
    wanted = {"always": True, "success": not run.failed, "failure": run.failed}[step.condition]
    with _shown(run, at) as shown:
        if run.stopped or not wanted:
            shown["conclusion"] = "skipped"
            return
        run.log(f"\n##[group]{step.name}\n")
        shown["conclusion"] = _run_step(run, step)
        if shown["conclusion"] == "failure" and not step.continue_on_error:
            run.failed = True


def _run_step(run: Run, step: Step) -> str:
    env = {**run.env, **{name: expand(value, run.env, run.secrets) for name, value in step.env.items()}}
    if step.uses:
        try:
            ACTIONS[step.action](run, {name: expand(value, env, run.secrets) for name, value in step.inputs.items()})
        except ActionFailed as failed:
            run.log(f"##[error]{failed}\n")
            return "failure"
        return "success"
    for line in step.run.strip().splitlines():
        run.log(f"$ {line}\n")
    config = run.hub.config
    seconds = min(config.ci_seconds, 60 * (step.minutes or run.job.minutes or config.ci_seconds / 60))
    ended = run_script(
        _scratch_exports(run) + expand(step.run, env, run.secrets), workdir=run.workdir, folder=step.folder, env=env,
        wrap=config.ci_wrap, path=config.ci_path, seconds=seconds, output=run.log, cancelled=run.cancelled,
    )  # fmt: skip
    _take_scratch(run)
    if ended.why in {"timeout", "output"}:
        reason = f"it ran longer than {seconds:g} seconds" if ended.why == "timeout" else "it printed too much"
        run.log(f"\n##[error]The step was ended because {reason}.\n")
        run.stopped = "timed_out" if ended.why == "timeout" else "failure"
    elif ended.why == "cancelled":
        run.stopped = "cancelled"
        return "cancelled"
    elif ended.code:
        run.log(f"##[error]Process completed with exit code {ended.code}.\n")
    return "failure" if ended.code else "success"


def _scratch_exports(run: Run) -> str:
    if not (run.workdir / SCRATCH).is_dir():
        return ""
    return "".join(f'export GITHUB_{name.upper()}="$GITHUB_WORKSPACE/{SCRATCH}/{name}"\n' for name in FILES)


def _take_scratch(run: Run) -> None:
    """Read what the step wrote for the steps after it, and for the summary."""
    for line in read_small(run.workdir, f"{SCRATCH}/env").splitlines():
        name, equals, value = line.partition("=")
        if equals and name.isidentifier() and not name.startswith(("GITHUB_", "RUNNER_")):
            run.env[name] = value
    for line in read_small(run.workdir, f"{SCRATCH}/path").splitlines():
        if line.strip() and not run.env["PATH"].startswith(line.strip()):
            run.env["PATH"] = f"{line.strip()}:{run.env['PATH']}"
    run.summary = read_small(run.workdir, f"{SCRATCH}/step_summary", 20_000)
