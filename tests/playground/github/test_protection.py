"""What a branch demands before a merge, and how a merge is refused: classic protection, rulesets, merge methods."""

from __future__ import annotations

from typing import Any

import pytest
from github import GithubException

from playground.github.shapes.accounts import app_id_of

from .conftest import REPO, Running
from .test_pulls import opened

RULES = "Repository rule violations found"


def checks(*contexts: tuple[str, int | None], strict: bool = False) -> dict[str, Any]:
    listed = [{"context": name} | ({"integration_id": app} if app else {}) for name, app in contexts]
    return {
        "type": "required_status_checks",
        "parameters": {"required_status_checks": listed, "strict_required_status_checks_policy": strict},
    }


def reviewed(count: int = 0, methods: tuple[str, ...] = ("merge", "squash", "rebase")) -> dict[str, Any]:
    parameters = {
        "required_approving_review_count": count, "allowed_merge_methods": list(methods),
        "dismiss_stale_reviews_on_push": False, "require_code_owner_review": False,
        "require_last_push_approval": False, "required_review_thread_resolution": False,
    }  # fmt: skip
    return {"type": "pull_request", "parameters": parameters}


def refused(hub: Running, method: str = "merge") -> str:
    with pytest.raises(GithubException) as answer:
        hub.repo().get_pull(1).merge(merge_method=method)
    assert answer.value.status == 405
    return str(answer.value.data["message"])


def state(hub: Running) -> str:
    return str(hub.repo().get_pull(1).mergeable_state)


def test_a_ruleset_is_listed_for_its_branch_alone(hub: Running) -> None:
    rules = [checks(("test", 15368)), reviewed(1)]
    hub.desk.protect(REPO, rules=rules)
    url = f"{hub.config.api_url}/repos/{REPO}/rules/branches"
    found = hub.github().requester.requestJsonAndCheck("GET", f"{url}/main")[1]
    assert [{"type": it["type"], "parameters": it["parameters"]} for it in found] == rules
    assert {it["ruleset_source"] for it in found} == {REPO}
    assert hub.github().requester.requestJsonAndCheck("GET", f"{url}/other")[1] == []


def test_a_branch_tells_every_reader_which_checks_its_classic_protection_demands(hub: Running) -> None:
    hub.desk.protect(REPO, required_checks=["test", {"context": "scan", "app_id": 7}])
    found = hub.repo().get_branch("main").raw_data["protection"]["required_status_checks"]
    assert found["contexts"] == ["test", "scan"]
    assert found["checks"] == [{"context": "test", "app_id": None}, {"context": "scan", "app_id": 7}]
    other = hub.desk.push_commit(REPO, "other", {"a": "b"})
    assert hub.repo().get_branch("other").raw_data["protection"]["required_status_checks"]["contexts"] == []
    assert other


def test_a_required_check_counts_from_its_app_alone(hub: Running) -> None:
    head = opened(hub).head.sha
    hub.desk.protect(REPO, rules=[checks(("scan", app_id_of("scanner")))])
    hub.desk.set_check_run(REPO, head, "scan", status="completed", conclusion="success", app="somebody-else")
    hub.desk.set_status(REPO, head, "scan", "success")
    assert state(hub) == "blocked"
    assert refused(hub) == f'{RULES}\n\nRequired status check "scan" is expected.'
    hub.desk.set_check_run(REPO, head, "scan", status="completed", conclusion="success", app="scanner")
    assert hub.repo().get_pull(1).merge().merged


def test_required_checks_hold_for_their_branch_and_not_after_a_retarget(hub: Running) -> None:
    opened(hub)
    hub.desk.protect(REPO, required_checks=["test"])
    assert state(hub) == "blocked"
    hub.desk.push_commit(REPO, "release", {"b.txt": "b"})
    hub.desk.retarget(REPO, 1, "release")
    found = hub.repo().get_pull(1)
    assert (found.base.ref, found.mergeable_state) == ("release", "clean")


@pytest.mark.parametrize(
    ("settings", "method", "words"),
    [
        ({"allow_merge_commit": False}, "merge", "Merge commits are not allowed on this repository."),
        ({"allow_squash_merge": False}, "squash", "Squash merges are not allowed on this repository."),
        ({"allow_rebase_merge": False}, "rebase", "Rebase merges are not allowed on this repository."),
        (
            {"rules": [reviewed(methods=("squash",))]},
            "merge",
            f"{RULES}\n\nMerge is not an allowed merge method in this repository.",
        ),
        (
            {"rules": [{"type": "required_linear_history"}]},
            "merge",
            f"{RULES}\n\nThis branch must not contain merge commits.",
        ),
        (
            {"rules": [{"type": "merge_queue", "parameters": {"merge_method": "MERGE"}}]},
            "squash",
            f"{RULES}\n\nChanges must be made through the merge queue",
        ),
    ],
)
def test_a_merge_method_that_is_not_allowed_is_refused(
    hub: Running, settings: dict[str, Any], method: str, words: str
) -> None:
    opened(hub)
    hub.desk.protect(REPO, **settings)
    assert refused(hub, method) == words
    assert hub.desk.merges(REPO) == []


def test_a_branch_that_must_be_up_to_date_is_behind_once_the_base_moved(hub: Running) -> None:
    head = opened(hub).head.sha
    hub.desk.protect(REPO, rules=[checks(("test", None), strict=True)])
    hub.desk.set_check_run(REPO, head, "test", status="completed", conclusion="success")
    assert state(hub) == "clean"
    hub.desk.push_commit(REPO, "main", {"LATER.md": "later"})
    assert state(hub) == "behind"
    assert refused(hub).startswith("Head branch is not up to date")


def test_an_optional_check_that_is_red_makes_it_unstable_and_blocks_nothing(hub: Running) -> None:
    head = opened(hub).head.sha
    hub.desk.set_check_run(REPO, head, "coverage", status="completed", conclusion="failure")
    assert state(hub) == "unstable"
    assert hub.repo().get_pull(1).merge().merged


def test_a_review_that_asks_for_changes_blocks_only_where_reviews_are_required(hub: Running) -> None:
    opened(hub)
    hub.desk.review(REPO, 1, "CHANGES_REQUESTED", person="cleo")
    assert state(hub) == "clean"
    hub.desk.protect(REPO, rules=[reviewed(1)])
    assert state(hub) == "blocked"
    hub.desk.review(REPO, 1, "APPROVED", person="ben")
    assert refused(hub) == f"{RULES}\n\nChanges have been requested by reviewers with write access."
    hub.desk.review(REPO, 1, "DISMISSED", person="cleo")
    assert hub.repo().get_pull(1).merge().merged


def test_too_few_approvals_are_refused(hub: Running) -> None:
    opened(hub)
    hub.desk.protect(REPO, rules=[reviewed(1)])
    hub.desk.review(REPO, 1, "APPROVED", person="mallory")
    words = "At least 1 approving review is required by reviewers with write access."
    assert refused(hub) == f"{RULES}\n\n{words}"
