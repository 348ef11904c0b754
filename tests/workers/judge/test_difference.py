"""A diff as git prints it, taken apart: whatever is in the files, their names and hunks are git's."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.judge.difference import parse, unquoted

IDENTITY = ("-c", "user.name=ana", "-c", "user.email=ana@acme.example", "-c", "commit.gpgsign=false")
FLAGS = ("-r", "-p", "--text", "--no-renames", "--full-index", "--no-color")


def git(folder: Path, *args: str) -> bytes:
    return subprocess.run(["git", *IDENTITY, *args], cwd=folder, check=True, capture_output=True).stdout


def difference(folder: Path, before: dict[str, bytes], after: dict[str, bytes]) -> str:
    git(folder, "init", "-q")
    trees = []
    for files in (before, after):
        for old in [one for one in folder.rglob("*") if one.is_file() and ".git" not in one.parts]:
            old.unlink()
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        git(folder, "add", "-A")
        trees.append(git(folder, "write-tree").decode().strip())
    return git(folder, "diff-tree", *FLAGS, *trees).decode("utf-8", "replace")


def test_files_and_hunks_are_found_with_their_counts(tmp_path: Path) -> None:
    lines = [f"line {n}\n" for n in range(40)]
    changed = [*lines[:2], "new\n", *lines[2:30], "other\n", *lines[31:]]
    before = {"a.txt": "".join(lines).encode(), "gone.txt": b"x\n"}
    found = parse(difference(tmp_path, before, {"a.txt": "".join(changed).encode(), "b/new.txt": b"one\ntwo"}))
    assert [(one.path, one.added, one.removed, len(one.hunks), one.whole) for one in found] == [
        ("a.txt", 2, 1, 2, True),
        ("b/new.txt", 2, 0, 1, True),
        ("gone.txt", 0, 1, 1, True),
    ]
    assert found[1].what == ("new file mode 100644",)
    assert found[1].hunks[0].lines == ("+one", "+two", "\\ No newline at end of file")


def test_a_file_that_holds_a_diff_is_one_file(tmp_path: Path) -> None:
    evil = b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,1 +1,1 @@\n-a\n+b\ndiff --git a/y b/y\n"
    found = parse(difference(tmp_path, {"patch.diff": b"-- old\n"}, {"patch.diff": evil}))
    assert [(one.path, one.added, one.removed) for one in found] == [("patch.diff", 7, 1)]


@pytest.mark.parametrize(
    "name",
    ["with space.txt", "ümläut.txt", 'quo"te.txt', "tab\tname.txt", "line\nbreak.txt", "back\\slash.txt", "a b/c"],
)
def test_names_are_read_as_git_quotes_them(tmp_path: Path, name: str) -> None:
    found = parse(difference(tmp_path, {}, {name: b"x\n"}))
    assert [one.path for one in found] == [name]


def test_a_name_that_is_no_text_keeps_its_bytes() -> None:
    assert unquoted('"a\\377b"').encode("utf-8", "surrogateescape") == b"a\xffb"


def test_a_file_without_lines_and_a_mode_are_told(tmp_path: Path) -> None:
    text = difference(tmp_path, {"run.sh": b"x\n"}, {"run.sh": b"x\n", "empty": b""})
    assert [(one.path, one.hunks) for one in parse(text)] == [("empty", ())]
    mode = "diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n"
    assert parse(mode)[0].what == ("old mode 100644", "new mode 100755")


def test_a_diff_that_was_cut_short_is_not_whole(tmp_path: Path) -> None:
    text = difference(tmp_path, {}, {"a.txt": b"one\ntwo\nthree\n", "b.txt": b"x\n"})
    cut = text[: text.index("+three")]
    assert [(one.path, one.whole) for one in parse(cut)] == [("a.txt", False)]


@given(st.text(alphabet=st.sampled_from('@ -+,1290diff-gtab/\\"\n\r\0x')) | st.text())
def test_no_text_breaks_it(text: str) -> None:
    assert all(one.added >= 0 for one in parse(text))
