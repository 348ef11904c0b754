"""Another host goes on from a tree that only a bundle brings; whatever is no bundle of ours is refused."""

from __future__ import annotations

import subprocess
import zlib
from pathlib import Path

import pytest

from tests.workers.workspace.conftest import ENV, Origin, git, tip
from workers.sandbox import overlay
from workers.workspace import BundleRefused, Remote
from workers.workspace.folders import LocalWorkspaces
from workers.workspace.mirror import BareMirror


@pytest.fixture
def base(mirror: BareMirror) -> str:
    return tip(mirror)


@pytest.fixture
def changed(mirror: BareMirror, tree: Path, base: str) -> str:
    (tree / "src/app.py").write_text("print('changed')\n" * 500)
    (tree / "deep/er").mkdir(parents=True)
    (tree / "deep/er/new").write_bytes(bytes(range(256)) * 40)
    (tree / "README.md").unlink()
    return mirror.export(tree, base)


@pytest.fixture
def elsewhere(origin: Origin, tmp_path: Path) -> BareMirror:
    """The mirror of another host, which knows only the remote."""
    return LocalWorkspaces(tmp_path / "other", layers=overlay.works).mirror(
        Remote("acme/app", origin.url, lambda: None)
    )


def test_another_host_goes_on_from_a_bundle(
    mirror: BareMirror, elsewhere: BareMirror, base: str, changed: str, tmp_path: Path
) -> None:
    data = mirror.bundle(base, changed)
    assert not elsewhere.has(changed)
    assert elsewhere.unbundle(data) == changed
    assert elsewhere.unbundle(data) == changed
    assert elsewhere.changed(base, changed) == mirror.changed(base, changed)
    place = tmp_path / "goes-on"
    place.mkdir()
    workspace = elsewhere.workspace(place, base, tree=changed)
    assert elsewhere.export(workspace, base) == changed


def test_a_bundle_holds_what_changed_and_not_the_repository(mirror: BareMirror, origin: Origin, tmp_path: Path) -> None:
    origin.commit({f"many/{number}": f"{number}\n" * 200 for number in range(300)})
    mirror.fetch()
    base = tip(mirror)
    place = tmp_path / "w"
    mirror.checkout(base, place)
    (place / "many/7").write_text("seven\n")
    assert len(mirror.bundle(base, mirror.export(place, base))) < 20_000


def test_a_tree_without_a_change_has_a_bundle_too(mirror: BareMirror, elsewhere: BareMirror, base: str) -> None:
    tree = mirror.tree(base)
    assert elsewhere.unbundle(mirror.bundle(base, tree)) == tree


def packed(kind: int, declared: int, content: bytes, count: int = 1) -> bytes:
    """A pack of one object that says what it is told to."""
    byte, rest = kind << 4 | declared & 15, declared >> 4
    head = bytearray()
    while rest:
        head.append(byte | 0x80)
        byte, rest = rest & 0x7F, rest >> 7
    head.append(byte)
    return (
        b"PACK" + (2).to_bytes(4, "big") + count.to_bytes(4, "big") + bytes(head) + zlib.compress(content) + b"0" * 20
    )


HEAD = b"shipmate-tree 1 " + b"1" * 40 + b"\n"
HOSTILE = {
    "nothing": b"",
    "other words": b"hello\n" * 40,
    "no pack": HEAD + b"x" * 60,
    "no name": b"shipmate-tree 1 zz\n" + packed(3, 1, b"x"),
    "a bomb that says so": HEAD + packed(3, 10 << 30, b"x"),
    "a bomb that does not": HEAD + packed(3, 100, bytes(50 << 20)),
    "less than it says": HEAD + packed(3, 100, b"x"),
    "a commit": HEAD + packed(1, 1, b"x"),
    "a tag": HEAD + packed(4, 1, b"x"),
    "a difference": HEAD + packed(7, 1, b"x"),
    "more objects than there are": HEAD + packed(3, 1, b"x", count=9),
    "far too many objects": HEAD + packed(3, 1, b"x", count=1 << 31),
    "a wrong sum": HEAD + packed(3, 1, b"x"),
    "something behind": HEAD + packed(3, 1, b"x") + b"more",
    "an endless number": HEAD + b"PACK\0\0\0\2\0\0\0\1" + b"\xff" * 200,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_bundle_of_ours_is_refused(elsewhere: BareMirror, data: bytes) -> None:
    with pytest.raises(BundleRefused):
        elsewhere.unbundle(data)


def test_a_damaged_bundle_is_refused(mirror: BareMirror, elsewhere: BareMirror, base: str, changed: str) -> None:
    data = bytearray(mirror.bundle(base, changed))
    data[len(data) // 2] ^= 0xFF
    with pytest.raises(BundleRefused):
        elsewhere.unbundle(bytes(data))
    with pytest.raises(BundleRefused):
        elsewhere.unbundle(bytes(mirror.bundle(base, changed))[:-30])


def test_a_bundle_that_leaves_something_out_is_refused(
    mirror: BareMirror, elsewhere: BareMirror, base: str, changed: str
) -> None:
    asked = f"{changed}\n".encode()
    only_the_root = subprocess.run(
        ["git", "-C", str(mirror.gitdir), "pack-objects", "--stdout", "-q"], input=asked, env=ENV, capture_output=True,
        check=True,
    ).stdout  # fmt: skip
    with pytest.raises(BundleRefused):
        elsewhere.unbundle(f"shipmate-tree 1 {changed}\n".encode() + only_the_root)


def test_a_tree_that_git_considers_unsafe_is_refused(mirror: BareMirror, elsewhere: BareMirror) -> None:
    blob = git(mirror.gitdir, "hash-object", "-w", "--stdin", input=b"x")
    evil = git(mirror.gitdir, "mktree", input=f"100644 blob {blob}\t.git\n".encode())
    with pytest.raises(BundleRefused):
        elsewhere.unbundle(mirror.bundle(tip(mirror), evil))
