"""Read what CI made of one commit: previews that were deployed, artifacts of workflow runs, and test counts in these.

Law: test counts are read once the checks have ended, and once per artifact. A list that was cut makes the reading
incomplete.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from itertools import islice
from urllib.parse import urlsplit

import requests
from github.Artifact import Artifact
from github.Deployment import Deployment
from github.Repository import Repository
from github.WorkflowRun import WorkflowRun

from bot.domain import ci
from bot.domain.change import Build
from bot.domain.ci import CiReading
from bot.domain.frozen import revised
from bot.domain.verdict import Counts
from workers.forge.artifacts import MOST_ZIP_BYTES, ArtifactTooLarge, add, count_tests, download
from workers.forge.ci import PREVIEW, REPORT, short, web_url
from workers.forge.github_errors import T, permitted

MOST_RUNS = 200
MOST_DEPLOYMENTS = 10
MOST_ARTIFACTS = 100
MOST_REMEMBERED = 500


class BuildReader:
    """Reads builds, and caches the test counts of artifacts. Safe to share between threads.

    A link counts as the repository's own where an app deployed it, or where it leads to `server_url`.
    """

    def __init__(self, server_url: str) -> None:
        self._host = urlsplit(server_url).hostname
        self._counts: OrderedDict[tuple[str, int], Counts] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, repo: Repository, reading: CiReading) -> tuple[CiReading, tuple[Build, ...]]:
        """Return the reading with its counts, and the builds, without parts that may not be read (403).

        Raises PyGithub's errors.
        """
        builds = [*self._previews(repo, reading.sha), *self._linked(reading)]
        if reading.state == "pending":  # the artifacts are not complete
            return reading, _unique(builds)
        workflows, cut = _listed(lambda: repo.get_workflow_runs(head_sha=reading.sha), MOST_RUNS)
        counts = Counts()
        # One workflow may have run for the push and for the pull request: its tests are counted once.
        newest = {workflow.workflow_id: workflow for workflow in sorted(workflows, key=lambda run: run.id)}
        for workflow in newest.values():
            counts, more, cut_here = self._artifacts(repo, reading.sha, workflow, counts)
            builds += more
            cut = cut or cut_here
        complete = reading.complete and not cut
        return ci.weighed(revised(reading, counts=counts, complete=complete)), _unique(builds)

    def _artifacts(
        self, repo: Repository, sha: str, workflow: WorkflowRun, counts: Counts
    ) -> tuple[Counts, list[Build], bool]:
        builds = []
        found, cut = _listed(workflow.get_artifacts, MOST_ARTIFACTS)
        # Another attempt of the run adds its artifacts to those of the first, under the same names.
        newest = {artifact.name: artifact for artifact in sorted(found, key=lambda it: it.id) if not artifact.expired}
        for artifact in newest.values():
            if REPORT.search(artifact.name):
                counts = add(counts, self._count(repo, sha, artifact))
            else:
                url = web_url(f"{workflow.html_url}/artifacts/{artifact.id}")
                builds.append(Build(kind="download", name=short(artifact.name, 80), url=url))
        return counts, builds, cut

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

    def _previews(self, repo: Repository, sha: str) -> list[Build]:
        """Return what was deployed of a commit, newest first; where there are very many, the newest of them."""
        deployments, _cut = _listed(lambda: repo.get_deployments(sha=sha), MOST_DEPLOYMENTS)
        found = (self._preview(deployment) for deployment in deployments)
        return [build for build in found if build is not None]

    def _preview(self, deployment: Deployment) -> Build | None:
        latest = next(iter(deployment.get_statuses()), None)
        url = web_url(latest.environment_url) if latest is not None and latest.state == "success" else ""
        if latest is None or not url:
            return None
        by_app = latest.creator is not None and latest.creator.type == "Bot"
        name = short(deployment.environment, 80) or "preview"
        return Build(kind="preview", name=name, url=url, vouched=by_app or self._ours(url))

    def _linked(self, reading: CiReading) -> list[Build]:
        """Return the links of statuses that speak of a preview. Anybody who may push sets a status."""
        return [
            Build(kind="preview", name=short(run.name, 80), url=run.url, vouched=self._ours(run.url))
            for run in reading.runs
            if run.kind == "status" and run.state == "passed" and run.url and PREVIEW.search(run.name)
        ]

    def _ours(self, url: str) -> bool:
        return urlsplit(url).hostname == self._host


def _listed(read: Callable[[], Iterable[T]], most: int) -> tuple[list[T], bool]:
    """Return at most `most` of a list, and whether there are more."""
    found = permitted(lambda: list(islice(read(), most + 1)))
    return found[:most], len(found) > most


def _unique(builds: Iterable[Build]) -> tuple[Build, ...]:
    return tuple(dict.fromkeys(build for build in builds if build.url))
