"""A large repository: commits and folders are fetched, contents only of what is written down, all of it at once."""

from __future__ import annotations

import subprocess

import pytest

from tests.workers.workspace.conftest import ENV, git
from tests.workers.workspace.overlaid import Ground, files
from workers.workspace import Remote
from workers.workspace.folders import LocalWorkspaces

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
def large(forge, folders):
    made = forge.origin("acme/large")
    subprocess.run(["git", "-C", str(made.bare), "fast-import", "--quiet"], input=stream(folders), env=ENV, check=True)
    git(made.bare, "config", "uploadpack.allowFilter", "true")
    git(made.bare, "config", "uploadpack.allowAnySHA1InWant", "true")
    return made


@pytest.fixture
def partial(large, tmp_path):
    return LocalWorkspaces(tmp_path / "home").mirror(Remote("acme/large", large.url, lambda: None), partial=True)


def blobs(mirror) -> int:
    """How many contents of files the mirror has."""
    listed = git(mirror.gitdir, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)")
    return listed.split().count("blob")


@pytest.mark.parametrize("folders", [250], ids=["50,000 files"])
def test_only_the_chosen_folders_are_fetched_written_and_given_back(partial, large, forge, folders, tmp_path):
    base = partial.sha("main")
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


def test_a_plain_copy_of_chosen_folders_is_given_back_with_all_the_others(partial, tmp_path):
    base = partial.sha("main")
    workspace = Ground(partial, tmp_path).workspace(base, layers=False)
    assert len(files(workspace.written)) == 10 * EACH + 2
    place = tmp_path / "sparse"
    place.mkdir()
    some = partial.workspace(place, base, sparse=("parts/7",))
    (some.written / "parts/7/7.txt").unlink()
    tree = partial.export(some, base)
    assert [(one.path, one.status) for one in partial.changed(base, tree)] == [("parts/7/7.txt", "D")]


def test_single_files_of_a_partial_mirror_can_be_read(partial, large):
    base = partial.sha("main")
    assert partial.read(base, "parts/7/7.txt") == b"new\n"
    assert partial.read(base, "parts/7/none.txt") is None
    assert blobs(partial) == 1
    large.commit({"README.md": "later\n"})
    partial.fetch()
    assert blobs(partial) == 1
    assert partial.read(partial.sha("main"), "README.md") == b"later\n"


def test_a_partial_mirror_stays_partial_whoever_opens_it(partial, large, tmp_path):
    again = LocalWorkspaces(tmp_path / "home").mirror(Remote("acme/large", large.url, lambda: None))
    assert again.partial
    assert "upstream" not in (again.gitdir / "config").read_text()
