"""What a branch shows of a merge: the step that brought all of a pull request and nothing else, or a refusal."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.workers.workspace.conftest import Origin, git
from tests.workers.workspace.test_revert import partial
from workers.workspace import RemoteRefused
from workers.workspace.mirror import BareMirror
from workers.workspace.steps import NotExactly, Step

_moments = itertools.count(1_700_000_000)


@dataclass
class Forge:
    """Commits of one repository, written as a forge would write them; `files` is what main has at the start."""

    origin: Origin
    mirror: BareMirror
    start: str = field(init=False)

    def __post_init__(self) -> None:
        self.start = self.origin.commit({"a.txt": "one\n"})

    def made(self, files: dict[str, str | None], *parents: str, of: str = "", message: str = "work") -> str:
        """A commit of the files of `of` (the first parent's) with changes; each has a date of its own."""
        git(self.origin.bare, "update-ref", "refs/heads/scratch", of or parents[0])
        tree = git(self.origin.bare, "rev-parse", f"{self.origin.commit({**files}, branch='scratch')}^{{tree}}")
        at = f"@{next(_moments)} +0000"
        args = [part for parent in parents for part in ("-p", parent)]
        return git(self.origin.bare, "commit-tree", tree, *args, "-m", message, env={"GIT_AUTHOR_DATE": at})

    def replayed(self, commit: str, files: dict[str, str | None], parent: str) -> str:
        """The commit on another parent, with its author, date and message, as a rebase makes it."""
        date = git(self.origin.bare, "log", "-1", "--format=@%at +0000", commit)
        git(self.origin.bare, "update-ref", "refs/heads/scratch", parent)
        tree = git(self.origin.bare, "rev-parse", f"{self.origin.commit({**files}, branch='scratch')}^{{tree}}")
        return git(
            self.origin.bare, "commit-tree", tree, "-p", parent, "-m", "work", env={"GIT_AUTHOR_DATE": date}
        )  # fmt: skip

    def landed(self, merged: str, head: str) -> Step:
        """What main shows once it is at `merged`. The head is on no branch, as after its deletion."""
        git(self.origin.bare, "update-ref", "refs/heads/main", merged)
        git(self.origin.bare, "update-ref", "refs/pull/1/head", head)
        git(self.origin.bare, "update-ref", "-d", "refs/heads/scratch")
        git(self.origin.bare, "config", "uploadpack.allowAnySHA1InWant", "true")
        self.mirror.fetch()
        return self.mirror.landed(merged, head, self.start)


@pytest.fixture
def at(origin: Origin, mirror: BareMirror) -> Forge:
    return Forge(origin, mirror)


A, C, BEN = {"a.txt": "two\n"}, {"c.txt": "c\n"}, {"ben.txt": "ben's\n"}


def two_commits(at: Forge) -> tuple[str, str, str]:
    """Two commits of a pull request, and where main has moved to since."""
    first = at.made({**A}, at.start)
    return first, at.made({**C}, first), at.made({**BEN}, at.start)


def test_a_merge_commit_brought_its_second_parent(at: Forge) -> None:
    _first, head, main = two_commits(at)
    merged = at.made({**A, **C}, main, head)
    assert at.landed(merged, head) == Step(main, merged)


def test_a_merge_commit_is_found_below_the_end_of_its_group(at: Forge) -> None:
    _first, head, main = two_commits(at)
    merged = at.made({**A, **C}, main, head)
    last = at.made({"other.txt": "x\n"}, merged)
    assert at.landed(last, head) == Step(main, merged)


def test_a_squash_brought_one_commit_and_a_rebase_as_many_as_there_were(at: Forge) -> None:
    first, head, main = two_commits(at)
    squashed = at.made({**A, **C}, main)
    assert at.landed(squashed, head) == Step(main, squashed)
    rebased = at.replayed(head, {**C}, at.replayed(first, {**A}, main))
    assert at.landed(rebased, head) == Step(main, rebased)


def test_a_mirror_without_contents_of_files_fetches_what_it_compares(at: Forge, tmp_path: Path) -> None:
    first, head, main = two_commits(at)
    rebased = at.replayed(head, {**C}, at.replayed(first, {**A}, main))
    at.landed(rebased, head)
    lean = partial(at.origin, tmp_path / "lean")
    assert lean.landed(rebased, head, at.start) == Step(main, rebased)


def test_a_rebase_leaves_out_merges_of_main(at: Forge) -> None:
    first, head, main = two_commits(at)
    updated = at.made({**BEN}, head, main)
    rebased = at.replayed(head, {**C}, at.replayed(first, {**A}, main))
    assert at.landed(rebased, updated) == Step(main, rebased)


def test_a_branch_that_was_pushed_onto_main_brought_its_own_commits(at: Forge) -> None:
    first = at.made({**A}, at.start)
    head = at.made({**C}, first)
    later = at.made({**BEN}, head)
    assert at.landed(head, head) == Step(at.start, head)
    assert at.landed(later, head) == Step(at.start, head)


def refused(at: Forge, merged: str, head: str) -> str:
    with pytest.raises(NotExactly) as why:
        at.landed(merged, head)
    return why.value.reason


def test_a_merge_with_edits_of_its_own_is_refused(at: Forge) -> None:
    _first, head, main = two_commits(at)
    for merged in (at.made({**A, **C, "evil.txt": "x\n"}, main, head), at.made({**A, **C, "a.txt": "3\n"}, main)):
        assert refused(at, merged, head) == "it was merged with other edits"
    only_half = at.made({**A}, main)
    assert refused(at, only_half, head) == "it was merged with other edits"


def test_a_rebase_that_lost_a_commit_is_refused(at: Forge) -> None:
    _first, head, main = two_commits(at)
    assert refused(at, at.replayed(head, {**C}, main), head) == "only some of its commits are there"


def test_a_merge_of_several_branches_at_once_is_refused(at: Forge) -> None:
    _first, head, main = two_commits(at)
    other = at.made({"other.txt": "x\n"}, at.start)
    merged = at.made({**A, **C, "other.txt": "x\n"}, main, head, other)
    assert refused(at, merged, head) == "it was merged together with something else"


def test_a_branch_that_was_pushed_onto_main_with_others_in_it_is_refused(at: Forge) -> None:
    _first, head, main = two_commits(at)
    updated = at.made({**BEN}, head, main)
    assert refused(at, updated, updated) == "it came together with other commits"


def test_a_head_that_the_forge_has_no_more_is_said(at: Forge) -> None:
    with pytest.raises(RemoteRefused, match="no longer has that commit"):
        at.mirror.landed(at.start, "5" * 40, at.start)


def test_a_commit_is_read_as_it_is(at: Forge) -> None:
    head = at.made({**A}, at.start, message="Tax\n\nbody\n\nKey: value")
    git(at.origin.bare, "update-ref", "refs/heads/main", head)
    at.mirror.fetch()
    [commit] = at.mirror.commits(head, since=at.start)
    assert (commit.sha, commit.parents, commit.message) == (head, (at.start,), "Tax\n\nbody\n\nKey: value\n")
    assert commit.tree == at.mirror.tree(head)
    assert commit.author.startswith("ana <ana@example.com> 17")
    assert at.mirror.contains(head, at.start)
    assert not at.mirror.contains(at.start, head)
    assert not at.mirror.contains(head, "5" * 40)
    assert at.mirror.remote_heads("ma") == {"main": head}
    assert at.mirror.remote_heads("nothing") == {}
