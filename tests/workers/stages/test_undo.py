"""The stages of an undo that is open: its checks, and the second tap's merge, where people were there first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.ci import BEGINS_WITHIN
from bot.domain.events import StageResult, UndoCiRead, UndoFailed, Undone
from bot.domain.frozen import revised
from tests.workers.stages.at_github import Life
from workers import ClaimLost, GiveUp, TryAgain
from workers.stages.context import StageContext
from workers.stages.open_undo import open_undo
from workers.stages.read_ci import CI_DEADLINE
from workers.stages.undo import merge_undo, read_undo_ci

CLOSED = UndoFailed(reason="The undo's pull request was closed on GitHub. Tap Undo to start again.")
CHANGED = UndoFailed(reason="The undo was changed on GitHub, so it is no longer just an undo.")


@pytest.fixture
def opened(life: Life) -> Life:
    """Its CI is to be read."""
    life.undoing().performs(open_undo)
    return life


@pytest.fixture
def approved(opened: Life) -> Life:
    """Ben said yes to it, and it is to be merged."""
    return opened.approves_undo()


def states(found: StageResult) -> tuple[str, list[str]]:
    assert isinstance(found, UndoCiRead)
    return found.reading.state, [run.state for run in found.reading.runs]


def test_ci_that_does_not_begin_is_waited_for_and_then_told_as_that(opened: Life) -> None:
    assert states(read_undo_ci(opened.context())) == ("pending", ["expected"])
    opened.now += BEGINS_WITHIN
    assert states(read_undo_ci(opened.context())) == ("unproven", ["absent"])


def test_red_ci_of_the_undo_is_reported_and_opens_no_way_to_merge(opened: Life) -> None:
    head = opened.undo_pull.head_sha
    opened.desk.set_check_run(opened.repo, head, "test", status="completed", conclusion="failure")
    found = read_undo_ci(opened.context())
    assert isinstance(found, UndoCiRead)
    assert found.reading.state == "red"
    opened.records(found)
    assert "MergeUndo" not in opened.store.outbox.open_kinds(opened.id)


def test_pending_ci_of_the_undo_is_waited_for_and_then_a_persons_business(opened: Life) -> None:
    opened.desk.set_check_run(opened.repo, opened.undo_pull.head_sha, "test", status="in_progress")
    opened.records(read_undo_ci(opened.context()))
    opened.context()
    with pytest.raises(TryAgain) as wait:
        read_undo_ci(opened.context())
    assert wait.value.polling
    opened.now += CI_DEADLINE + 1
    found = read_undo_ci(opened.context())
    assert isinstance(found, UndoFailed)
    assert "six hours" in found.reason


def test_the_undo_is_merged_once(approved: Life) -> None:
    found = merge_undo(approved.context())
    [_change, undo] = approved.desk.merges(approved.repo)
    assert found == Undone(merge_sha=undo["sha"])
    assert undo["head_sha"] == approved.undo_pull.head_sha
    assert merge_undo(approved.context()) == Undone(merge_sha=undo["sha"], by="shipmate-bot")
    assert len(approved.desk.merges(approved.repo)) == 2


def test_a_refused_merge_of_the_undo_is_told_in_words(approved: Life) -> None:
    approved.desk.protect(approved.repo, protected=True, required_checks=["security"])
    refused = UndoFailed(reason='GitHub won\'t merge it: Required status check "security" is expected.')
    assert merge_undo(approved.context()) == refused
    assert merge_undo(approved.context()) == refused
    assert len(approved.desk.merges(approved.repo)) == 1


def test_nobody_undoes_more_through_us_than_github_lets_them(approved: Life) -> None:
    rules = revised(approved.tools.rules, people={"U0BEN": "ben"})
    approved.tools = replace(approved.tools, rules=rules)
    approved.shop.desk.role(approved.repo, "ben", "read")
    reason = f"ben can't push to {approved.repo} on GitHub, so that yes doesn't count. Tap Undo again."
    assert merge_undo(approved.context()) == UndoFailed(reason=reason)
    approved.shop.desk.role(approved.repo, "ben", "maintain")
    assert isinstance(merge_undo(approved.context()), Undone)


def test_an_undo_that_conflicts_by_now_is_told_in_words(approved: Life) -> None:
    approved.desk.push_commit(approved.repo, "main", {"a.txt": "three\n"}, author="ben")
    found = merge_undo(approved.context())
    assert found == UndoFailed(reason="GitHub won't merge it: Pull Request is not mergeable.")


def test_an_undo_that_somebody_changed_is_not_merged(approved: Life) -> None:
    approved.desk.push_commit(approved.repo, approved.undo_pull.branch, {"b.txt": "ben's\n"}, author="ben")
    assert merge_undo(approved.context()) == CHANGED
    assert len(approved.desk.merges(approved.repo)) == 1


def test_an_undo_that_somebody_changes_at_that_moment_is_not_merged(approved: Life) -> None:
    branch, files = approved.undo_pull.branch, {"b.txt": "ben's\n"}
    context = approved.interrupted(lambda: approved.desk.push_commit(approved.repo, branch, files, author="ben"))
    assert merge_undo(context) == CHANGED
    assert len(approved.desk.merges(approved.repo)) == 1


def test_an_undo_that_was_closed_is_over(approved: Life) -> None:
    approved.desk.close(approved.repo, approved.undo_pull.number)
    assert merge_undo(approved.context()) == CLOSED
    assert merge_undo(approved.context()) == CLOSED


def test_a_close_is_found_while_ci_is_read(opened: Life) -> None:
    opened.desk.close(opened.repo, opened.undo_pull.number)
    assert read_undo_ci(opened.context()) == CLOSED


def test_a_merge_of_the_undo_by_a_person_is_adopted_with_their_name(approved: Life) -> None:
    sha = approved.desk.merge(approved.repo, approved.undo_pull.number, person="ben")
    assert merge_undo(approved.context()) == Undone(merge_sha=sha, by="ben")


def test_a_lost_answer_to_the_merge_ends_in_one_merge(approved: Life) -> None:
    approved.desk.fail_next("PUT", r"/pulls/\d+/merge$", drop="after")
    with pytest.raises(TryAgain):
        merge_undo(approved.context())
    assert isinstance(merge_undo(approved.context()), Undone)
    assert len(approved.desk.merges(approved.repo)) == 2


def test_without_a_pull_request_of_the_undo_there_is_nothing_to_merge(approved: Life) -> None:
    context = approved.context()
    with pytest.raises(GiveUp, match="no pull request"):
        merge_undo(StageContext(context.claim, revised(context.change, undo=None), approved.tools))


def test_a_claim_that_is_lost_merges_nothing(approved: Life) -> None:
    context = approved.context()
    approved.store.outbox.release(context.claim)
    with pytest.raises(ClaimLost):
        merge_undo(context)
    assert len(approved.desk.merges(approved.repo)) == 1
