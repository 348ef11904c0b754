"""The editor as the model uses it, in a process of its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.workers.agent.acting import FolderSession
from workers.agent.tools import bash, editor
from workers.agent.tools.tool_result import ToolResult
from workers.sandbox import Limits


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ws").mkdir()
    return tmp_path / "ws"


def edit(folder: Path, command: str, path: str = "/workspace/a.txt", **given: Any) -> ToolResult:
    return editor.run({"command": command, "path": path, **given}, FolderSession(folder), lambda: False)


def test_view_numbers_the_lines_and_takes_a_range(folder: Path) -> None:
    (folder / "a.txt").write_text("one\ntwo\nthree\n")
    assert edit(folder, "view").text == "     1\tone\n     2\ttwo\n     3\tthree"
    assert edit(folder, "view", view_range=[2, -1]).text == "     2\ttwo\n     3\tthree"
    assert edit(folder, "view", path="a.txt", view_range=[2, 2]).text == "     2\ttwo"
    assert edit(folder, "view", view_range=[4, 9]).failed


def test_view_of_a_folder_lists_two_levels_without_hidden_ones(folder: Path) -> None:
    for name in ("src/deep/er.py", "src/a.py", ".hidden/x", "node_modules/y", "top.md"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    listed = edit(folder, "view", path="/workspace").text.splitlines()[1:]
    assert listed == ["/workspace/src/", "/workspace/src/a.py", "/workspace/src/deep/", "/workspace/top.md"]


def test_a_long_file_is_shown_in_part_with_the_way_to_the_rest(folder: Path) -> None:
    (folder / "a.txt").write_text("".join(f"line {n} {'x' * 50}\n" for n in range(5000)))
    said = edit(folder, "view").text
    assert len(said) < 16_000
    assert "give view_range [" in said


def test_create_makes_folders_and_says_when_it_overwrote(folder: Path) -> None:
    assert edit(folder, "create", path="/workspace/new/b.txt", file_text="hi\n").text == "Created /workspace/new/b.txt."
    assert (folder / "new/b.txt").read_text() == "hi\n"
    assert "Overwrote" in edit(folder, "create", path="/workspace/new/b.txt", file_text="ho\n").text


def test_str_replace_wants_exactly_one_place(folder: Path) -> None:
    (folder / "a.txt").write_text("x = 1\ny = 2\nx = 1\n")
    twice = edit(folder, "str_replace", old_str="x = 1", new_str="x = 3")
    assert twice.failed
    assert "2 times" in twice.text
    assert "lines 1, 3" in twice.text
    absent = edit(folder, "str_replace", old_str="y  =  2", new_str="")
    assert absent.failed
    assert "blanks or line breaks differ" in absent.text
    assert absent.text.endswith("The nearest is:\n     2\ty = 2")
    same = edit(folder, "str_replace", old_str="y = 2", new_str="y = 2")
    assert same.failed
    assert "nothing was changed" in same.text
    done = edit(folder, "str_replace", old_str="y = 2\nx = 1", new_str="y = 4")
    assert not done.failed
    assert (folder / "a.txt").read_text() == "x = 1\ny = 4\n"
    assert "     2\ty = 4" in done.text


@pytest.mark.parametrize(
    ("old", "told"),
    [
        (
            "def total(net,tax):\n    return net - tax\n",
            "The nearest is:\n     3\tdef total(net, tax):\n     4\t    return",
        ),
        ("    return net - tax", "The nearest is:\n     4\t    return net + tax"),
        ("say('hello' - you)", "The nearest is:\n     6\tsay(\u2018hello\u2019 \u2013 you)"),
        ("if x:\n    go()", "Tabs are written as \\t here. The nearest is:\n     7\tif x:\n     8\t\\tgo()"),
        ("     4\t    return net + tax", "Leave the line numbers out"),
        ("class Nothing(Like, It):", "nor anything like it"),
        ("}", "nor anything like it"),
    ],
)
def test_where_a_text_is_not_the_nearest_is_shown_with_its_lines(old: str, told: str, folder: Path) -> None:
    text = "\n\ndef total(net, tax):\n    return net + tax\n\nsay(\u2018hello\u2019 \u2013 you)\nif x:\n\tgo()\n"
    (folder / "a.txt").write_text(text)
    answer = edit(folder, "str_replace", old_str=old, new_str="x")
    assert answer.failed
    assert told in answer.text
    assert (folder / "a.txt").read_text() == text


def test_the_nearest_of_a_large_file_is_found_in_time(folder: Path) -> None:
    (folder / "a.txt").write_text("".join(f"value_{n} = {n} * {n}\n" for n in range(150_000)))
    answer = edit(folder, "str_replace", old_str="value_149999 = 149999 * 149999\nnothing", new_str="x")
    assert "150000\tvalue_149999" in answer.text
    assert edit(folder, "str_replace", old_str="walue_149998 = 149998*149997", new_str="x").failed


def test_a_wrong_folder_is_told_with_the_right_one(folder: Path) -> None:
    (folder / "lib").mkdir()
    (folder / "lib/a.txt").write_text("one\n")
    assert edit(folder, "view", path="/workspace/src/a.txt").text == (
        "/workspace/src/a.txt does not exist. Files of that name: /workspace/lib/a.txt."
    )
    assert edit(folder, "view", path="lib/a.txt/b").text == "/workspace/lib/a.txt/b does not exist."
    assert "a file in the way" in edit(folder, "create", path="lib/a.txt/b", file_text="x").text


def test_a_file_with_windows_line_ends_keeps_them_whatever_is_done_to_it(folder: Path) -> None:
    file = folder / "a.txt"
    file.write_bytes(b"one\r\ntwo\r\n")
    edit(folder, "str_replace", old_str="one", new_str="1\n1.5")
    edit(folder, "insert", insert_line=3, insert_text="three\nfour")
    assert file.read_bytes() == b"1\r\n1.5\r\ntwo\r\nthree\r\nfour\r\n"
    edit(folder, "create", file_text="new\nfile\n")
    assert file.read_bytes() == b"new\r\nfile\r\n"
    file.write_bytes(b"one\r\ntwo\n")
    edit(folder, "insert", insert_line=1, insert_text="between")
    assert file.read_bytes() == b"one\r\nbetween\ntwo\n"


def test_str_replace_without_a_new_text_deletes(folder: Path) -> None:
    (folder / "a.txt").write_text("keep\ndrop\n")
    assert not edit(folder, "str_replace", old_str="drop\n").failed
    assert (folder / "a.txt").read_text() == "keep\n"


def test_insert_works_at_start_middle_and_end(folder: Path) -> None:
    (folder / "a.txt").write_text("one\ntwo")
    edit(folder, "insert", insert_line=0, insert_text="zero\n")
    edit(folder, "insert", insert_line=2, insert_text="one and a half")
    edit(folder, "insert", insert_line=4, insert_text="three")
    assert (folder / "a.txt").read_text() == "zero\none\none and a half\ntwo\nthree\n"
    assert edit(folder, "insert", insert_line=99, insert_text="x").failed


def test_mode_line_endings_and_odd_bytes_survive_an_edit(folder: Path) -> None:
    file = folder / "a.txt"
    file.write_bytes(b"#!/bin/sh\r\necho caf\xe9\r\necho two\r\n")
    file.chmod(0o755)
    assert not edit(folder, "str_replace", old_str="echo two\n", new_str="echo three\n").failed
    assert file.read_bytes() == b"#!/bin/sh\r\necho caf\xe9\r\necho three\r\n"
    assert file.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../outside.txt", "/workspace/../outside.txt", "link", "linked/x.txt", ""]
)
def test_nothing_outside_of_the_workspace_is_read_or_written(path: str, folder: Path) -> None:
    outside = folder.parent / "outside.txt"
    outside.write_text("secret")
    (folder / "link").symlink_to(outside)
    (folder / "linked").symlink_to(folder.parent)
    for answer in (
        edit(folder, "view", path=path),
        edit(folder, "create", path=path, file_text="x"),
        edit(folder, "str_replace", path=path, old_str="secret", new_str="x"),
    ):
        assert answer.failed
        assert "secret" not in answer.text
        assert str(folder.parent) not in answer.text
    assert outside.read_text() == "secret"
    assert not (folder.parent / "x.txt").exists()


def test_special_and_binary_files_are_refused_without_hanging(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "bin").write_bytes(b"\x7fELF\0\0")
    assert "not a regular file" in edit(folder, "view", path="/workspace/pipe").text
    assert "not a text file" in edit(folder, "view", path="/workspace/bin").text
    assert edit(folder, "create", path="/workspace/pipe", file_text="x").failed


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"command": "undo_edit", "path": "/workspace/a.txt"},
        {"command": "view"},
        {"command": "view", "path": 7},
        {"command": "create", "path": "/workspace/n.txt"},
        {"command": "view", "path": "/workspace/a.txt", "view_range": "1-2"},
        {"command": "str_replace", "path": "/workspace/a.txt", "old_str": ""},
    ],
)
def test_a_malformed_call_is_told_and_never_raised(given: dict[str, Any], folder: Path) -> None:
    (folder / "a.txt").write_text("one\n")
    answer = editor.run(given, FolderSession(folder), lambda: False)
    assert answer.failed
    assert "did not work here" not in answer.text
    assert (folder / "a.txt").read_text() == "one\n"


def test_a_sandbox_without_the_editor_says_so(tmp_path: Path) -> None:
    session = FolderSession(tmp_path)
    session.run = lambda command, **more: FolderSession(tmp_path).shell("echo python3: not found; exit 127")  # type: ignore[method-assign]  # no python inside
    assert "Use bash instead" in editor.run({"command": "view", "path": "a"}, session, lambda: False).text


def test_bash_tells_output_exit_status_and_time_limit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = FolderSession(folder)
    assert bash.run({"command": "echo hi"}, session, lambda: False) == ToolResult("hi")
    assert bash.run({"command": "echo no; exit 3"}, session, lambda: False) == ToolResult(
        "no\n[exit status 3]", failed=True
    )
    monkeypatch.setattr(bash, "LIMITS", Limits(wall_seconds=0.2))
    late = bash.run({"command": "sleep 5"}, session, lambda: False)
    assert late.failed
    assert "time limit" in late.text
    assert session.restarts == 1
    bash.run({"restart": True}, session, lambda: False)
    assert session.restarts == 2


def test_an_input_that_is_nested_without_end_is_told_and_not_raised(tmp_path: Path) -> None:
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    answer = editor.run({"command": "view", "path": "a.txt", "more": deep}, FolderSession(tmp_path), lambda: False)
    assert answer.failed
    assert "nested" in answer.text
