"""GitHub, through PyGithub: pull requests and merges.

Law: a repeated call finds the result of the first one: it never opens a second pull request or merges twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from urllib.parse import quote

from github import Github, GithubException
from github.PullRequest import PullRequest
from github.Repository import Repository as GitHubRepository

from bot.domain.change import Build, Pull
from bot.domain.ci import CiReading
from workers import TryAgain
from workers.forge import MergeRefused, Method, PullReading, PullState, Repository, people
from workers.forge.build_reader import BuildReader
from workers.forge.github_errors import fault, in_words, message
from workers.forge.pull_reading import PullReader
from workers.forge.tokens import Credentials


class GitHubForge:
    """Implements `Forge`. With neither a `token` nor an App it reads public repositories only. Thread-safe.

    `api_url` is the REST root ("https://api.github.com", "https://host/api/v3"), `server_url` that of git and links.
    """

    def __init__(
        self,
        *,
        token: str | None = None,
        app_id: int | str | None = None,
        app_key: str | None = None,
        installation_id: int | None = None,
        api_url: str = "https://api.github.com",
        server_url: str = "https://github.com",
    ) -> None:
        self._credentials = Credentials(
            token=token, app_id=app_id, app_key=app_key, installation_id=installation_id, api_url=api_url
        )
        self._server_url = server_url.rstrip("/")
        self._builds = BuildReader(server_url)

    @property
    def calls(self) -> Counter[str]:
        """Return calls made so far, by route."""
        return self._credentials.calls

    def repository(self, full_name: str) -> Repository:
        with in_words(f"read the repository {full_name}"):
            found = self._repo(full_name)
            return Repository(
                id=found.id,
                full_name=found.full_name,
                default_branch=found.default_branch,
                clone_url=self.clone_url(found.full_name),
                html_url=found.html_url,
            )

    def clone_url(self, full_name: str) -> str:
        return f"{self._server_url}/{full_name}.git"

    def token(self, full_name: str) -> str | None:
        with in_words(f"get a token for {full_name}"):
            return self._credentials.git_token(full_name)

    def find_pull(self, full_name: str, branch: str, *, head: str, into: str) -> PullState | None:
        with in_words("look for the pull request"):
            found = _open(self._repo(full_name), full_name, branch, into)
            return _state(found) if found and found.head.sha == head else None

    def open_pull(self, full_name: str, *, branch: str, head: str, into: str, title: str, body: str) -> PullState:
        repo = self._repo(full_name)
        with in_words("open the pull request"):
            try:
                return _state(repo.create_pull(base=into, head=branch, title=title, body=body))
            except GithubException as error:
                # GitHub allows one open pull request for two branches: an earlier call of ours opened it, or a person.
                found = _open(repo, full_name, branch, into) if error.status == 422 else None
                if found is None:
                    raise
                if found.head.sha != head:
                    raise TryAgain(3.0, f"another commit is on {branch} by now", counts=True) from error
                found.edit(title=title, body=body)
                return _state(found)

    def pull(self, full_name: str, number: int) -> PullState:
        with in_words("read the pull request"):
            return _state(self._repo(full_name).get_pull(number))

    def edit_pull(self, full_name: str, number: int, *, title: str, body: str) -> None:
        with in_words("edit the pull request"):
            self._repo(full_name).get_pull(number).edit(title=title, body=body)

    def read_pull(self, full_name: str, pull: Pull, base: str, own: Collection[str] = ()) -> PullReading:
        with in_words("read the pull request"):
            return PullReader(self._repo(full_name), full_name, pull, base, own).read()

    def read_builds(self, full_name: str, reading: CiReading) -> tuple[CiReading, tuple[Build, ...]]:
        with in_words("read the CI results"):
            return self._builds.read(self._repo(full_name), reading)

    def merge(
        self, full_name: str, number: int, *, sha: str, title: str, message: str, methods: Sequence[Method]
    ) -> str:
        pull = self._repo(full_name).get_pull(number)
        refused: MergeRefused | None = None
        for method in methods:
            try:
                with in_words("merge the pull request"):
                    return _merge(pull, method, sha, title, message)
            except MergeRefused as why:  # without an effect, so that the next way is safe to try
                refused = refused or why
                if why.moved:
                    break
        # An earlier call may have merged it and lost the answer. GitHub then refuses to merge it again.
        now = self.pull(full_name, number)
        if now.merged and now.pull.head_sha == sha and now.merge_sha:
            return now.merge_sha
        raise refused or MergeRefused("The rules of this repository allow no way of merging.")

    def may_push(self, full_name: str, login: str) -> bool:
        with in_words("read who may push to the repository"):
            return people.may_push(self._repo(full_name), login)

    def pushed_by(self, full_name: str, number: int, *, since: str) -> tuple[str, ...]:
        with in_words("read who pushed to the branch"):
            repo = self._repo(full_name)
            return people.pushed_by(repo, repo.get_pull(number), since)

    def close_pull(self, full_name: str, number: int) -> None:
        with in_words("close the pull request"):
            self._repo(full_name).get_pull(number).edit(state="closed")

    def delete_branch(self, full_name: str, branch: str, *, head: str) -> None:
        with in_words("delete the branch"):
            repo = self._repo(full_name)
            try:
                if repo.get_git_ref(f"heads/{branch}").object.sha == head:
                    repo.requester.requestJsonAndCheck("DELETE", f"{repo.url}/git/refs/heads/{quote(branch)}")
            except GithubException as error:
                if error.status not in {404, 422}:
                    raise

    def _repo(self, full_name: str) -> GitHubRepository:
        with in_words(f"reach the repository {full_name}"):
            client: Github = self._credentials.client(full_name)
            return client.get_repo(full_name)


def _open(repo: GitHubRepository, full_name: str, branch: str, into: str) -> PullRequest | None:
    """Return the open pull request from one branch of a repository into another."""
    owner = full_name.partition("/")[0]
    for pull in repo.get_pulls(state="open", head=f"{owner}:{branch}", base=into):
        # A fork may have a branch of the same name: the head must be in this very repository.
        head = pull.head
        if head.ref == branch and head.repo is not None and head.repo.id == pull.base.repo.id:
            return pull
    return None


def _merge(pull: PullRequest, method: str, sha: str, title: str, body: str) -> str:
    """Merge, and return the merge commit's sha. A refusal has no effect, so trying another method is safe."""
    try:
        merged = pull.merge(commit_title=title, commit_message=body, merge_method=method, sha=sha)
    except GithubException as error:
        said = message(error)
        if error.status == 409:
            raise MergeRefused("Someone pushed meanwhile.", moved=True) from error
        if error.status == 405 and "base branch was modified" in said.lower():
            raise TryAgain(3.0, "The base branch was just modified.") from error
        if error.status in {405, 422}:
            raise MergeRefused(f"GitHub won't merge it: {said}.") from error
        failure = fault(error, "merge the pull request")
        raise failure from error
    if not merged.merged:
        raise MergeRefused(f"GitHub won't merge it: {merged.message}.")
    return merged.sha


def _state(pull: PullRequest) -> PullState:
    merged = bool(pull.merged)
    return PullState(
        pull=Pull(number=pull.number, url=pull.html_url, branch=pull.head.ref, head_sha=pull.head.sha),
        open=pull.state == "open",
        merged=merged,
        merge_sha=pull.merge_commit_sha if merged else None,
        merged_by=pull.merged_by.login if merged and pull.merged_by else None,
        mergeable=pull.mergeable,
        mergeable_state=pull.mergeable_state or "unknown",
        into=pull.base.ref,
    )
