"""The CI's queue: which job runs next, on a few threads, and again after a restart.

Law: the store says what is queued; a job that a dead process had in hand is queued again at the next start.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import shutil
import threading
import time
from pathlib import Path

from ..errors import ApiError
from ..hub import Hub
from ..store import Doc, now
from .job import perform
from .run import Run
from .runs import begin_job, finish_job, finish_run, jobs_of, requeue_job, start_runs, workflow_files
from .workflow import Job, read
from .workflow_yaml import YamlError

_LOG = logging.getLogger("playground.github.ci")
_LINK_SECONDS = 60


class CiQueue:
    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self._secret = secrets.token_bytes(32)
        self._wake = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._cancelled: set[int] = set()
        self._running: set[int] = set()
        self._stopping = False
        self._held = False
        self._auto = hub.config.auto_ci

    # its life

    def start(self) -> None:
        """Queue again what was cut off, then begin to work."""
        self._stopping = False
        shutil.rmtree(self._folder(), ignore_errors=True)
        for job in self.hub.store.find("job", where=lambda job: job["status"] == "in_progress"):
            repo = self.hub.repository_by_id(job["repo_id"])
            if repo:
                requeue_job(self.hub, repo, job)
        for number in range(self.hub.config.ci_workers):
            thread = threading.Thread(target=self._work, name=f"github-ci-{number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """End the running commands; their jobs stay unfinished in the store."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        for thread in self._threads:
            thread.join(10)
        self._threads.clear()

    def configure(self, *, held: bool | None = None, auto: bool | None = None) -> None:
        with self._wake:
            self._held = self._held if held is None else held
            self._auto = self._auto if auto is None else auto
            self._wake.notify_all()

    def idle(self) -> bool:
        with self._wake:
            return not self._running and self._next() is None

    # what others ask

    def trigger(self, repo: Doc, event: str, sha: str, branch: str, who: str, base: str = "") -> None:
        if self._auto and start_runs(self.hub, repo, event, sha, branch, who, base):
            with self._wake:
                self._wake.notify_all()

    def rerun(self, run: Doc) -> None:
        repo = self._repo(run)
        self._cancelled.discard(run["id"])
        self.hub.store.update(
            "workflow_run", run["id"], status="queued", conclusion=None, run_attempt=run["run_attempt"] + 1,
            updated_at=now(),
        )  # fmt: skip
        for job in jobs_of(self.hub, run):
            requeue_job(self.hub, repo, job)
        with self._wake:
            self._wake.notify_all()

    def rerun_suite(self, repo: Doc, suite_id: int) -> None:
        for run in self.hub.store.find("workflow_run", repo=repo["id"]):
            if run["suite_id"] == suite_id and run["status"] == "completed":
                self.rerun(run)

    def cancel(self, run: Doc) -> None:
        self._cancelled.add(run["id"])
        with self._wake:
            self._wake.notify_all()

    def jobs(self, run: Doc) -> list[Doc]:
        return jobs_of(self.hub, run)

    def log(self, job: Doc) -> str:
        return self.log_file(f"job-{job['id']}.txt")

    def log_file(self, file: str) -> str:
        path = self._logs() / Path(file).name
        return path.read_text(errors="replace") if path.is_file() else ""

    def download_link(self, file: str) -> str:
        """Return a link that needs no token and soon ends."""
        expires = str(int(time.time()) + _LINK_SECONDS)
        return f"{self.hub.config.public_url}/_download/{file}?expires={expires}&sig={self._sign(file, expires)}"

    def link_is_good(self, file: str, expires: str, sig: str) -> bool:
        fresh = expires.isdigit() and int(expires) >= time.time()
        return fresh and hmac.compare_digest(self._sign(file, expires), sig)

    def _sign(self, file: str, expires: str) -> str:
        return hmac.new(self._secret, f"{file} {expires}".encode(), hashlib.sha256).hexdigest()

    # the work

    def _folder(self) -> Path:
        return self.hub.config.root / "ci"

    def _logs(self) -> Path:
        return self.hub.config.root / "logs"

    def _repo(self, doc: Doc) -> Doc:
        repo = self.hub.repository_by_id(doc["repo_id"])
        if repo is None:
            raise ApiError(404, "the repository is gone")
        return repo

    def _work(self) -> None:
        while True:
            with self._wake:
                job = None if self._stopping or self._held else self._next()
                if self._stopping:
                    return
                if job is None:
                    self._wake.wait(1.0)
                    continue
                self._running.add(job["id"])
            try:
                self._run(job)
            except Exception:
                _LOG.exception("a CI job broke")
                finish_job(
                    self.hub, self._repo(job), job, "failure", {"title": "The CI broke", "summary": "See its log."}
                )
            finally:
                with self._wake:
                    self._running.discard(job["id"])
                    self._wake.notify_all()

    def _next(self) -> Doc | None:
        """Return the oldest queued job whose needs are complete."""
        for job in self.hub.store.find("job", where=lambda job: job["status"] == "queued"):
            if job["id"] not in self._running and all(
                other["status"] == "completed"
                for other in self.hub.store.find("job", repo=job["repo_id"], key=str(job["run_id"]))
                if other["job_key"] in job["needs"]
            ):
                return job
        return None

    def _run(self, job: Doc) -> None:
        hub, repo = self.hub, self._repo(job)
        run = hub.store.get("workflow_run", job["run_id"]) or {}
        spec = self._spec(repo, run, job)
        siblings = jobs_of(hub, run)
        unmet = [it for it in siblings if it["job_key"] in job["needs"] and it["conclusion"] != "success"]
        if unmet or spec is None or run["id"] in self._cancelled:
            reason = "cancelled" if run["id"] in self._cancelled else "skipped"
            finish_job(hub, repo, job, reason, {"title": "Not run", "summary": "A job that it needs did not succeed."})
        else:
            hub.store.update("workflow_run", run["id"], status="in_progress", updated_at=now())
            job = begin_job(hub, repo, job)
            self._perform(repo, run, job, spec)
        if not self._stopping and all(it["status"] == "completed" for it in jobs_of(hub, run)):
            finish_run(hub, repo, run)

    def _perform(self, repo: Doc, run: Doc, job: Doc, spec: Job) -> None:
        folder = self._folder() / f"job-{job['id']}"
        it = Run(
            self.hub, repo, run, job, spec, cancelled=lambda: self._stopping or run["id"] in self._cancelled,
            workdir=folder / "work", log_path=self._logs() / f"job-{job['id']}.txt",
        )  # fmt: skip
        conclusion = perform(it)
        shutil.rmtree(folder, ignore_errors=True)
        if conclusion == "cancelled" and self._stopping:
            return  # the next start runs it again
        title = it.counts.title() if it.counts else conclusion
        summary = f"{it.counts.summary() if it.counts else ''}\n{it.summary}".strip() or f"The job ended: {conclusion}."
        finish_job(self.hub, repo, job, conclusion, {"title": title, "summary": summary})

    def _spec(self, repo: Doc, run: Doc, job: Doc) -> Job | None:
        text = workflow_files(self.hub, repo, run["head_sha"]).get(run["path"], "")
        try:
            return next((it for it in read(text, run["path"]).jobs if it.key == job["job_key"]), None)
        except YamlError:
            return None
