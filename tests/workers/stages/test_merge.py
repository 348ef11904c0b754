"""The merge stage where GitHub, or a person at GitHub, was there first: nothing is merged that nobody approved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.change import Phase
from bot.domain.ci import BEGINS_WITHIN, holding
from bot.domain.events import HeadMoved, Merged, MergeWasRefused, PullClosed, RightsMissing
from bot.domain.frozen import revised
from bot.domain.rules import Rules
from tests.workers.forge.conftest import Shop
from tests.workers.stages.at_github import Life
from workers import ClaimLost, GiveUp, TryAgain
from workers.stages.context import StageContext
from workers.stages.merge import merge

MERGE = r"/pulls/\d+/merge$"


def refusal(life: Life) -> str:
    found = merge(life.context())
    assert isinstance(found, MergeWasRefused)
    return found.reason


def test_the_approved_head_is_merged_and_a_second_run_reports_the_same_merge(life: Life) -> None:
    life.approved()
    found = merge(life.context())
    [done] = life.desk.merges(life.repo)
    assert found == Merged(merge_sha=done["sha"])
    assert done["head_sha"] == life.pull.head_sha
    again = life.context()
    assert again.claim.again
    assert merge(again) == Merged(merge_sha=done["sha"], by="shipmate-bot", head_sha=life.pull.head_sha)
    assert len(life.desk.merges(life.repo)) == 1


@pytest.mark.parametrize("now", [{"may_approve": ("U0CLEO",)}, {"people": {"U0ANA": "ana", "U0BEN": "Ana"}}])
def test_a_yes_that_no_longer_counts_merges_nothing(life: Life, now: dict[str, object]) -> None:
    life.approved()
    context = life.context()
    rules = Rules.model_validate({**context.tools.rules.model_dump(), **now})
    found = merge(replace(context, tools=replace(context.tools, rules=rules)))
    assert isinstance(found, MergeWasRefused)
    assert found.reason.startswith("The rules about whose yes counts have changed")
    assert life.desk.merges(life.repo) == []


def test_a_conflict_with_the_branch_is_a_refusal_in_words(life: Life) -> None:
    life.approved()
    life.desk.push_commit(life.repo, "main", {"a.txt": "three\n"}, author="ben")
    for _run in range(2):
        assert refusal(life).startswith("main changed in the same place.")
    assert life.sent("PUT", "/merge") == 0


def test_a_check_that_the_branch_demands_is_waited_for_by_name_and_given_up_where_it_never_begins(life: Life) -> None:
    life.approved()
    life.desk.protect(life.repo, required_checks=["security"])
    for _run in range(2):
        with pytest.raises(TryAgain) as wait:
            merge(life.context())
        assert wait.value.polling
    assert (life.change.phase, [run.name for run in holding(life.reading)]) == (Phase.MERGING, ["security"])
    life.now += BEGINS_WITHIN
    assert refusal(life).startswith("GitHub requires security, which did not finish with a yes.")
    assert life.sent("PUT", "/merge") == 0


def test_a_head_that_somebody_pushed_before_is_found_and_not_merged(life: Life) -> None:
    life.approved()
    pushed = life.desk.push_commit(life.repo, life.pull.branch, {"b.txt": "ben's\n"}, author="ben")
    found = merge(life.context())
    assert isinstance(found, HeadMoved)
    assert found.head_sha == pushed
    assert found.fingerprint != life.change.fingerprint
    assert life.sent("PUT", "/merge") == 0
    assert merge(life.context()) == found


def test_a_head_that_somebody_pushes_at_that_moment_is_refused_by_the_sha(life: Life) -> None:
    life.approved()
    branch, files = life.pull.branch, {"b.txt": "ben's\n"}
    found = merge(life.interrupted(lambda: life.desk.push_commit(life.repo, branch, files, author="ben")))
    assert isinstance(found, HeadMoved)
    assert found.head_sha == life.desk.refs(life.repo)[branch]
    assert life.sent("PUT", "/merge") == 1
    assert life.desk.merges(life.repo) == []


def test_what_a_person_merged_is_adopted_with_their_name(life: Life) -> None:
    life.approved()
    sha = life.desk.merge(life.repo, life.pull.number, person="ben")
    assert merge(life.context()) == Merged(merge_sha=sha, by="ben", head_sha=life.pull.head_sha)
    assert life.sent("PUT", "/merge") == 0


def test_what_a_person_merges_at_that_moment_is_adopted_too(life: Life) -> None:
    life.approved()
    context = life.interrupted(lambda: life.desk.merge(life.repo, life.pull.number, person="ben"))
    found = merge(context)
    [done] = life.desk.merges(life.repo)
    assert isinstance(found, Merged)
    assert found.merge_sha == done["sha"]
    assert done["user"] == "ben"


def test_a_pull_request_that_was_closed_is_not_merged(life: Life) -> None:
    life.approved()
    life.desk.close(life.repo, life.pull.number, person="ben")
    assert merge(life.context()) == PullClosed()
    assert life.sent("PUT", "/merge") == 0


def test_a_pull_request_that_is_closed_at_that_moment_is_closed(life: Life) -> None:
    life.approved()
    context = life.interrupted(lambda: life.desk.close(life.repo, life.pull.number, person="ben"))
    assert merge(context) == PullClosed()
    assert life.desk.merges(life.repo) == []


def test_a_lost_answer_is_looked_up_before_it_is_asked_again(life: Life) -> None:
    life.approved()
    life.desk.fail_next("PUT", MERGE, drop="after")
    with pytest.raises(TryAgain):
        merge(life.context())
    [done] = life.desk.merges(life.repo)
    assert merge(life.context()) == Merged(merge_sha=done["sha"], by="shipmate-bot", head_sha=life.pull.head_sha)
    assert life.sent("PUT", "/merge") == 1


def test_missing_rights_give_up(life: Life) -> None:
    life.approved()
    life.desk.fail_next("PUT", MERGE, status=403, message="Resource not accessible by integration")
    with pytest.raises(GiveUp):
        merge(life.context())
    assert life.desk.merges(life.repo) == []


def test_a_version_that_nobody_approved_is_not_looked_at(life: Life) -> None:
    life.approved()
    context = life.context()
    unapproved = StageContext(context.claim, revised(context.change, approvals=()), life.tools)
    with pytest.raises(GiveUp, match="Nobody approved"):
        merge(unapproved)
    assert life.sent("PUT", "/merge") == 0


def test_a_claim_that_is_lost_merges_nothing(life: Life) -> None:
    life.approved()
    context = life.context()
    life.store.outbox.release(context.claim)
    with pytest.raises(ClaimLost):
        merge(context)
    assert life.sent("PUT", "/merge") == 0


def test_nobody_gets_more_through_us_than_github_gives_them(tmp_path: Path, shop: Shop) -> None:
    life = Life(tmp_path, shop, people={"U0ANA": "ana", "U0BEN": "ben"}).approved()
    shop.desk.role(shop.repo, "ben", "triage")
    assert merge(life.context()) == RightsMissing(people=("U0BEN",))
    assert life.records(RightsMissing(people=("U0BEN",))).phase is Phase.READY
    assert (life.change.approvals, [one.id for one in life.change.barred]) == ((), ["U0BEN"])
    assert life.sent("PUT", "/merge") == 0
    life.store.close()


def test_a_person_who_may_push_merges(tmp_path: Path, shop: Shop) -> None:
    life = Life(tmp_path, shop, people={"U0ANA": "ana", "U0BEN": "ben"}).approved()
    shop.desk.role(shop.repo, "ben", "write")
    assert isinstance(merge(life.context()), Merged)
    life.store.close()


def test_who_pushed_is_told_with_the_push(life: Life) -> None:
    life.approved()
    life.desk.push_commit(life.repo, life.pull.branch, {"b.txt": "ben's\n"}, author="ben")
    found = merge(life.context())
    assert isinstance(found, HeadMoved)
    assert found.by == ("ben",)
