"""The stage that opens the way back: what it makes once, and where it says that a person has to do it."""

from __future__ import annotations

import pytest

from bot.domain import ids
from bot.domain.events import UndoFailed, UndoOpened
from tests.workers.stages.at_github import Life
from workers import ClaimLost, TryAgain
from workers.stages.open_undo import open_undo


def text_at(life: Life, sha: str) -> bytes | None:
    mirror = life.context().mirror()
    mirror.fetch()
    return mirror.read(sha, "a.txt")


def test_the_revert_has_a_branch_and_a_pull_request_and_a_second_run_adopts_both(life: Life) -> None:
    life.undoing()
    found = open_undo(life.context())
    assert isinstance(found, UndoOpened)
    assert found.pull.branch == ids.undo_branch(life.change)
    assert text_at(life, found.pull.head_sha) == b"one\n"
    assert open_undo(life.context()) == found
    assert [one["number"] for one in life.desk.pulls(life.repo)] == [life.pull.number, found.pull.number]


def test_a_lost_answer_to_opening_ends_in_one_pull_request(life: Life) -> None:
    life.undoing()
    life.desk.fail_next("POST", f"{life.repo}/pulls$", drop="after")
    with pytest.raises(TryAgain):
        open_undo(life.context())
    found = open_undo(life.context())
    assert isinstance(found, UndoOpened)
    assert len(life.desk.pulls(life.repo)) == 2


def test_a_crash_between_push_and_pull_request_adopts_the_branch(life: Life) -> None:
    life.undoing()
    life.desk.fail_next("POST", f"{life.repo}/pulls$", drop="before")
    with pytest.raises(TryAgain):
        open_undo(life.context())
    pushed = life.desk.refs(life.repo)[ids.undo_branch(life.change)]
    found = open_undo(life.context())
    assert isinstance(found, UndoOpened)
    assert found.pull.head_sha == pushed


def test_later_changes_to_the_same_lines_are_left_to_an_engineer(life: Life) -> None:
    life.undoing()
    life.desk.push_commit(life.repo, "main", {"a.txt": "three\n"}, author="ben")
    for _run in range(2):
        found = open_undo(life.context())
        assert isinstance(found, UndoFailed)
        assert "Later changes touch the same lines" in found.reason
    assert ids.undo_branch(life.change) not in life.desk.refs(life.repo)
    assert len(life.desk.pulls(life.repo)) == 1


def test_later_changes_elsewhere_stay(life: Life) -> None:
    life.undoing()
    life.desk.push_commit(life.repo, "main", {"b.txt": "ben's\n"}, author="ben")
    found = open_undo(life.context())
    assert isinstance(found, UndoOpened)
    mirror = life.context().mirror()
    mirror.fetch()
    assert mirror.read(found.pull.head_sha, "b.txt") == b"ben's\n"


def test_what_a_person_took_back_by_hand_is_not_undone_again(life: Life) -> None:
    life.undoing()
    life.desk.push_commit(life.repo, "main", {"a.txt": "one\n"}, author="ben")
    found = open_undo(life.context())
    assert isinstance(found, UndoFailed)
    assert "nothing to undo" in found.reason
    assert len(life.desk.pulls(life.repo)) == 1


def test_after_its_pull_request_was_closed_undo_opens_a_new_one(life: Life) -> None:
    life.undoing()
    first = open_undo(life.context())
    assert isinstance(first, UndoOpened)
    life.desk.close(life.repo, first.pull.number)
    second = open_undo(life.context())
    assert isinstance(second, UndoOpened)
    assert second.pull.number != first.pull.number
    assert second.pull.branch == first.pull.branch


def test_git_that_breaks_off_is_tried_again(life: Life) -> None:
    life.undoing()
    life.desk.fail_next("POST", "git-receive-pack$", status=502)
    with pytest.raises(TryAgain):
        open_undo(life.context())
    assert isinstance(open_undo(life.context()), UndoOpened)


def test_a_claim_that_is_lost_pushes_nothing(life: Life) -> None:
    life.undoing()
    context = life.context()
    life.store.outbox.release(context.claim)
    with pytest.raises(ClaimLost):
        open_undo(context)
    assert ids.undo_branch(life.change) not in life.desk.refs(life.repo)
