"""Where a local repository's objects and head are found, whatever kind of work tree it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.github import GitHubStandInConfig, seed_repository
from playground.github.git import GitError
from playground.github.hub import bare_repository
from playground.github.source import is_git, local_source

from .test_git_http import git


def config(tmp_path: Path) -> GitHubStandInConfig:
    return GitHubStandInConfig(root=tmp_path / "forge", public_url="http://127.0.0.1:1")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository of two commits on `trunk`."""
    place = tmp_path / "shop"
    place.mkdir()
    git("init", "-q", "-b", "trunk", cwd=place)
    for number in (1, 2):
        (place / "README.md").write_text(f"{number}\n")
        git("add", "-A", cwd=place)
        git("commit", "-qm", f"Number {number}", cwd=place)
    return place


def head(place: Path, name: str = "HEAD") -> str:
    return git("rev-parse", name, cwd=place).stdout.strip()


def seeded(tmp_path: Path, source: Path) -> tuple[dict[str, str], list[str]]:
    sha = seed_repository(config(tmp_path), "me/shop", source)
    made = bare_repository(config(tmp_path), "me/shop")
    return made.refs(), [commit.message for commit in made.log(sha)]


def test_the_branch_keeps_its_name(tmp_path: Path, shop: Path) -> None:
    git("checkout", "-q", "-b", "feature/été", cwd=shop)
    assert seeded(tmp_path, shop) == ({"refs/heads/feature/été": head(shop)}, ["Number 2", "Number 1"])


def test_a_detached_head_becomes_main(tmp_path: Path, shop: Path) -> None:
    git("checkout", "-q", "--detach", "HEAD~1", cwd=shop)
    assert seeded(tmp_path, shop) == ({"refs/heads/main": head(shop)}, ["Number 1"])


def test_a_linked_work_tree_is_read_where_it_is(tmp_path: Path, shop: Path) -> None:
    assert git("worktree", "add", "-q", "-b", "fix", str(tmp_path / "linked"), "HEAD~1", cwd=shop).returncode == 0
    assert seeded(tmp_path, tmp_path / "linked") == ({"refs/heads/fix": head(shop, "HEAD~1")}, ["Number 1"])


def test_a_submodules_work_tree_is_read(tmp_path: Path, shop: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    git("init", "-q", cwd=outer)
    added = git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(shop), "inner", cwd=outer)
    assert added.returncode == 0, added.stderr
    assert seeded(tmp_path, outer / "inner")[1] == ["Number 2", "Number 1"]


def test_a_bare_clone_that_borrows_its_objects_is_read(tmp_path: Path, shop: Path) -> None:
    git("clone", "-q", "--bare", "--shared", str(shop), str(tmp_path / "bare.git"), cwd=tmp_path)
    assert is_git(tmp_path / "bare.git")
    assert seeded(tmp_path, tmp_path / "bare.git") == ({"refs/heads/trunk": head(shop)}, ["Number 2", "Number 1"])


def test_a_shallow_clone_becomes_one_commit_that_others_can_clone(tmp_path: Path, shop: Path) -> None:
    git("clone", "-q", "--depth", "1", shop.as_uri(), str(tmp_path / "shallow"), cwd=tmp_path)
    refs, log = seeded(tmp_path, tmp_path / "shallow")
    assert log == ["Number 2"]
    made = bare_repository(config(tmp_path), "me/shop")
    assert made.commit(refs["refs/heads/trunk"]).tree == head(shop, "HEAD^{tree}")
    cloned = git("clone", "-q", made.path.as_uri(), str(tmp_path / "again"), cwd=tmp_path)
    assert (cloned.returncode, cloned.stderr) == (0, "")
    assert (tmp_path / "again" / "README.md").read_text() == "2\n"


def test_another_object_format_is_told_from_an_empty_repository(tmp_path: Path) -> None:
    for name, more in (("new", ("--object-format=sha256",)), ("empty", ())):
        (tmp_path / name).mkdir()
        git("init", "-q", *more, cwd=tmp_path / name)
    git("commit", "-q", "--allow-empty", "-m", "One", cwd=tmp_path / "new")
    with pytest.raises(GitError, match="SHA-256"):
        local_source(tmp_path / "new")
    with pytest.raises(GitError, match="no commit yet"):
        local_source(tmp_path / "empty")


@pytest.mark.parametrize(
    "written", ["ref: ../../../secret", "ref: refs/heads/../../../secret", "ref: refs/heads/x", "\xff\xfe", "", "hello"]
)
def test_a_strange_head_leads_nowhere_and_shows_nothing(tmp_path: Path, shop: Path, written: str) -> None:
    (tmp_path / "secret").write_text("token-of-ana\n")
    (shop / ".git" / "HEAD").write_bytes(written.encode("latin-1"))
    with pytest.raises(GitError) as refused:
        local_source(shop)
    assert "token-of-ana" not in str(refused.value)


def test_a_pointer_to_nowhere_is_said(tmp_path: Path) -> None:
    place = tmp_path / "lost"
    place.mkdir()
    (place / ".git").write_text("gitdir: ../gone\n")
    with pytest.raises(GitError, match=r"lost .*cannot be read|lost is not a git repository"):
        local_source(place)
