"""Undoing and the other ways to merge."""

from __future__ import annotations

import pytest
from github import GithubException

from playground.github.client import DeskError

from .conftest import REPO, Running, content
from .test_pulls import opened


def test_a_revert_opens_a_pull_request_that_takes_the_change_back(hub: Running) -> None:
    before = content(hub.repo(), "src/total.py")
    pull = opened(hub)
    pull.merge(sha=pull.head.sha)
    hub.desk.push_commit(REPO, "main", {"LATER.md": "later"})
    _, data = pull.requester.graphql_named_mutation(
        "revertPullRequest", {"pullRequestId": pull.node_id, "title": "Undo tax"}, "revertPullRequest { number }"
    )
    number = data["revertPullRequest"]["number"]
    undo = hub.repo().get_pull(number)
    assert (undo.title, undo.base.ref, undo.head.ref) == ("Undo tax", "main", "revert-1-fix-tax")
    assert [it.filename for it in undo.get_files()] == ["src/total.py"]
    undo.merge(sha=undo.head.sha)
    assert content(hub.repo(), "src/total.py") == before
    assert content(hub.repo(), "LATER.md") == b"later"


def test_another_graphql_mutation_is_refused_in_words(hub: Running) -> None:
    with pytest.raises(GithubException) as refused:
        hub.repo().requester.graphql_query("mutation { addStar(input: {}) { clientMutationId } }", {})
    assert refused.value.status == 501
    assert "revertPullRequest" in refused.value.data["message"]


@pytest.mark.parametrize(("method", "parents"), [("merge", 2), ("squash", 1), ("rebase", 1)])
def test_each_merge_method_leaves_its_own_history(hub: Running, method: str, parents: int) -> None:
    pull = opened(hub)
    hub.desk.push_commit(REPO, "fix-tax", {"docs/tax.md": "20 %"}, message="Say so")
    hub.desk.push_commit(REPO, "main", {"LATER.md": "later"})
    merged = hub.repo().get_pull(pull.number).merge(merge_method=method)
    commit = hub.repo().get_commit(merged.sha)
    assert len(commit.parents) == parents
    assert content(hub.repo(), "docs/tax.md") == b"20 %"
    assert content(hub.repo(), "LATER.md") == b"later"


def test_a_required_check_blocks_until_it_has_passed(hub: Running) -> None:
    hub.desk.protect(REPO, required_checks=["test"])
    pull = opened(hub)
    with pytest.raises(GithubException) as refused:
        pull.merge(sha=pull.head.sha)
    assert (refused.value.status, refused.value.data["message"]) == (405, 'Required status check "test" is expected.')
    assert hub.repo().get_pull(1).mergeable_state == "blocked"
    hub.desk.set_check_run(REPO, pull.head.sha, "test", conclusion="success")
    assert pull.merge(sha=pull.head.sha).merged


def test_a_deleted_head_branch_closes_its_pull_request(hub: Running) -> None:
    pull = opened(hub)
    hub.repo().get_git_ref("heads/fix-tax").delete()
    again = hub.repo().get_pull(pull.number)
    assert (again.state, again.merged, again.head.sha) == ("closed", False, pull.head.sha)


def test_a_draft_cannot_be_merged_until_it_is_ready(hub: Running) -> None:
    hub.desk.push_commit(REPO, "fix", {"README.md": "x"})
    pull = hub.repo().create_pull(base="main", head="fix", title="Fix", body="", draft=True)
    with pytest.raises(GithubException):
        pull.merge()
    pull.mark_ready_for_review()
    assert hub.repo().get_pull(pull.number).merge().merged


def test_a_merge_queue_merges_a_group_one_on_the_other(hub: Running) -> None:
    first, second = opened(hub), opened(hub, "other-tax")
    hub.desk.push_commit(REPO, "other-tax", {"src/total.py": None, "docs/other.md": "other"}, message="Move it")
    hub.desk.close(REPO, second.number)
    hub.desk.push_commit(REPO, "third", {"docs/third.md": "third"})
    third = hub.desk.open_pull(REPO, "third")
    shas = hub.desk.merge_group(REPO, third, first.number, method="squash")
    assert hub.desk.refs(REPO)["main"] == shas[1]
    assert [it.sha for it in hub.repo().get_commit(shas[1]).parents] == [shas[0]]
    assert hub.repo().get_pull(first.number).merge_commit_sha == shas[1]
    with pytest.raises(DeskError, match="not mergeable"):
        hub.desk.merge_group(REPO, second.number)


def test_a_renamed_default_branch_takes_open_pull_requests_along(hub: Running) -> None:
    merged, waiting = opened(hub), opened(hub, "other-tax")
    hub.desk.push_commit(REPO, "other-tax", {"docs/other.md": "other"})  # within one second both heads are one commit
    hub.desk.merge(REPO, merged.number)
    hub.desk.rename_branch(REPO, "main", "trunk")
    assert hub.repo().default_branch == "trunk"
    assert "main" not in hub.desk.refs(REPO)
    assert hub.repo().get_pull(waiting.number).base.ref == "trunk"
    assert hub.repo().get_pull(waiting.number).state == "open"
    assert hub.repo().get_pull(merged.number).base.ref == "main"


def test_a_pull_request_is_retargeted_where_no_other_has_both_branches(hub: Running) -> None:
    pull = opened(hub)
    hub.desk.push_commit(REPO, "release", {"R.md": "r"})
    hub.desk.retarget(REPO, pull.number, "release")
    assert hub.repo().get_pull(pull.number).base.ref == "release"
    hub.desk.open_pull(REPO, "fix-tax")
    with pytest.raises(DeskError):
        hub.desk.retarget(REPO, pull.number, "main")
