"""Trees that no git program makes, but a repository may hold: modes, names and links that a host cannot write."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workers.workspace.conftest import Origin, git
from workers.workspace import RemoteRefused
from workers.workspace.mirror import BareMirror
from workers.workspace.names import fault, link_fault
from workers.workspace.trees import TREE, mode

pytestmark = pytest.mark.attack("odd trees and repositories")

Leaf = tuple[str, bytes, str]


def blob(origin: Origin, content: bytes) -> str:
    return git(origin.bare, "hash-object", "-w", "--stdin", input=content)


def raw(origin: Origin, *entries: Leaf) -> str:
    """A tree object with just these entries (mode, name, sha)."""
    body = b"".join(b"%s %s\0%s" % (kind.encode(), name, bytes.fromhex(sha)) for kind, name, sha in entries)
    return git(origin.bare, "hash-object", "-t", "tree", "--literally", "-w", "--stdin", input=body)


def committed(origin: Origin, mirror: BareMirror, tree: str) -> str:
    sha = git(origin.bare, "commit-tree", tree, "-m", "odd")
    git(origin.bare, "update-ref", "refs/heads/odd", sha)
    mirror.fetch()
    return sha


@pytest.mark.parametrize("folder", ["40000", "40755", "040000"])
@pytest.mark.parametrize("layers", [True, False])
def test_an_odd_mode_of_a_folder_loses_nothing_beside_a_change(
    origin: Origin, mirror: BareMirror, tmp_path: Path, folder: str, layers: bool
) -> None:
    one = blob(origin, b"one")
    below = raw(origin, ("100600", b"f", one), ("100664", b"g", one), ("100777", b"h", one))
    base = committed(origin, mirror, raw(origin, (folder, b"d", below), ("100644", b"z", one)))
    mirror._layers = lambda _: layers
    workspace = mirror.workspace(tmp_path, base)
    for name in ("f", "g", "h"):
        assert (workspace.lower or workspace.written).joinpath("d", name).read_bytes() == b"one"
    (workspace.written / "d").mkdir(exist_ok=True)
    (workspace.written / "d" / "f").write_bytes(b"two")
    tree = mirror.export(workspace, base)
    assert [(one.path, one.status) for one in mirror.changed(base, tree)] == [("d/f", "M")]
    assert mirror.changed(mirror.graft(base, mirror.changed(base, tree)), tree) == ()


@pytest.mark.parametrize(
    ("bits", "taken"),
    [
        *(("100600", "100644"), ("100664", "100644"), ("100777", "100755"), ("40755", TREE), ("40000", TREE)),
        *(("120777", "120000"), ("160000", "160000"), ("0", "160000")),
    ],
)
def test_modes_are_taken_as_git_takes_them(bits: str, taken: str) -> None:
    assert mode(bits.encode()) == taken


@pytest.mark.parametrize(
    ("names", "leaf", "said"),
    [
        ([b"n" * 300], "100644", "too long"),
        ([b"d" * 200] * 12, "100644", "too long"),
        ([b"d"] * 70, "100644", "too long"),
        ([], "", "leads nowhere"),
        ([], "a\0b", "leads nowhere"),
        ([], "x" * 5000, "leads nowhere"),
    ],
)
def test_what_this_host_cannot_write_is_told_in_a_sentence(
    origin: Origin, mirror: BareMirror, tmp_path: Path, names: list[bytes], leaf: str, said: str
) -> None:
    if names:
        tree = raw(origin, (leaf, b"f", blob(origin, b"x")))
        for name in reversed(names):
            tree = raw(origin, ("40000", name, tree))
    else:
        tree = raw(origin, ("120000", b"l", blob(origin, leaf.encode())))
    base = committed(origin, mirror, tree)
    with pytest.raises(RemoteRefused, match=said) as refused:
        mirror.workspace(tmp_path, base)
    assert not refused.value.again
    assert str(tmp_path) not in refused.value.reason


@pytest.mark.parametrize(
    ("path", "target"),
    [
        *(
            ("a", "..\\..\\secret"),
            ("a", "\\\\server\\share"),
            ("a", "C:/Windows"),
            ("a", "c:secret"),
            ("a", ".git\\x"),
        ),
        *(("a", "b\nc"), ("a", "\x1b[31m"), ("a", "\udcff"), ("a", "x\u202egnp"), ("a", "x/.g\u200cit/hooks")),
        *((".g\u200citmodules", "x"), ("GITATT~1", "x"), ("gi7d29~1", "x"), ("d/.gitignore ", "x"), ("gitmod~1", "x")),
    ],
)
def test_a_link_is_judged_by_what_other_systems_make_of_it(path: str, target: str) -> None:
    assert link_fault(path, target) is not None


@pytest.mark.parametrize("name", [".. ", "...", " ", ". .", ".. .", "    "])
def test_a_name_that_windows_reads_as_a_step_up_is_refused(name: str) -> None:
    assert "Windows" in (fault(name) or "")
    assert link_fault("a", f"{name}/x") is not None
    assert fault(f"{name}x") is None
