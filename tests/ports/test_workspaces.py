"""What every `Workspaces` and its `Mirror`s promise: whole and partial, workspaces copied and laid over a checkout.

There is no other mirror in tests: what a stage asks of one is answered by git.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.workers.workspace.conftest import Forge, Origin, forge, origin
from workers.sandbox import overlay
from workers.workspace import BundleRefused, ExportRefused, Mirror, Remote, RemoteRefused, Workspaces
from workers.workspace.folders import LocalWorkspaces

__all__ = ["forge", "origin"]

WHO = ("ana", "ana@example.com")


@dataclass(frozen=True)
class Host:
    """One host's workspaces, and its mirror of acme/app."""

    workspaces: Workspaces
    mirror: Mirror
    origin: Origin

    @property
    def base(self) -> str:
        sha = self.mirror.sha("main")
        assert sha is not None
        return sha

    def written(self, fence: int, files: dict[str, str]) -> str:
        """The tree of the base with these files changed, as an agent changes them in a plain checkout."""
        place = self.workspaces.folder("c1", fence)
        self.mirror.checkout(self.base, place)
        for name, text in files.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(text)
        return self.mirror.export(place, self.base)


def host(home: Path, origin: Origin, kind: str) -> Host:
    over = overlay.works if "over" in kind else (lambda _: False)
    workspaces: Workspaces = LocalWorkspaces(home, layers=over)
    remote = Remote("acme/app", origin.url, lambda: None)
    return Host(workspaces, workspaces.mirror(remote, partial="partial" in kind), origin)


@pytest.fixture(params=["whole, copied", "whole, over a checkout", "partial, copied", "partial, over a checkout"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def here(kind: str, origin: Origin, tmp_path: Path) -> Host:
    return host(tmp_path / "home", origin, kind)


def test_a_mirror_knows_what_the_remote_had_at_the_last_fetch(here: Host) -> None:
    first = here.base
    second = here.origin.commit({"README.md": "bye\n"})
    assert (here.mirror.sha("main"), here.mirror.has(second), here.mirror.sha("nowhere")) == (first, False, None)
    here.mirror.fetch()
    assert (here.mirror.sha("main"), here.mirror.has(second)) == (second, True)
    assert here.mirror.contains(second, first)
    assert not here.mirror.contains(first, second)


def test_files_are_listed_and_read_at_a_commit_and_at_its_tree(here: Host) -> None:
    tree = here.mirror.tree(here.base)
    assert here.mirror.holds(tree)
    for treeish in (here.base, tree):
        assert here.mirror.files(treeish) == (".gitignore", "README.md", "src/app.py")
        assert here.mirror.read(treeish, "README.md") == b"hello\n"
        assert here.mirror.read(treeish, "README.md", limit=3) == b"hel"
        assert here.mirror.read(treeish, "src") is None
        assert here.mirror.read(treeish, "missing") is None


def test_what_an_agent_wrote_is_a_tree_whose_difference_names_it(here: Host) -> None:
    tree = here.written(1, {"README.md": "changed\n", "new.txt": "new\n"})
    assert [(one.path, one.status) for one in here.mirror.changed(here.base, tree)] == [
        ("README.md", "M"), ("new.txt", "A"),
    ]  # fmt: skip
    assert here.mirror.read(tree, "new.txt") == b"new\n"
    assert "+changed" in here.mirror.diff(here.base, tree)
    assert here.mirror.changed(here.base, here.mirror.tree(here.base)) == ()


def test_a_part_of_a_difference_is_grafted_alone(here: Host) -> None:
    tree = here.written(1, {"README.md": "changed\n", "new.txt": "new\n"})
    part = [one for one in here.mirror.changed(here.base, tree) if one.path == "new.txt"]
    grafted = here.mirror.graft(here.base, part)
    assert here.mirror.read(grafted, "README.md") == b"hello\n"
    assert here.mirror.read(grafted, "new.txt") == b"new\n"


def test_a_workspace_begins_as_its_tree_and_is_restored_to_another(here: Host) -> None:
    tree = here.written(1, {"README.md": "changed\n"})
    workspace = here.mirror.workspace(here.workspaces.folder("c1", 2), here.base, tree=tree)
    assert here.mirror.export(workspace, here.base) == tree
    here.mirror.restore(workspace, here.mirror.tree(here.base))
    assert here.mirror.export(workspace, here.base) == here.mirror.tree(here.base)


def test_what_must_not_leave_is_refused_by_its_path(here: Host) -> None:
    place = here.workspaces.folder("c1", 1)
    here.mirror.checkout(here.base, place)
    (place / "way-out").symlink_to("/etc/passwd")
    with pytest.raises(ExportRefused) as refused:
        here.mirror.export(place, here.base)
    assert list(refused.value.paths) == ["way-out"]


def test_a_commit_is_the_same_for_the_same_arguments_and_a_push_needs_the_expected_head(here: Host) -> None:
    tree = here.written(1, {"README.md": "changed\n"})
    made, again = (here.mirror.commit(tree, (here.base,), "Change", WHO, 1_700_000_000) for _ in range(2))
    assert made == again
    here.mirror.push(made, "shipmate/c1", None)
    assert here.mirror.remote_sha("shipmate/c1") == here.origin.tip("shipmate/c1") == made
    assert here.mirror.remote_heads("shipmate/c") == {"shipmate/c1": made}
    with pytest.raises(RemoteRefused):
        here.mirror.push(here.base, "shipmate/c1", None)
    assert here.origin.tip("shipmate/c1") == made


def test_a_tree_goes_to_another_host_in_a_bundle(here: Host, kind: str, tmp_path: Path) -> None:
    tree = here.written(1, {"new.txt": "new\n"})
    there = host(tmp_path / "other", here.origin, kind)
    assert not there.mirror.holds(tree)
    assert there.mirror.unbundle(here.mirror.bundle(here.base, tree)) == tree
    assert there.mirror.read(tree, "new.txt") == b"new\n"
    with pytest.raises(BundleRefused):
        there.mirror.unbundle(b"no bundle")


def test_a_folder_is_one_claims_and_goes_with_its_change(here: Host) -> None:
    first, part, other = (
        here.workspaces.folder("c1", 1), here.workspaces.folder("c1", 1, "base"), here.workspaces.folder("c2", 1),
    )  # fmt: skip
    assert len({first, part, other}) == 3
    (first / "left.txt").write_text("of an earlier try\n")
    assert list(here.workspaces.folder("c1", 1).iterdir()) == []
    here.workspaces.tidy("c1")
    assert (first.exists(), part.exists(), other.exists()) == (False, False, True)


def test_a_remote_that_refuses_is_told_apart_from_one_that_is_away(here: Host, forge: Forge) -> None:
    forge.status = 403
    with pytest.raises(RemoteRefused) as refused:
        here.mirror.fetch()
    forge.status = 503
    with pytest.raises(RemoteRefused) as away:
        here.mirror.fetch()
    assert (refused.value.again, away.value.again) == (False, True)
