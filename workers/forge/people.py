"""What GitHub says of people: who may push to a repository, and whose commits are on a branch.

Law: if GitHub doesn't say, the person has no right, or is unknown.
"""

from __future__ import annotations

import time

from github import GithubException
from github.Commit import Commit
from github.PullRequest import PullRequest
from github.Repository import Repository

from workers import TryAgain

MAY_PUSH = frozenset({"admin", "maintain", "write"})
MOST_COMMITS = 250
"""Commits of a pull request that GitHub lists."""
WEB = "web-flow"
"""GitHub itself, which commits what a person did on its pages."""
UNKNOWN = ""
LISTED_AFTER = 60.0
"""Seconds after which a push that GitHub doesn't list counts as by an unknown author."""


def may_push(repository: Repository, login: str) -> bool:
    """Return whether this person may push; a person whom GitHub doesn't know may not."""
    try:
        return repository.get_collaborator_permission(login) in MAY_PUSH
    except GithubException as error:
        if error.status == 404:
            return False
        raise


def pushed_by(repository: Repository, pull: PullRequest, since: str) -> tuple[str, ...]:
    """Return those who moved the branch of a pull request away from `since`, and the authors of their commits.

    Anybody can write any author into a commit; who pushed is what GitHub itself saw. Raises `TryAgain` for a minute
    while a push isn't listed yet.
    """
    try:
        pushers = _pushers(repository, pull, since)
        if UNKNOWN in pushers and pull.updated_at and time.time() - pull.updated_at.timestamp() < LISTED_AFTER:
            raise TryAgain(2.0, "GitHub doesn't say yet who pushed")
        new = {commit.sha for commit in repository.compare(since, pull.head.sha).commits}
        listed = list(pull.get_commits())
    except GithubException as error:
        if error.status in {403, 404, 422}:  # such as a commit that a forced push took away
            return (UNKNOWN,)
        raise
    found = [login for commit in listed if commit.sha in new for login in _logins(commit)]
    cut = [UNKNOWN] if len(listed) >= MOST_COMMITS else []
    return tuple(dict.fromkeys((*pushers, *found, *cut)))


def _pushers(repository: Repository, pull: PullRequest, since: str) -> tuple[str, ...]:
    """Return who moved the branch, from its head back to `since`; an unknown author if GitHub doesn't say."""
    query = {"ref": f"refs/heads/{pull.head.ref}", "per_page": 100}
    _, moves = repository.requester.requestJsonAndCheck("GET", f"{repository.url}/activity", parameters=query)
    found: list[str] = []
    sha = pull.head.sha
    for move in moves:  # the newest first
        if sha == since:
            break
        if move["after"] == sha:
            found.append((move["actor"] or {}).get("login") or UNKNOWN)
            sha = move["before"]
    return (*found, *(() if found and sha == since else (UNKNOWN,)))


def _logins(commit: Commit) -> tuple[str, ...]:
    author, committer = (one.login if one else None for one in (commit.author, commit.committer))
    if committer == WEB:
        committer = author
    return (author or UNKNOWN, committer or UNKNOWN)
