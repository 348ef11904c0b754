"""What is at the forge when people pushed, merged main in, force-pushed, retargeted, closed or opened again."""

from __future__ import annotations

import pytest

from bot.domain.change import Phase
from bot.domain.effects import Check, ReadCi
from bot.domain.events import CiRead, HeadMoved, Merged, PullClosed, Reopened
from tests import story
from tests.workers.stages.at_github import Life
from workers import TryAgain
from workers.stages.read_ci import read_ci, watch_pull


def moved(life: Life) -> HeadMoved:
    found = read_ci(life.context())
    assert isinstance(found, HeadMoved)
    return found


def waiting(life: Life) -> Life:
    """It is ready and people decide."""
    life.published().records(story.ci(sha=life.pull.head_sha))
    return life


def test_a_push_is_told_with_its_own_files_and_is_what_the_checks_get(life: Life) -> None:
    life.published()
    pushed = life.desk.push_commit(life.repo, life.pull.branch, {"b.txt": "ben's\n"}, author="ben")
    found = moved(life)
    assert (found.head_sha, found.files, found.base_sha) == (pushed, ("a.txt", "b.txt"), life.shop.base)
    change = life.records(found)
    assert (change.phase, change.files) == (Phase.CHECKING, ("a.txt", "b.txt"))
    assert life.context().claim.effect == Check(tree=found.tree)


def test_a_base_branch_that_was_merged_in_is_no_part_of_the_change(life: Life) -> None:
    life.published()
    newer = life.desk.push_commit(life.repo, "main", {"c.txt": "main's own\n"})
    life.desk.merge(life.repo, life.desk.open_pull(life.repo, "main", life.pull.branch, person="ben"))
    found = moved(life)
    assert (found.files, found.base_sha, found.base_branch) == (("a.txt",), newer, "main")


def test_a_force_push_is_examined_by_what_it_left(life: Life) -> None:
    life.published()
    mirror = life.context().mirror()
    place = life.folder / "forced"
    mirror.checkout(life.shop.base, place)
    (place / "z.txt").write_text("something else\n")
    tree = mirror.export(place, life.shop.base)
    other = mirror.commit(tree, (life.shop.base,), "Something else\n", ("ben", "ben@example.com"), 1_700_000_000)
    mirror.push(other, life.pull.branch, life.pull.head_sha)
    found = moved(life)
    assert (found.head_sha, found.tree, found.files) == (other, tree, ("z.txt",))


def test_a_pull_request_that_goes_elsewhere_is_compared_with_where_it_goes(life: Life) -> None:
    waiting(life)
    life.desk.push_commit(life.repo, "release", {"d.txt": "released\n"})
    life.desk.retarget(life.repo, life.pull.number, "release")
    life.context()
    found = watch_pull(life.context())
    assert isinstance(found, HeadMoved)
    assert (found.head_sha, found.base_branch) == (life.pull.head_sha, "release")
    assert (found.base_sha, found.files) == (life.shop.base, ("a.txt",))
    change = life.records(found)
    assert (change.phase, change.base_branch) == (Phase.READY, "release")
    assert change.void == "It now goes into release instead of main, so approvals start over."


def test_a_push_that_ends_as_what_is_known_is_no_event(life: Life) -> None:
    life.published()
    assert isinstance(read_ci(life.context()), CiRead)


def test_a_pull_request_that_was_closed_and_opened_again_is_examined_again(life: Life) -> None:
    waiting(life).context()
    life.desk.close(life.repo, life.pull.number)
    assert life.performs(watch_pull) == PullClosed()
    for _look in range(2):
        with pytest.raises(TryAgain):
            watch_pull(life.context())
    life.desk.reopen(life.repo, life.pull.number)
    found = watch_pull(life.context())
    assert isinstance(found, Reopened)
    assert found.now.head_sha == life.pull.head_sha
    change = life.records(found)
    assert change.phase is Phase.CHECKING
    assert life.context().claim.effect == Check(tree=found.now.tree)


def test_what_was_opened_again_and_merged_between_two_looks_is_merged(life: Life) -> None:
    head = waiting(life).pull.head_sha
    life.context()
    life.desk.close(life.repo, life.pull.number)
    life.performs(watch_pull)
    life.context()
    life.desk.reopen(life.repo, life.pull.number)
    sha = life.desk.merge(life.repo, life.pull.number, person="ben")
    assert life.performs(watch_pull) == Merged(merge_sha=sha, by="ben", head_sha=head)


def test_what_was_examined_at_the_forge_goes_on_to_ci_without_being_published(life: Life) -> None:
    life.published()
    pushed = life.desk.push_commit(life.repo, life.pull.branch, {"b.txt": "ben's\n"}, author="ben")
    found = moved(life)
    for step in (found, story.checked(tree=found.tree), story.judged(found.tree)):
        life.records(step)
    assert life.context().claim.effect == ReadCi(head_sha=pushed)
