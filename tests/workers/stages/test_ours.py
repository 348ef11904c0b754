"""Branches and pull requests with names like ours, at the stages that meet them: what is not ours is left alone."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from bot.domain import events as e
from bot.domain import ids
from bot.domain.events import Published, StageResult, Undone, UndoOpened
from tests import story
from tests.workers.stages.at_github import Interrupted, Life
from workers import GiveUp, TryAgain
from workers.stages.open_undo import open_undo
from workers.stages.ours import MOST_NAMES, TRAILER, Seal
from workers.stages.publish import publish
from workers.stages.tidy import tidy
from workers.stages.undo import merge_undo
from workers.workspace.steps import Commit

TWO = {"a.txt": "two\n"}
FOREIGN = {"b.txt": "mallory's\n"}


def signed(key: bytes = b"k" * 32, tree: str = "1" * 40, parent: str = "2" * 40) -> Commit:
    message = Seal(key, "cabc", "change").sign("Add tax\n\nModel: x\n", tree, parent)
    return Commit("3" * 40, tree, (parent,), "Shipmate <s@example.com> 1 +0000", message)


def test_a_signature_is_of_one_key_change_purpose_tree_and_parent() -> None:
    mine, ours = Seal(b"k" * 32, "cabc", "change"), signed()
    assert mine.holds(ours)
    others = (Seal(b"l" * 32, "cabc", "change"), Seal(b"k" * 32, "cxyz", "change"), Seal(b"k" * 32, "cabc", "undo"))
    assert not any(other.holds(ours) for other in others)
    elsewhere = (("9" * 40, ours.parents), (ours.tree, ("9" * 40,)), (ours.tree, (*ours.parents, "9" * 40)))
    for tree, parents in elsewhere:
        assert not mine.holds(Commit(ours.sha, tree, parents, ours.author, ours.message))
    for message in ("", "Add tax", f"{TRAILER}: ", f"{TRAILER}: é", f"{ours.message}\nSigned-off-by: mallory\n"):
        assert not mine.holds(Commit(ours.sha, ours.tree, ours.parents, ours.author, message))


@pytest.mark.parametrize("opened", [True, False], ids=["with a pull request", "without one"])
def test_a_foreign_undo_branch_is_never_adopted_nor_merged(life: Life, opened: bool) -> None:
    wanted = ids.undo_branch(life.undoing().change)
    foreign = life.desk.push_commit(life.repo, wanted, FOREIGN, author="mallory")
    if opened:
        life.desk.open_pull(life.repo, wanted, person="mallory")
    found = open_undo(life.context())
    assert isinstance(found, UndoOpened)
    assert (found.pull.branch, found.instead_of) == (f"{wanted}-2", wanted)
    assert life.files(found.pull.branch) == {"a.txt": "one\n"}
    assert open_undo(life.context()) == found
    life.records(found)
    assert isinstance(merge_undo(life.approves_undo().context()), Undone)
    assert life.files() == {"a.txt": "one\n"}
    assert life.desk.refs(life.repo)[wanted] == foreign
    theirs = [one for one in life.desk.pulls(life.repo) if one["head_ref"] == wanted]
    assert [(one["state"], one["title"]) for one in theirs] == [("open", "Mine")] * opened


def test_a_copied_signature_helps_nobody(life: Life) -> None:
    wanted = ids.undo_branch(life.undoing().change)
    first = life.performs(open_undo)
    assert isinstance(first, UndoOpened)
    message = life.context().mirror().commits(first.pull.head_sha, since=life.shop.base)[0].message
    assert TRAILER in message
    life.desk.close(life.repo, first.pull.number)
    life.desk.delete_branch(life.repo, wanted)
    foreign = life.desk.push_commit(life.repo, wanted, FOREIGN, author="mallory", message=message)
    life.records(e.UndoFailed(reason="It was closed."))
    found = open_undo(life.undoes().context())
    assert isinstance(found, UndoOpened)
    assert found.pull.branch == f"{wanted}-2"
    assert life.desk.refs(life.repo)[wanted] == foreign


def test_after_a_restored_backup_our_own_branch_and_pull_request_are_known_by_the_signature(life: Life) -> None:
    first = life.published().pull
    later = life.restored().edited({"a.txt": "another answer\n"})
    found = publish(later.context())
    assert isinstance(found, Published)
    assert (found.pull.branch, found.pull.number, found.instead_of) == (first.branch, first.number, "")
    assert found.pull.head_sha != first.head_sha
    assert life.desk.refs(life.repo) == {"main": life.shop.base, first.branch: found.pull.head_sha}
    assert [(one["number"], one["state"]) for one in life.desk.pulls(life.repo)] == [(first.number, "open")]


def test_after_a_restored_backup_follow_ups_of_ours_are_known_too(life: Life) -> None:
    first = life.asked_for_more().pull
    life.performs(publish)
    found = publish(life.restored().edited(TWO).context())
    assert isinstance(found, Published)
    assert (found.pull.branch, found.pull.number) == (first.branch, first.number)


def test_after_a_restored_backup_what_a_person_pushed_onto_ours_is_kept(life: Life) -> None:
    first = life.published().pull
    pushed = life.desk.push_commit(life.repo, first.branch, {"b.txt": "ben's\n"}, author="ben")
    found = publish(life.restored().edited({"a.txt": "another answer\n"}).context())
    assert isinstance(found, Published)
    assert (found.pull.branch, found.instead_of) == (f"{first.branch}-2", first.branch)
    assert life.desk.refs(life.repo)[first.branch] == pushed


def test_after_a_restored_backup_a_closed_pull_request_is_followed_by_a_new_one(life: Life) -> None:
    first = life.published().pull
    life.desk.close(life.repo, first.number)
    found = publish(life.restored().edited({"a.txt": "another answer\n"}).context())
    assert isinstance(found, Published)
    assert found.pull.branch == first.branch
    assert found.pull.number != first.number


def test_another_installation_is_not_ours(life: Life, tmp_path_factory: pytest.TempPathFactory) -> None:
    first = life.published().pull
    other = Life(tmp_path_factory.mktemp("other"), life.shop)
    other.now += 60
    found = publish(other.edited({"a.txt": "another answer\n"}).context())
    assert isinstance(found, Published)
    assert found.pull.branch == f"{first.branch}-2"
    assert life.desk.refs(life.repo)[first.branch] == first.head_sha


def test_exactly_what_we_would_publish_is_ours_whoever_pushed_it(life: Life) -> None:
    branch = ids.branch(life.edited(TWO).change)
    life.desk.push_commit(life.repo, branch, {"a.txt": "two\n"}, author="ben")
    found = publish(life.context())
    assert isinstance(found, Published)
    assert (found.pull.branch, found.instead_of) == (branch, "")
    assert life.desk.refs(life.repo)[branch] == found.pull.head_sha


def test_a_branch_below_our_name_takes_the_name_too(life: Life) -> None:
    branch = ids.branch(life.edited(TWO).change)
    life.desk.push_commit(life.repo, f"{branch}/mine", FOREIGN, author="mallory")
    found = publish(life.context())
    assert isinstance(found, Published)
    assert found.pull.branch == f"{branch}-2"


def test_when_every_name_is_taken_a_person_is_asked(life: Life) -> None:
    branch = ids.branch(life.edited(TWO).change)
    for name in (branch, *(f"{branch}-{number}" for number in range(2, MOST_NAMES + 1))):
        life.desk.push_commit(life.repo, name, FOREIGN, author="mallory")
    with pytest.raises(GiveUp, match="none is mine"):
        publish(life.context())
    assert life.desk.pulls(life.repo) == []


def at_the_second_moment(life: Life, act: Callable[[], object]) -> StageResult | None:
    """Publish, and let somebody act between our push and our pull request."""
    context, moments = life.context(), itertools.count(1)
    return publish(
        Interrupted(context.claim, context.change, context.tools, act=lambda: next(moments) == 2 and act())
    )  # fmt: skip


def test_a_pull_request_that_a_person_opens_first_for_other_commits_is_left_alone(life: Life) -> None:
    branch = ids.branch(life.edited(TWO).change)

    def overtake() -> None:
        life.desk.push_commit(life.repo, branch, FOREIGN, author="mallory")
        life.desk.open_pull(life.repo, branch, person="mallory")

    with pytest.raises(TryAgain):
        at_the_second_moment(life, overtake)
    found = publish(life.context())
    assert isinstance(found, Published)
    assert (found.pull.branch, found.instead_of) == (f"{branch}-2", branch)
    assert [one["title"] for one in life.desk.pulls(life.repo) if one["head_ref"] == branch] == ["Mine"]


def test_a_pull_request_that_a_person_opens_first_for_our_commit_is_ours_and_gets_our_words(life: Life) -> None:
    branch = ids.branch(life.edited(TWO).change)
    found = at_the_second_moment(life, lambda: life.desk.open_pull(life.repo, branch, person="ben"))
    assert isinstance(found, Published)
    [pull] = life.desk.pulls(life.repo)
    assert (pull["number"], pull["title"]) == (found.pull.number, "Include tax in the total")


def test_discarding_leaves_alone_what_only_has_our_name(life: Life) -> None:
    branch = ids.branch(life.edited(TWO).change)
    foreign = life.desk.push_commit(life.repo, branch, FOREIGN, author="mallory")
    life.desk.open_pull(life.repo, branch, person="mallory")
    life.performs(publish)
    life.presses(e.StopPressed(by=story.ANA))
    with pytest.raises(TryAgain):
        tidy(life.context())
    tidy(life.context())
    assert life.desk.refs(life.repo) == {"main": life.shop.base, branch: foreign}
    states = {one["head_ref"]: one["state"] for one in life.desk.pulls(life.repo)}
    assert states == {branch: "open", f"{branch}-2": "closed"}


def test_a_stop_removes_what_was_on_its_way(life: Life) -> None:
    life.edited(TWO)
    publish(life.context())  # and its worker died before it was recorded
    life.presses(e.StopPressed(by=story.ANA))
    with pytest.raises(TryAgain):
        tidy(life.context())
    assert list(life.desk.refs(life.repo)) == ["main"]
    assert [one["state"] for one in life.desk.pulls(life.repo)] == ["closed"]


def test_a_branch_that_moved_on_since_its_merge_is_not_deleted(life: Life) -> None:
    branch = life.approved().pull.branch
    life.desk.merge(life.repo, life.pull.number)
    pushed = life.desk.push_commit(life.repo, branch, {"b.txt": "ben's\n"}, author="ben")
    life.records(e.Merged(merge_sha=life.desk.refs(life.repo)["main"], by="ben"))
    tidy(life.context())
    assert life.desk.refs(life.repo)[branch] == pushed
