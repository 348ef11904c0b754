"""A large repository: commits and folders are fetched, contents only of what is written down, all of it at once."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.workers.workspace.conftest import ENV, Forge, Origin, git, tip
from tests.workers.workspace.overlaid import Ground, files
from workers.checks.plan.policy_file import wants_partial
from workers.sandbox import overlay
from workers.workspace import ExportRefused, Remote, Workspace
from workers.workspace.folders import LocalWorkspaces
from workers.workspace.mirror import BareMirror

EACH = 200


def stream(folders: int) -> bytes:
    """Folders of small files and two commits, for `git fast-import`."""
    out = bytearray(b"commit refs/heads/main\ncommitter ana <ana@example.com> 1700000000 +0000\ndata 1\na\n")
    for folder in range(folders):
        for number in range(EACH):
            text = b"%d %d\n" % (folder, number)
            out += b"M 100644 inline parts/%d/%d.txt\ndata %d\n%s\n" % (folder, number, len(text), text)
    out += b"M 100644 inline README.md\ndata 4\ntop\n\nM 100644 inline parts/.gitignore\ndata 6\n*.log\n\n"
    out += b"commit refs/heads/main\ncommitter ana <ana@example.com> 1700000001 +0000\ndata 1\nb\n"
    return bytes(out + b"M 100644 inline parts/7/7.txt\ndata 4\nnew\n\n")


@pytest.fixture
def folders() -> int:
    """How many folders the repository has; a test may want more."""
    return 10


@pytest.fixture
def large(forge: Forge, folders: int) -> Origin:
    made = forge.origin("acme/large")
    subprocess.run(["git", "-C", str(made.bare), "fast-import", "--quiet"], input=stream(folders), env=ENV, check=True)
    git(made.bare, "config", "uploadpack.allowFilter", "true")
    git(made.bare, "config", "uploadpack.allowAnySHA1InWant", "true")
    return made


@pytest.fixture
def partial(large: Origin, tmp_path: Path) -> BareMirror:
    return LocalWorkspaces(tmp_path / "home", layers=overlay.works).mirror(
        Remote("acme/large", large.url, lambda: None), partial=True
    )


def blobs(mirror: BareMirror) -> int:
    """How many contents of files the mirror has."""
    listed = git(mirror.gitdir, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)")
    return listed.split().count("blob")


@pytest.mark.parametrize("folders", [250], ids=["50,000 files"])
def test_only_the_chosen_folders_are_fetched_written_and_given_back(
    partial: BareMirror, large: Origin, forge: Forge, folders: int, tmp_path: Path
) -> None:
    base = tip(partial)
    assert blobs(partial) == 0
    assert len(partial.files(base)) == folders * EACH + 2
    place = tmp_path / "place"
    place.mkdir()
    before = len(forge.seen)
    workspace = partial.workspace(place, base, sparse=("parts/7", "parts/9"))
    assert len([line for line in forge.seen[before:] if line.startswith("POST")]) <= 2
    assert blobs(partial) <= 2 * EACH + 2
    with Ground(partial, tmp_path).session(workspace) as session:
        assert session.run("ls parts; cat parts/7/7.txt README.md").output == "7\n9\nnew\ntop\n"
        session.run("echo changed >parts/7/7.txt; rm parts/9/1.txt; echo x >parts/9/x.log; echo new >parts/new.txt")
        tree = partial.export(workspace, base)
    changed = {one.path: one.status for one in partial.changed(base, tree)}
    assert changed == {"parts/7/7.txt": "M", "parts/9/1.txt": "D", "parts/new.txt": "A"}
    assert "+changed" in partial.diff(base, tree)
    commit = partial.commit(tree, (base,), "Change", ("ana", "ana@example.com"), 1)
    partial.push(commit, "shipmate/1", None)
    assert large.tip("shipmate/1") == commit
    assert blobs(partial) <= 2 * EACH + 4


def test_a_plain_copy_of_chosen_folders_is_given_back_with_all_the_others(partial: BareMirror, tmp_path: Path) -> None:
    base = tip(partial)
    workspace = Ground(partial, tmp_path).workspace(base, layers=False)
    assert len(files(workspace.written)) == 10 * EACH + 2
    place = tmp_path / "sparse"
    place.mkdir()
    some = partial.workspace(place, base, sparse=("parts/7",))
    (some.written / "parts/7/7.txt").unlink()
    tree = partial.export(some, base)
    assert [(one.path, one.status) for one in partial.changed(base, tree)] == [("parts/7/7.txt", "D")]


def test_single_files_of_a_partial_mirror_can_be_read(partial: BareMirror, large: Origin) -> None:
    base = tip(partial)
    assert partial.read(base, "parts/7/7.txt") == b"new\n"
    assert partial.read(base, "parts/7/none.txt") is None
    assert blobs(partial) == 1
    large.commit({"README.md": "later\n"})
    partial.fetch()
    assert blobs(partial) == 1
    assert partial.read(tip(partial), "README.md") == b"later\n"


def test_a_partial_mirror_stays_partial_whoever_opens_it(partial: BareMirror, large: Origin, tmp_path: Path) -> None:
    again = LocalWorkspaces(tmp_path / "home", layers=overlay.works).mirror(
        Remote("acme/large", large.url, lambda: None)
    )
    assert again.partial
    assert "upstream" not in (again.gitdir / "config").read_text()


@pytest.fixture(params=[True, False], ids=["laid over", "copied"])
def narrow(request: pytest.FixtureRequest, partial: BareMirror, tmp_path: Path) -> Workspace:
    """A workspace with one folder of the large repository, with a sandbox around it."""
    partial._layers = lambda _: request.param
    place = tmp_path / "narrow"
    place.mkdir()
    return partial.workspace(place, tip(partial), sparse=("parts/7",))


def edited(partial: BareMirror, workspace: Workspace, tmp_path: Path, command: str) -> dict[str, str]:
    """What differs from the base after a command, or what was refused."""
    with Ground(partial, tmp_path).session(workspace) as session:
        ran = session.run(command)
        assert ran.exit_code == 0, ran.output
        try:
            tree = partial.export(workspace, tip(partial))
        except ExportRefused as refused:
            return refused.paths
    return {one.path: one.status for one in partial.changed(tip(partial), tree)}


@pytest.mark.parametrize("remade", ["", "mkdir parts; ", "mkdir -p parts/7; "])
def test_a_folder_above_is_removed_and_what_was_not_there_stays(
    partial: BareMirror, narrow: Workspace, tmp_path: Path, remade: str
) -> None:
    found = edited(partial, narrow, tmp_path, f"rm -rf parts; {remade}true")
    assert found == {"parts/.gitignore": "D"} | {f"parts/7/{number}.txt": "D" for number in range(EACH)}


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("mkdir parts/3; echo x >parts/3/5.txt", "parts/3/5.txt"),
        ("echo x >parts/3", "parts/3"),
        ("mkdir -p parts/3/5.txt; echo x >parts/3/5.txt/y", "parts/3/5.txt/y"),
        ("rm -rf parts; echo x >parts", "parts"),
        ("rm -rf parts; ln -s README.md parts", "parts"),
    ],
)
def test_nothing_is_written_over_what_was_not_brought(
    partial: BareMirror, narrow: Workspace, tmp_path: Path, command: str, path: str
) -> None:
    found = edited(partial, narrow, tmp_path, command)
    assert list(found) == [path]
    assert "not" in found[path]


def test_new_files_outside_live_through_a_restore_and_can_be_changed_and_removed(
    partial: BareMirror, large: Origin, narrow: Workspace, tmp_path: Path
) -> None:
    base = tip(partial)
    assert edited(partial, narrow, tmp_path, "mkdir parts/3; echo x >parts/3/a; echo y >parts/3/b") == {
        "parts/3/a": "A",
        "parts/3/b": "A",
    }
    tree = partial.export(narrow, base)
    partial.restore(narrow, base)
    partial.restore(narrow, tree)
    assert partial.export(narrow, base) == tree
    found = edited(partial, narrow, tmp_path, "rm parts/3/a; echo z >parts/3/b; cat parts/3/b")
    assert found == {"parts/3/b": "A"}


def test_what_others_did_elsewhere_is_kept(
    partial: BareMirror, large: Origin, narrow: Workspace, tmp_path: Path
) -> None:
    base = tip(partial)
    large.commit({"parts/3/5.txt": "theirs", "parts/3/6.txt": None, "parts/7/7.txt": "ours too"})
    partial.fetch()
    theirs = partial.tree(tip(partial))
    partial.restore(narrow, theirs)
    assert partial.export(narrow, base) == theirs
    with Ground(partial, tmp_path).session(narrow) as session:
        assert session.run("cat parts/3/5.txt; echo mine >parts/7/8.txt").output == "theirs"
    tree = partial.export(narrow, base)
    assert {one.path: one.status for one in partial.changed(theirs, tree)} == {"parts/7/8.txt": "M"}


def test_a_tree_goes_to_another_host_whose_mirror_is_partial_too(
    partial: BareMirror, large: Origin, narrow: Workspace, tmp_path: Path
) -> None:
    base = tip(partial)
    assert edited(partial, narrow, tmp_path, "echo x >parts/7/7.txt") == {"parts/7/7.txt": "M"}
    tree = partial.export(narrow, base)
    kept = partial.bundle(base, tree)
    other = LocalWorkspaces(tmp_path / "other", layers=overlay.works).mirror(
        Remote("acme/large", large.url, lambda: None), partial=True
    )
    assert not other.holds(tree)
    assert other.unbundle(kept) == tree
    assert "+x" in other.diff(base, tree)
    assert other.graft(base, other.changed(base, tree)) == tree


def test_the_repository_itself_asks_for_a_partial_mirror(large: Origin, forge: Forge, tmp_path: Path) -> None:
    large.commit({".shipmate.toml": "[workspace]\npartial = true\n"})
    homes = LocalWorkspaces(tmp_path / "home", partial=wants_partial, layers=overlay.works)
    mirror = homes.mirror(Remote("acme/large", large.url, lambda: None))
    assert mirror.partial
    assert blobs(mirror) == 0
    assert not list((tmp_path / "home/mirrors").glob("peek-*"))


def test_a_repository_that_asks_for_nothing_is_copied_whole(large: Origin, tmp_path: Path) -> None:
    homes = LocalWorkspaces(tmp_path / "home", partial=wants_partial, layers=overlay.works)
    mirror = homes.mirror(Remote("acme/large", large.url, lambda: None))
    assert not mirror.partial
    assert blobs(mirror) > 0
