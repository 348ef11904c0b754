"""The publish stage where its branch or pull request is not as it expects: nobody's commit is pushed over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain import ids
from bot.domain.events import HeadMoved, Merged, Published, PullClosed
from bot.domain.frozen import revised
from tests.workers.stages.at_github import Life
from workers import ClaimLost, GiveUp, TryAgain
from workers.stages.context import StageContext
from workers.stages.publish import publish

TWO = {"a.txt": "two\n"}


def test_the_branch_and_the_pull_request_are_made_once(life: Life) -> None:
    life.edited(TWO)
    found = publish(life.context())
    assert isinstance(found, Published)
    assert found.pull.branch == ids.branch(life.change)
    assert life.desk.refs(life.repo)[found.pull.branch] == found.pull.head_sha
    again = life.context()
    assert again.claim.again
    assert publish(again) == found
    assert [one["number"] for one in life.desk.pulls(life.repo)] == [found.pull.number]
    assert life.sent("POST", "/pulls") == 1


def test_a_lost_answer_to_opening_ends_in_one_pull_request(life: Life) -> None:
    life.edited(TWO)
    life.desk.fail_next("POST", f"{life.repo}/pulls$", drop="after")
    with pytest.raises(TryAgain):
        publish(life.context())
    found = publish(life.context())
    assert isinstance(found, Published)
    assert [one["number"] for one in life.desk.pulls(life.repo)] == [found.pull.number]
    assert life.sent("POST", "/pulls") == 1


def test_a_branch_of_that_name_with_foreign_commits_is_left_alone(life: Life) -> None:
    life.edited(TWO)
    branch = ids.branch(life.change)
    foreign = life.desk.push_commit(life.repo, branch, {"b.txt": "ben's\n"}, author="ben")
    found = publish(life.context())
    assert isinstance(found, Published)
    assert (found.pull.branch, found.instead_of) == (f"{branch}-2", branch)
    assert publish(life.context()) == found
    assert life.desk.refs(life.repo) == {
        "main": life.shop.base, branch: foreign, f"{branch}-2": found.pull.head_sha
    }  # fmt: skip
    assert [one["head_ref"] for one in life.desk.pulls(life.repo)] == [f"{branch}-2"]


def test_a_rule_of_github_that_refuses_the_push_is_named(life: Life) -> None:
    life.asked_for_more()
    life.desk.protect(life.repo, protected=True)
    context = life.context()
    onto_main = revised(context.change, branch="main", pull=revised(life.pull, branch="main", head_sha=life.shop.base))
    with pytest.raises(GiveUp, match=r"GitHub refused the push: .* by one of its rules"):
        publish(StageContext(context.claim, onto_main, life.tools))
    assert life.desk.refs(life.repo)["main"] == life.shop.base


def test_a_token_that_may_not_see_the_repository_moves_nothing(life: Life) -> None:
    life.asked_for_more()
    life.tools = replace(life.tools, forge=life.shop.as_bot("ghp_mallory"))
    for _run in range(2):
        with pytest.raises(GiveUp, match="does not exist on GitHub"):
            publish(life.context())
    assert life.desk.refs(life.repo)[life.pull.branch] == life.pull.head_sha


def test_a_push_that_is_forbidden_while_it_is_sent_is_not_tried_for_ever(life: Life) -> None:
    life.asked_for_more()
    life.desk.fail_next("POST", "git-receive-pack$", status=403, times=2)
    with pytest.raises(GiveUp, match="too few rights"):
        publish(life.context())
    assert life.desk.refs(life.repo)[life.pull.branch] == life.pull.head_sha


def test_a_git_server_that_breaks_off_is_tried_again_and_pushed_once(life: Life) -> None:
    life.edited(TWO)
    life.desk.fail_next("POST", "git-receive-pack$", status=502)
    with pytest.raises(TryAgain):
        publish(life.context())
    assert isinstance(publish(life.context()), Published)
    assert len(life.desk.pulls(life.repo)) == 1


def test_a_second_version_goes_onto_the_same_pull_request(life: Life) -> None:
    first = life.asked_for_more().pull
    found = publish(life.context())
    assert isinstance(found, Published)
    assert (found.pull.number, found.pull.branch) == (first.number, first.branch)
    assert found.pull.head_sha != first.head_sha
    assert publish(life.context()) == found
    assert len(life.desk.pulls(life.repo)) == 1


def test_what_somebody_pushed_meanwhile_is_kept_and_reported(life: Life) -> None:
    life.asked_for_more()
    pushed = life.desk.push_commit(life.repo, life.pull.branch, {"b.txt": "ben's\n"}, author="ben")
    found = publish(life.context())
    assert isinstance(found, HeadMoved)
    assert found.head_sha == pushed
    assert publish(life.context()) == found
    assert life.desk.refs(life.repo)[life.pull.branch] == pushed


def test_a_branch_that_somebody_removed_is_not_made_again_behind_their_back(life: Life) -> None:
    life.asked_for_more()
    life.desk.delete_branch(life.repo, life.pull.branch)
    assert publish(life.context()) == PullClosed()
    assert life.pull.branch not in life.desk.refs(life.repo)


def test_nothing_is_pushed_to_a_pull_request_that_was_closed_or_merged_meanwhile(life: Life) -> None:
    head = life.asked_for_more().pull.head_sha
    life.desk.close(life.repo, life.pull.number)
    assert publish(life.context()) == PullClosed()
    assert life.desk.refs(life.repo)[life.pull.branch] == head


def test_a_merge_meanwhile_says_which_wish_is_not_in_it(life: Life) -> None:
    head = life.asked_for_more().pull.head_sha
    sha = life.desk.merge(life.repo, life.pull.number, person="ben")
    merged = life.performs(publish)
    assert merged == Merged(merge_sha=sha, by="ben", head_sha=head)
    assert life.change.left_out == ("and the receipt",)


def test_a_claim_that_is_lost_pushes_nothing(life: Life) -> None:
    life.edited(TWO)
    context = life.context()
    life.store.outbox.release(context.claim)
    with pytest.raises(ClaimLost):
        publish(context)
    assert list(life.desk.refs(life.repo)) == ["main"]


def test_a_version_that_nobody_allowed_is_not_pushed_whatever_asks_for_it(life: Life) -> None:
    life.edited(TWO)
    context = life.context()
    cautious = revised(context.tools.rules, ask_before_ci="always")
    with pytest.raises(GiveUp, match="No one has allowed"):
        publish(replace(context, tools=replace(context.tools, rules=cautious)))
    assert list(life.desk.refs(life.repo)) == ["main"]
