"""One reading of a pull request: checks by app, required ones, standing reviews, allowed merges; and what it costs."""

from __future__ import annotations

from typing import Any

import pytest
from github import GithubException

from bot.domain.change import Pull
from bot.domain.ci import CiRun, Objection
from playground.github.shapes.accounts import app_id_of
from tests.workers.forge.conftest import Shop
from workers import GiveUp, TryAgain
from workers.forge import PullReading
from workers.forge.github_errors import fault

ACTIONS = 15368


def read(shop: Shop, number: int, head: str, **more: Any) -> PullReading:
    pull = Pull(number=number, url="", branch="shipmate/tax", head_sha=head)
    return shop.forge.read_pull(shop.repo, pull, more.pop("base", shop.base), **more)


def passed(shop: Shop, sha: str, name: str = "test", **more: str) -> None:
    shop.desk.set_check_run(shop.repo, sha, name, status="completed", **{"conclusion": "success", **more})


def runs(reading: PullReading) -> dict[str, CiRun]:
    return {run.name: run for run in reading.ci.runs}


def requires(shop: Shop, *contexts: Any) -> None:
    listed = [
        {"context": it} if isinstance(it, str) else {"context": it[0], "integration_id": it[1]} for it in contexts
    ]
    rule = {"type": "required_status_checks", "parameters": {"required_status_checks": listed}}
    shop.desk.protect(shop.repo, rules=[rule])


def test_a_reading_costs_three_calls(shop: Shop) -> None:
    number, head = shop.propose()
    requires(shop, "test")
    passed(shop, shop.base)
    passed(shop, head)
    shop.desk.review(shop.repo, number, "CHANGES_REQUESTED")
    before = shop.forge.calls.copy()
    found = read(shop, number, head)
    assert (shop.forge.calls - before) == {
        "POST /api/graphql": 1, "GET /repos/{repo}/rules/branches/main": 1, "GET /repos/{repo}/branches/main": 1,
    }  # fmt: skip
    assert (found.state.open, found.state.merged, found.state.mergeable) == (True, False, True)
    assert found.state.pull.head_sha == found.ci.sha == head
    assert (found.state.into, found.base_tip) == ("main", shop.base)
    assert found.objections == (Objection(id=found.objections[0].id, by="cleo"),)
    assert (found.methods, found.queue) == (("merge", "squash", "rebase"), False)


def test_a_check_is_known_by_its_app_and_a_status_by_who_set_it(shop: Shop) -> None:
    number, head = shop.propose()
    passed(shop, shop.base)
    passed(shop, head)
    passed(shop, head, "test", app="somebody-else")
    shop.desk.set_status(shop.repo, head, "ci/old", "failure", **{"as": "jenkins[bot]"})
    told = {(run.name, run.by, run.kind): (run.state, run.before) for run in read(shop, number, head).ci.runs}
    assert told == {
        ("test", "github-actions", "check"): ("passed", "passed"),
        ("test", "somebody-else", "check"): ("passed", ""),
        ("ci/old", "jenkins[bot]", "status"): ("failed", ""),
    }


def test_thirty_five_statuses_are_read_and_the_last_one_counts(shop: Shop) -> None:
    number, head = shop.propose()
    for at in range(35):
        shop.desk.set_status(shop.repo, head, f"job {at}", "failure" if at == 34 else "success")
    reading = read(shop, number, head).ci
    assert (len(reading.runs), reading.state, reading.complete) == (35, "red", True)


def test_a_list_of_several_pages_is_read_to_its_end(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    number, head = shop.propose()
    for at in range(103):
        shop.desk.set_status(shop.repo, head, f"job {at}", "failure" if at == 102 else "success")
    reading = read(shop, number, head).ci
    assert (len(reading.runs), reading.state, reading.complete) == (103, "red", True)
    monkeypatch.setattr("workers.forge.pull_reading.MOST_PAGES", 1)
    shop.desk.set_status(shop.repo, head, "job 102", "success")
    cut = read(shop, number, head).ci
    assert (len(cut.runs), cut.complete, cut.state) == (100, False, "unproven")


def test_a_required_check_that_nobody_reported_is_expected_by_name(shop: Shop) -> None:
    number, head = shop.propose()
    shop.desk.protect(shop.repo, required_checks=["test", {"context": "scan", "app_id": app_id_of("scanner")}])
    passed(shop, head)
    passed(shop, head, "scan", app="somebody-else")
    found = read(shop, number, head)
    assert [(run.name, run.by, run.state, run.required) for run in found.ci.runs] == [
        ("test", "github-actions", "passed", True),
        ("scan", "somebody-else", "passed", False),
        ("scan", "", "expected", True),
    ]
    assert found.ci.state == "pending"
    assert found.state.mergeable_state == "blocked"
    passed(shop, head, "scan", app="scanner")
    assert read(shop, number, head).ci.state == "green"


def test_the_checks_of_the_pull_request_that_brought_the_base_count_as_the_bases(shop: Shop) -> None:
    first, head = shop.propose("shipmate/first")
    passed(shop, head)
    shop.desk.set_check_run(shop.repo, head, "coverage", status="completed", conclusion="failure")
    base = shop.desk.merge(shop.repo, first)
    second = shop.branch("shipmate/second", "three\n")
    number = shop.desk.open_pull(shop.repo, "shipmate/second")
    found = read(shop, number, second, base=base)
    assert {run.name: (run.state, run.before) for run in found.ci.runs} == {
        "test": ("expected", "passed"), "coverage": ("expected", "failed"),
    }  # fmt: skip
    assert found.ci.state == "pending"
    passed(shop, second)
    shop.desk.set_check_run(shop.repo, second, "coverage", status="completed", conclusion="failure")
    assert read(shop, number, second, base=base).ci.state == "green"


def test_no_ci_needs_a_reason(shop: Shop) -> None:
    number, head = shop.propose()
    found = read(shop, number, head).ci
    assert ([run.state for run in found.runs], found.state) == (["expected"], "pending")
    bare = shop.desk.push_commit(shop.repo, "shipmate/tax", {".github/workflows/ci.yml": None})
    assert (read(shop, number, bare).ci.runs, read(shop, number, bare).ci.state) == ((), "none")


def test_a_status_that_an_author_or_the_asker_set_is_marked(shop: Shop) -> None:
    number, head = shop.propose()
    head = shop.desk.push_commit(shop.repo, "shipmate/tax", {"b.txt": "b"}, author="cleo")
    for who in ("ana", "ben", "cleo", "shipmate-bot", "ci[bot]"):
        shop.desk.set_status(shop.repo, head, f"by {who}", "success", **{"as": who})
    found = read(shop, number, head, own=("Ana",))
    assert {name: run.own for name, run in runs(found).items()} == {
        "by ana": True, "by ben": False, "by cleo": True, "by shipmate-bot": True, "by ci[bot]": False,
    }  # fmt: skip


def test_only_standing_requests_of_people_who_may_push_are_objections(shop: Shop) -> None:
    number, head = shop.propose()
    shop.desk.review(shop.repo, number, "CHANGES_REQUESTED", person="mallory")
    shop.desk.review(shop.repo, number, "CHANGES_REQUESTED", person="cleo")
    shop.desk.review(shop.repo, number, "COMMENTED", person="cleo")
    assert [it.by for it in read(shop, number, head).objections] == ["cleo"]
    shop.desk.review(shop.repo, number, "APPROVED", person="cleo")
    assert read(shop, number, head).objections == ()
    shop.desk.review(shop.repo, number, "CHANGES_REQUESTED", person="ben")
    shop.desk.review(shop.repo, number, "DISMISSED", person="ben")
    assert read(shop, number, head).objections == ()


@pytest.mark.parametrize(
    ("settings", "methods"),
    [
        ({"allow_merge_commit": False}, ("squash", "rebase")),
        ({"rules": [{"type": "required_linear_history"}]}, ("squash", "rebase")),
        (
            {"rules": [{"type": "pull_request", "parameters": {"allowed_merge_methods": ["squash"]}}]},
            ("squash",),
        ),
        ({"rules": [{"type": "pull_request", "parameters": {}}]}, ("merge", "squash", "rebase")),
    ],
)
def test_ways_of_merging_come_from_settings_and_rules(
    shop: Shop, settings: dict[str, Any], methods: tuple[str, ...]
) -> None:
    number, head = shop.propose()
    shop.desk.protect(shop.repo, **settings)
    found = read(shop, number, head)
    assert found.methods == methods
    shop.forge.merge(shop.repo, number, sha=head, title="t", message="m", methods=found.methods)
    assert len(shop.desk.merges(shop.repo)) == 1


def test_a_merge_queue_is_seen(shop: Shop) -> None:
    number, head = shop.propose()
    shop.desk.protect(shop.repo, rules=[{"type": "merge_queue", "parameters": {"merge_method": "MERGE"}}])
    assert read(shop, number, head).queue


def test_a_pull_request_that_was_retargeted_tells_its_new_branch(shop: Shop) -> None:
    number, head = shop.propose()
    tip = shop.desk.push_commit(shop.repo, "release", {"b.txt": "b"})
    shop.desk.retarget(shop.repo, number, "release")
    assert (read(shop, number, head).state.into, read(shop, number, head).base_tip) == ("release", tip)


def test_a_merge_by_a_person_or_an_app_is_told_with_the_login_that_rest_has(shop: Shop) -> None:
    number, head = shop.propose()
    sha = shop.desk.merge(shop.repo, number, person="shipmate[bot]")
    state = read(shop, number, head).state
    assert (state.merged, state.open, state.merge_sha, state.merged_by) == (True, False, sha, "shipmate[bot]")


@pytest.mark.parametrize("broken", [{"status": 502}, {"drop": "before"}, {"status": 403, "retry_after": 60}])
def test_github_that_is_away_is_asked_again_later(shop: Shop, broken: dict[str, Any]) -> None:
    number, head = shop.propose()
    shop.desk.fail_next("POST", "/api/graphql$", **broken)
    with pytest.raises(TryAgain):
        read(shop, number, head)


def test_a_push_in_the_middle_of_a_reading_is_read_again() -> None:
    said = {"errors": [{"type": "UNPROCESSABLE", "message": "This check is not of the head of that pull request."}]}
    assert isinstance(fault(GithubException(400, said, {}), "read the pull request"), TryAgain)


def test_missing_rights_are_said(shop: Shop) -> None:
    number, head = shop.propose()
    pull = Pull(number=number, url="", branch="shipmate/tax", head_sha=head)
    for token in ("ghp_scopeless", "ghp_wrong"):
        with pytest.raises(GiveUp):
            shop.as_bot(token).read_pull(shop.repo, pull, shop.base)


def test_rules_that_may_not_be_read_are_no_rules(shop: Shop) -> None:
    number, head = shop.propose()
    passed(shop, head)
    shop.desk.fail_next("GET", "/rules/branches/", status=404)
    assert read(shop, number, head).ci.state == "green"
