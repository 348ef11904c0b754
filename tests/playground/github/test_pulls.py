"""Pull requests through the unmodified PyGithub client."""

from __future__ import annotations

import pytest
from github import GithubException
from github.PullRequest import PullRequest

from .conftest import REPO, Running


def opened(hub: Running, branch: str = "fix-tax") -> PullRequest:
    hub.desk.push_commit(REPO, branch, {"src/total.py": "def total(prices):\n    return sum(prices) * 1.2\n"})
    return hub.repo().create_pull(base="main", head=branch, title="Add tax", body="Why: asked.")


def test_a_pull_request_carries_its_branches_and_counts(hub: Running) -> None:
    pull = opened(hub)
    assert (pull.number, pull.state, pull.head.ref, pull.base.ref) == (1, "open", "fix-tax", "main")
    assert (pull.commits, pull.changed_files, pull.additions, pull.deletions) == (1, 1, 1, 1)
    assert pull.head.repo.id == pull.base.repo.id
    assert pull.user.login == "shipmate-bot"


def test_a_second_pull_request_for_the_same_head_is_refused(hub: Running) -> None:
    opened(hub)
    with pytest.raises(GithubException) as refused:
        hub.repo().create_pull(base="main", head="fix-tax", title="Again", body="")
    assert refused.value.status == 422
    assert refused.value.data["errors"][0]["message"] == "A pull request already exists for acme:fix-tax."


def test_pull_requests_are_found_by_head_even_when_closed(hub: Running) -> None:
    opened(hub).edit(state="closed")
    repo = hub.repo()
    assert [it.number for it in repo.get_pulls(state="all", head="acme:fix-tax")] == [1]
    assert list(repo.get_pulls(head="acme:fix-tax")) == []


def test_a_merge_of_the_head_that_was_seen_lands_on_main(hub: Running) -> None:
    pull = opened(hub)
    result = pull.merge(sha=pull.head.sha, commit_title="Add tax", commit_message="Asked for by ana")
    after = hub.repo().get_pull(1)
    assert result.merged
    assert (after.merged, after.state, after.merge_commit_sha) == (True, "closed", result.sha)
    assert hub.desk.refs(REPO)["main"] == result.sha
    assert hub.repo().get_commit(result.sha).commit.message == "Add tax\n\nAsked for by ana"


def test_a_merge_of_an_older_head_is_refused(hub: Running) -> None:
    pull = opened(hub)
    hub.desk.push_commit(REPO, "fix-tax", {"README.md": "moved"})
    with pytest.raises(GithubException) as refused:
        pull.merge(sha=pull.head.sha)
    assert refused.value.status == 409
    assert hub.desk.merges(REPO) == []


def test_a_conflicting_pull_request_is_dirty_and_cannot_be_merged(hub: Running) -> None:
    pull = opened(hub)
    hub.desk.push_commit(REPO, "main", {"src/total.py": "def total(prices):\n    return 7\n"})
    again = hub.repo().get_pull(pull.number)
    assert (again.mergeable, again.mergeable_state) == (False, "dirty")
    with pytest.raises(GithubException) as refused:
        pull.merge(sha=pull.head.sha)
    assert refused.value.status == 405
