"""What GitHub says of people: who may push to a repository, and whose commits are on a branch.

Law: what GitHub doesn't say counts against the person: no right, or somebody unknown.
"""

from __future__ import annotations

from github import GithubException
from github.Commit import Commit
from github.PullRequest import PullRequest
from github.Repository import Repository

MAY_PUSH = frozenset({"admin", "maintain", "write"})
MOST_COMMITS = 250
"""Commits of a pull request that GitHub lists."""
WEB = "web-flow"
"""GitHub itself, which commits what a person did on its pages."""
UNKNOWN = ""


def may_push(repository: Repository, login: str) -> bool:
    """Return whether this person may push; somebody whom GitHub doesn't know may not."""
    try:
        return repository.get_collaborator_permission(login) in MAY_PUSH
    except GithubException as error:
        if error.status == 404:
            return False
        raise


def pushed_by(repository: Repository, pull: PullRequest, since: str) -> tuple[str, ...]:
    """Return the authors and committers of a pull request's commits that `since` did not hold, each once."""
    try:
        new = {commit.sha for commit in repository.compare(since, pull.head.sha).commits}
        listed = list(pull.get_commits())
    except GithubException as error:
        if error.status in {403, 404, 422}:  # such as a commit that a forced push took away
            return (UNKNOWN,)
        raise
    found = [login for commit in listed if commit.sha in new for login in _logins(commit)]
    if not found or len(listed) >= MOST_COMMITS:
        found.append(UNKNOWN)
    return tuple(dict.fromkeys(found))


def _logins(commit: Commit) -> tuple[str, ...]:
    author, committer = (one.login if one else None for one in (commit.author, commit.committer))
    if committer == WEB:
        committer = author
    return (author or UNKNOWN, committer or UNKNOWN)
