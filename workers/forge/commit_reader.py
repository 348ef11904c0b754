"""Read everything that GitHub knows about one commit: checks, statuses, deployments, workflow runs and their artifacts.

Law: test counts are read once the runs have ended, and once per artifact.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

import requests
from github import GithubException, RateLimitExceededException
from github.Artifact import Artifact
from github.Commit import Commit
from github.Repository import Repository
from github.WorkflowRun import WorkflowRun

from bot.domain.change import Build, CiReading, CiRun
from bot.domain.verdict import Counts
from workers.forge.artifacts import MOST_ZIP_BYTES, ArtifactTooLarge, add, count_tests, download
from workers.forge.ci import PREVIEW, REPORT, UNFINISHED, check_state, reading, short, status_state, web_url

T = TypeVar("T")

MOST_RUNS = 200
MOST_DEPLOYMENTS = 10
MOST_ARTIFACTS = 50
MOST_REMEMBERED = 500


class CommitReader:
    """Reads commits, and caches the test counts of artifacts. Safe to share between threads."""

    def __init__(self) -> None:
        self._counts: OrderedDict[tuple[str, int], Counts] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, repo: Repository, sha: str) -> tuple[CiReading, tuple[Build, ...]]:
        """Return the reading and the builds, without parts that may not be read (403). Raises PyGithub's errors."""
        commit = repo.get_commit(sha)
        statuses, links = _statuses(commit)
        runs = [*_checks(commit), *statuses]
        workflows: list[WorkflowRun] = []
        if not any(run.state in UNFINISHED for run in runs):  # before that, the artifacts are not complete
            workflows = _permitted(lambda: list(islice(repo.get_workflow_runs(head_sha=sha), MOST_RUNS)))
            waiting = [workflow for workflow in workflows if workflow.status != "completed"]
            runs += [CiRun(name=short(it.name), state="waiting", url=web_url(it.html_url)) for it in waiting]
        builds = [*_previews(repo, sha), *links]
        counts = Counts()
        if not any(run.state in UNFINISHED for run in runs):
            # One workflow may have run for the push and for the pull request: its tests are counted once.
            newest = {workflow.workflow_id: workflow for workflow in sorted(workflows, key=lambda run: run.id)}
            for workflow in newest.values():
                counts, more = self._artifacts(repo, sha, workflow, counts)
                builds += more
        return reading(sha, runs, counts), _unique(builds)

    def _artifacts(
        self, repo: Repository, sha: str, workflow: WorkflowRun, counts: Counts
    ) -> tuple[Counts, list[Build]]:
        builds = []
        found = _permitted(lambda: list(islice(workflow.get_artifacts(), MOST_ARTIFACTS)))
        # Another attempt of the run adds its artifacts to those of the first, under the same names.
        newest = {artifact.name: artifact for artifact in sorted(found, key=lambda it: it.id) if not artifact.expired}
        for artifact in newest.values():
            if REPORT.search(artifact.name):
                counts = add(counts, self._count(repo, sha, artifact))
            else:
                url = web_url(f"{workflow.html_url}/artifacts/{artifact.id}")
                builds.append(Build(kind="download", name=short(artifact.name, 80), url=url))
        return counts, builds

    def _count(self, repo: Repository, sha: str, artifact: Artifact) -> Counts:
        key = (sha, artifact.id)
        with self._lock:
            if key in self._counts:
                return self._counts[key]
        if artifact.size_in_bytes > MOST_ZIP_BYTES:
            return Counts()
        headers: dict[str, str] = {}
        if repo.requester.auth is not None:
            repo.requester.auth.authentication(headers)
        try:
            counted = count_tests(download(artifact.archive_download_url, headers))
        except ArtifactTooLarge:
            counted = Counts()
        except requests.HTTPError as error:
            if error.response is not None and error.response.status_code in {403, 404, 410}:
                return Counts()
            raise
        with self._lock:
            self._counts[key] = counted
            while len(self._counts) > MOST_REMEMBERED:
                self._counts.popitem(last=False)
        return counted


def _checks(commit: Commit) -> list[CiRun]:
    return [
        CiRun(
            name=short(run.name),
            state=check_state(run.status, run.conclusion),
            url=web_url(run.html_url or run.details_url),
            summary=short(run.output.title if run.output else None),
        )
        for run in islice(commit.get_check_runs(filter="latest"), MOST_RUNS)
    ]


def _statuses(commit: Commit) -> tuple[list[CiRun], list[Build]]:
    runs, links = [], []
    for status in commit.get_combined_status().statuses[:MOST_RUNS]:
        state, url = status_state(status.state), web_url(status.target_url)
        runs.append(CiRun(name=short(status.context), state=state, url=url, summary=short(status.description)))
        if state == "passed" and url and PREVIEW.search(status.context):
            links.append(Build(kind="preview", name=short(status.context, 80), url=url))
    return runs, links


def _previews(repo: Repository, sha: str) -> list[Build]:
    builds = []
    for deployment in _permitted(lambda: list(islice(repo.get_deployments(sha=sha), MOST_DEPLOYMENTS))):
        latest = next(iter(deployment.get_statuses()), None)
        url = web_url(latest.environment_url) if latest is not None and latest.state == "success" else ""
        if url:
            builds.append(Build(kind="preview", name=short(deployment.environment, 80) or "preview", url=url))
    return builds


def _permitted(read: Callable[[], list[T]]) -> list[T]:
    """Return the list; an empty one if the token may not see it (403) or the server does not have it (404)."""
    try:
        return read()
    except RateLimitExceededException:
        raise
    except GithubException as error:
        if error.status in {403, 404} and "retry-after" not in {name.lower() for name in error.headers or {}}:
            return []
        raise


def _unique(builds: Iterable[Build]) -> tuple[Build, ...]:
    return tuple(dict.fromkeys(build for build in builds if build.url))
