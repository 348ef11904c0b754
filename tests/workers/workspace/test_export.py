"""From an agent's folder to a tree: what is taken, what is left out, and what is refused."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from tests.workers.workspace.conftest import Origin, tip
from workers.workspace import ExportRefused, Remote
from workers.workspace.folders import LocalWorkspaces
from workers.workspace.mirror import BareMirror


def exported(mirror: BareMirror, tree: Path) -> dict[str, str]:
    """Status by path of what the export changed."""
    base = tip(mirror)
    return {one.path: one.status for one in mirror.changed(base, mirror.export(tree, base))}


def refused(mirror: BareMirror, tree: Path) -> dict[str, str]:
    """The paths and sentences of a refused export."""
    with pytest.raises(ExportRefused) as refusal:
        mirror.export(tree, tip(mirror))
    return refusal.value.paths


def checked_out(workspaces: LocalWorkspaces, origin: Origin, tmp_path: Path) -> tuple[BareMirror, Path]:
    """Return a mirror as the origin is now, and a checkout of it."""
    mirror, place = workspaces.mirror(Remote("acme/app", origin.url, lambda: None)), tmp_path / "w"
    mirror.checkout(tip(mirror), place)
    return mirror, place


def test_an_untouched_checkout_exports_to_the_base_itself(mirror: BareMirror, tree: Path) -> None:
    base = tip(mirror)
    assert mirror.export(tree, base) == mirror.tree(base)
    assert not (tree / ".git").exists()


def test_changed_new_and_removed_files_are_taken(mirror: BareMirror, tree: Path) -> None:
    (tree / "README.md").write_text("changed\n")
    (tree / "src/app.py").unlink()
    (tree / "deep/er").mkdir(parents=True)
    (tree / "deep/er/new.txt").write_text("new\n")
    assert exported(mirror, tree) == {"README.md": "M", "deep/er/new.txt": "A", "src/app.py": "D"}


def test_a_file_that_becomes_a_folder_and_the_other_way_round(mirror: BareMirror, tree: Path) -> None:
    (tree / "README.md").unlink()
    (tree / "README.md").mkdir()
    (tree / "README.md/part.txt").write_text("x")
    (tree / "src/app.py").unlink()
    (tree / "src").rmdir()
    (tree / "src").write_text("flat now\n")
    assert exported(mirror, tree) == {"README.md": "D", "README.md/part.txt": "A", "src": "A", "src/app.py": "D"}


def test_the_executable_bit_is_taken(mirror: BareMirror, tree: Path) -> None:
    (tree / "src/app.py").chmod(0o755)
    made = mirror.export(tree, tip(mirror))
    (change,) = mirror.changed(tip(mirror), made)
    assert (change.old_mode, change.new_mode) == ("100644", "100755")
    back = tree.parent / "back"
    mirror.checkout(made, back)
    assert os.access(back / "src/app.py", os.X_OK)


def test_bytes_come_back_as_they_went_in(mirror: BareMirror, tree: Path, tmp_path: Path) -> None:
    (tree / ".gitattributes").write_text("* text eol=crlf ident\n*.bin filter=evil -diff\n")
    content = bytes(range(256)) * 100 + b"\r\n$Id$\n"
    (tree / "data.bin").write_bytes(content)
    (tree / "text.txt").write_bytes(b"a\nb\r\n$Id$\n")
    made = mirror.export(tree, tip(mirror))
    back = tmp_path / "back"
    mirror.checkout(made, back)
    assert (back / "data.bin").read_bytes() == content
    assert (back / "text.txt").read_bytes() == b"a\nb\r\n$Id$\n"
    assert mirror.export(back, made) == made


def test_ignored_files_are_left_out_unless_the_base_tracks_them(mirror: BareMirror, tree: Path, origin: Origin) -> None:
    (tree / "trace.log").write_text("x")
    (tree / "build").mkdir()
    (tree / "build/out.js").write_text("x")
    (tree / "src/.gitignore").write_text("*.tmp\n!keep.tmp\n/only-here\n")
    for name in ("a.tmp", "keep.tmp", "only-here", "b.txt"):
        (tree / "src" / name).write_text("x")
    (tree / "only-here").write_text("x")
    assert exported(mirror, tree) == {
        "only-here": "A",
        "src/.gitignore": "A",
        "src/b.txt": "A",
        "src/keep.tmp": "A",
    }
    origin.commit({"build/kept.js": "1", "server.log": "1"})
    mirror.fetch()
    other = tree.parent / "other"
    mirror.checkout(tip(mirror), other)
    (other / "build/kept.js").write_text("2")
    (other / "server.log").write_text("2")
    (other / "build/more.js").write_text("2")
    assert exported(mirror, other) == {"build/kept.js": "M", "server.log": "M"}


def test_ignored_folders_are_not_even_looked_into(mirror: BareMirror, tree: Path) -> None:
    (tree / ".gitignore").write_text("node_modules/\n")
    (tree / "node_modules/x/.git").mkdir(parents=True)
    (tree / "node_modules/evil").symlink_to("/etc/passwd")
    os.mkfifo(tree / "node_modules/pipe")
    assert exported(mirror, tree) == {".gitignore": "M"}


@pytest.mark.parametrize(
    "name", ["a b", "ä.txt", "-rf", ":(top)x", "*", "[a]", "#x", "!x", "a'b\"c", "$(id)", "tab", "~", "x.lock", "--"]
)
def test_odd_but_harmless_names_are_taken_as_they_are(mirror: BareMirror, tree: Path, name: str) -> None:
    (tree / name).write_text("x")
    assert exported(mirror, tree) == {name: "A"}


@pytest.mark.parametrize(
    "name",
    [
        b"a\nb", b"a\x1bb", b"tab\tx", b"bad\xff", "rtl\u202etxt.exe".encode(), "zero\u200bwidth".encode(),
        "tag\U000e0041".encode(), b"back\\slash", b"GIT~1", ".g\u200cit".encode(), b".git ", b".git.", b".GIT",
        b".git::$INDEX_ALLOCATION",
    ],
)  # fmt: skip
def test_names_that_deceive_are_refused_in_printable_words(mirror: BareMirror, tree: Path, name: bytes) -> None:
    (Path(os.fsdecode(bytes(tree) + b"/" + name))).write_text("x")
    ((path, why),) = refused(mirror, tree).items()
    assert path.isprintable()
    assert "name" in why or "git directory" in why


def test_a_name_of_the_base_that_is_no_text_may_stay_but_not_change(
    origin: Origin, workspaces: LocalWorkspaces, tmp_path: Path
) -> None:
    origin.commit({"bad\udcff": "1", "fine": "1"})
    mirror, place = checked_out(workspaces, origin, tmp_path)
    (place / "fine").write_text("2")
    assert exported(mirror, place) == {"fine": "M"}
    (place / "bad\udcff").unlink()
    assert refused(mirror, place) == {"bad\\udcff": "has a name that is not valid UTF-8, and cannot be changed here"}


def test_links_inside_are_taken_and_links_outward_refused(mirror: BareMirror, tree: Path) -> None:
    (tree / "src/inner").symlink_to("../README.md")
    (tree / "gone").symlink_to("nowhere")
    assert exported(mirror, tree) == {"gone": "A", "src/inner": "A"}
    (tree / "abs").symlink_to("/etc/passwd")
    (tree / "up").symlink_to("../../x")
    (tree / "src/tricky").symlink_to("../src/../../etc")
    (tree / "config").symlink_to(".git/config")
    (tree / ".gitattributes").symlink_to("README.md")
    found = refused(mirror, tree)
    assert set(found) == {".gitattributes", "abs", "config", "src/tricky", "up"}
    assert "leads out" in found["abs"]


def test_a_link_of_the_base_that_leads_out_stays_as_it_was(
    origin: Origin, workspaces: LocalWorkspaces, tmp_path: Path
) -> None:
    origin.commit({"out": ("120000", "/etc/hostname")})
    mirror, place = checked_out(workspaces, origin, tmp_path)
    assert os.readlink(place / "out") == "/etc/hostname"
    assert exported(mirror, place) == {}


def test_a_folder_replaced_by_a_link_is_not_followed(mirror: BareMirror, tree: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "app.py").write_text("stolen\n")
    (tree / "src/app.py").unlink()
    (tree / "src").rmdir()
    (tree / "src").symlink_to(outside)
    assert refused(mirror, tree) == {"src": "is a symbolic link that leads out of the repository"}


def test_special_files_and_hard_links_are_refused(mirror: BareMirror, tree: Path) -> None:
    os.mkfifo(tree / "pipe")
    with socket.socket(socket.AF_UNIX) as unix:
        here = os.getcwd()
        os.chdir(tree)
        try:
            unix.bind("sock")
        finally:
            os.chdir(here)
        (tree / "one").write_text("x")
        os.link(tree / "one", tree / "two")
        found = refused(mirror, tree)
    assert set(found) == {"pipe", "sock", "one", "two"}
    assert "hard link" in found["one"]


def test_a_git_folder_of_the_agents_own_is_left_out_at_the_root_and_refused_below(
    mirror: BareMirror, tree: Path
) -> None:
    (tree / ".git").mkdir()
    (tree / ".git/config").write_text("[core]\n")
    assert exported(mirror, tree) == {}
    (tree / "vendor/.git").mkdir(parents=True)
    (tree / "src/.git").write_text("gitdir: /tmp/evil\n")
    assert set(refused(mirror, tree)) == {"vendor/.git", "src/.git"}


def test_submodules_are_kept_and_may_not_be_touched(
    origin: Origin, workspaces: LocalWorkspaces, tmp_path: Path
) -> None:
    origin.commit(
        {"sub": ("160000", "1" * 40), ".gitmodules": '[submodule "sub"]\n\tpath = sub\n\turl = https://e.com\n'}
    )
    mirror, place = checked_out(workspaces, origin, tmp_path)
    assert (place / "sub").is_dir()
    assert "sub" not in mirror.files(tip(mirror))
    assert exported(mirror, place) == {}
    (place / "sub/x").write_text("x")
    assert "submodule" in refused(mirror, place)["sub"]
    (place / "sub/x").unlink()
    (place / ".gitmodules").write_text("[submodule]\n")
    assert "submodules" in refused(mirror, place)[".gitmodules"]
    mirror.checkout(tip(mirror), tmp_path / "w2")
    (tmp_path / "w2/sub").rmdir()
    assert "submodule" in refused(mirror, tmp_path / "w2")["sub"]


def test_paths_kept_in_large_file_storage_are_refused(
    origin: Origin, workspaces: LocalWorkspaces, tmp_path: Path
) -> None:
    origin.commit(
        {".gitattributes": "*.psd filter=lfs diff=lfs merge=lfs -text\n", "a.psd": "version https://git-lfs\n"}
    )
    mirror, place = checked_out(workspaces, origin, tmp_path)
    assert exported(mirror, place) == {}
    (place / "a.psd").write_text("real picture")
    (place / "new.psd").write_text("real picture")
    (place / "fine.txt").write_text("x")
    assert set(refused(mirror, place)) == {"a.psd", "new.psd"}
