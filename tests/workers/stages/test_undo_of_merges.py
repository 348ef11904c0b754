"""Every way of merging a change, and its undo: exactly what the merge brought is taken out, or a person is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.events import Merged, UndoFailed, Undone, UndoOpened
from tests.workers.stages.at_github import Life
from workers import TryAgain
from workers.stages.context import StageContext
from workers.stages.merge import merge
from workers.stages.merged import PATIENCE
from workers.stages.open_undo import open_undo
from workers.stages.publish import publish
from workers.stages.undo import merge_undo, read_undo_ci

METHODS = ("merge", "squash", "rebase")
BEN = {"ben.txt": "ben's\n"}
BEFORE = {"a.txt": "one\n", **BEN}
CHANGED = {"a.txt": "two\n", "c.txt": "the receipt\n"}


def ready(life: Life, commits: int, *, moved: bool = True) -> Life:
    """Approved, with one commit or two; main has `moved` on since it was begun."""
    if commits == 1:
        life.edited(CHANGED)
    else:
        life.asked_for_more({"c.txt": "the receipt\n"})
    life.performs(publish)
    life.says_yes()
    if moved:
        life.desk.push_commit(life.repo, "main", BEN)
    return life


def merged(life: Life, method: str = "merge", person: str = "ben") -> Life:
    """Merged at the forge, noticed, and to be undone."""
    life.desk.merge(life.repo, life.pull.number, person=person, method=method)
    assert life.files() == {**CHANGED, **BEN}
    assert isinstance(life.performs(merge), Merged)
    return life.undoes()


def taken_out(life: Life) -> Life:
    """The undo is opened, approved and merged, and the change is out."""
    assert isinstance(life.performs(open_undo), UndoOpened)
    found = merge_undo(life.approves_undo().context())
    assert isinstance(found, Undone), found
    return life


@pytest.mark.parametrize("commits", [1, 2])
@pytest.mark.parametrize("method", METHODS)
def test_the_undo_takes_out_all_of_a_merge_and_nothing_else(life: Life, method: str, commits: int) -> None:
    taken_out(merged(ready(life, commits), method))
    assert life.files() == BEFORE


def test_our_own_merge_is_taken_out_all_of_it(life: Life) -> None:
    assert isinstance(ready(life, 2, moved=False).performs(merge), Merged)
    taken_out(life.undoes())
    assert life.files() == {"a.txt": "one\n"}


@pytest.mark.parametrize("method", METHODS)
def test_a_merge_queue_leaves_the_rest_of_its_group_in(life: Life, method: str) -> None:
    ready(life, 2)
    others = []
    for name in ("first", "last"):
        life.desk.push_commit(life.repo, name, {f"{name}.txt": f"{name}\n"})
        others.append(life.desk.open_pull(life.repo, name))
    life.desk.merge_group(life.repo, others[0], life.pull.number, others[1], method=method)
    life.performs(merge)
    taken_out(life.undoes())
    assert life.files() == {**BEFORE, "first.txt": "first\n", "last.txt": "last\n"}


@pytest.mark.parametrize("method", METHODS)
def test_what_a_person_pushed_before_the_merge_is_taken_out_with_it(life: Life, method: str) -> None:
    ready(life, 1)
    life.desk.push_commit(life.repo, life.pull.branch, {"more.txt": "more\n"}, author="ben")
    life.desk.merge(life.repo, life.pull.number, method=method)
    life.performs(merge)
    taken_out(life.undoes())
    assert life.files() == BEFORE


def test_later_work_on_main_stays(life: Life) -> None:
    merged(ready(life, 2), "rebase")
    life.desk.push_commit(life.repo, "main", {"later.txt": "later\n"})
    life.performs(open_undo)
    life.desk.push_commit(life.repo, "main", {"latest.txt": "latest\n"})
    found = merge_undo(life.approves_undo().context())
    assert isinstance(found, Undone)
    assert life.files() == {**BEFORE, "later.txt": "later\n", "latest.txt": "latest\n"}


def test_what_a_person_took_out_already_stays_out_and_the_rest_follows(life: Life) -> None:
    merged(ready(life, 2), "rebase")
    life.desk.push_commit(life.repo, "main", {"c.txt": None})
    assert isinstance(life.performs(open_undo), UndoOpened)
    life.desk.push_commit(life.repo, "main", {"a.txt": "one\n"})
    assert isinstance(merge_undo(life.approves_undo().context()), Undone)
    assert life.files() == BEFORE


def test_an_undo_that_would_leave_some_of_the_change_by_now_is_not_merged(life: Life) -> None:
    merged(ready(life, 2), "rebase")
    life.desk.push_commit(life.repo, "main", {"c.txt": None})
    life.performs(open_undo)
    life.desk.push_commit(life.repo, "main", {"c.txt": "the receipt\n"})
    found = merge_undo(life.approves_undo().context())
    assert found == UndoFailed(reason="main has moved on, so this undo is out of date. Tap Undo to start again.")
    assert len(life.desk.merges(life.repo)) == 1
    life.records(found)
    taken_out(life.undoes())
    assert life.files() == BEFORE


def test_after_a_rename_of_the_default_branch_the_undo_goes_into_the_new_name(life: Life) -> None:
    merged(ready(life, 2), "squash")
    life.desk.rename_branch(life.repo, "main", "trunk")
    taken_out(life)
    assert life.files("trunk") == BEFORE


def test_a_new_branch_with_the_old_name_is_not_where_the_change_is(life: Life) -> None:
    merged(ready(life, 1))
    life.desk.rename_branch(life.repo, "main", "trunk")
    unrelated = life.desk.push_commit(life.repo, "main", {"a.txt": "two\n"}, **{"from": "nowhere"})
    taken_out(life)
    assert life.files("trunk") == BEFORE
    assert life.desk.refs(life.repo)["main"] == unrelated


def test_a_rename_after_the_undo_was_opened_changes_nothing(life: Life) -> None:
    merged(ready(life, 1)).performs(open_undo)
    life.approves_undo()
    life.desk.rename_branch(life.repo, "main", "trunk")
    assert isinstance(merge_undo(life.context()), Undone)
    assert life.files("trunk") == BEFORE


def test_a_merge_that_is_on_no_branch_any_more_is_left_to_an_engineer(life: Life) -> None:
    merged(ready(life, 1))
    life.desk.rename_branch(life.repo, "main", "trunk")
    life.desk.push_commit(life.repo, "main", {"a.txt": "two\n"}, **{"from": "nowhere"})
    life.desk.delete_branch(life.repo, "trunk")
    found = open_undo(life.context())
    assert isinstance(found, UndoFailed)
    assert "can't find this change's merge" in found.reason
    assert len(life.desk.pulls(life.repo)) == 1


def test_a_retargeted_undo_is_not_merged(life: Life) -> None:
    merged(ready(life, 1)).performs(open_undo)
    life.approves_undo()
    life.desk.push_commit(life.repo, "release", {"r.txt": "r\n"})
    life.desk.retarget(life.repo, life.undo_pull.number, "release")
    found = merge_undo(life.context())
    assert isinstance(found, UndoFailed)
    assert "would go into release" in found.reason
    assert len(life.desk.merges(life.repo)) == 1
    life.records(found)
    again = open_undo(life.undoes().context())
    assert isinstance(again, UndoOpened)
    assert again.into == "main"
    assert {one["number"]: one["base_ref"] for one in life.desk.pulls(life.repo)}[again.pull.number] == "main"


def test_an_undo_that_is_retargeted_at_that_moment_is_not_called_undone(life: Life) -> None:
    merged(ready(life, 1)).performs(open_undo)
    life.approves_undo()
    life.desk.push_commit(life.repo, "release", {"r.txt": "r\n"})
    number = life.undo_pull.number
    with pytest.raises(TryAgain, match="has not reached main"):
        merge_undo(life.interrupted(lambda: life.desk.retarget(life.repo, number, "release")))
    context = life.context()
    later = StageContext(replace(context.claim, age=PATIENCE), context.change, life.tools)
    assert merge_undo(later) == UndoFailed(
        reason="The undo was merged, but not into main, so the change is still there."
    )
    assert life.files() == {**CHANGED, **BEN}


def test_an_undo_that_a_person_changed_and_merged_is_not_called_undone(life: Life) -> None:
    merged(ready(life, 1)).performs(open_undo)
    life.desk.push_commit(life.repo, life.undo_pull.branch, {"evil.txt": "x\n"}, author="mallory")
    life.desk.merge(life.repo, life.undo_pull.number, person="mallory")
    found = read_undo_ci(life.context())
    assert isinstance(found, UndoFailed)
    assert "was changed before it was merged" in found.reason


@pytest.mark.parametrize("method", METHODS)
def test_an_undo_that_a_person_merges_as_it_is_counts(life: Life, method: str) -> None:
    merged(ready(life, 2), "rebase").performs(open_undo)
    sha = life.desk.merge(life.repo, life.undo_pull.number, person="ben", method=method)
    assert read_undo_ci(life.context()) == Undone(merge_sha=sha, by="ben")
    assert life.files() == BEFORE
