"""A fix of history as a script: what it writes is what the fix wrote, byte for byte."""

from __future__ import annotations

import os
import subprocess
import tomllib
from pathlib import Path

import pytest

from benchmarks.realworld import __main__ as realworld
from benchmarks.realworld import replay
from benchmarks.realworld.__main__ import PROJECTS

OLD = {"lib/a.py": b"one\ntwo\nthree", "run.sh": b"#!/bin/sh\n", "gone.txt": b"x\n", "crlf.txt": b"a\r\nb\r\n"}
NEW = {
    "lib/a.py": b"one\n2 {{two}}\nthree\nfour\n",
    "run.sh": b"#!/bin/sh\n",
    "crlf.txt": b"a\r\nc\r\n",
    "tests/test_a.py": b"def test():\n    assert 'END' + \"$(id)\" + '\\x00'\n",
    "it's odd/\xc3\xa4.bin": bytes(range(256)),
}


def git(folder: Path, *arguments: str) -> None:
    who = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
    subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True, env={**os.environ, **who})


def write(folder: Path, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


@pytest.fixture
def fix(tmp_path: Path) -> replay.Fix:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    write(folder, OLD)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Old.")
    (folder / "gone.txt").unlink()
    write(folder, NEW)
    (folder / "run.sh").chmod(0o755)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", 'Fix the "lib" {{now}} (#12)')
    return replay.read(folder, "HEAD")


def test_the_tests_come_first_and_everything_is_written_as_the_fix_did(fix: replay.Fix, tmp_path: Path) -> None:
    script = tomllib.loads(replay.script(fix))
    first, second, last = script["turn"]
    assert fix.tests == ["tests/test_a.py"]
    assert len(first["tools"]) == 1
    assert last["tools"][0]["finish"]["title"] == 'Fix the "lib" { {now}}'
    place = tmp_path / "workspace"
    write(place, OLD)
    for call in (*first["tools"], *second["tools"]):
        command = call["bash"].replace("/workspace", str(place))
        subprocess.run(["bash", "-c", command], cwd=place, check=True)
    found = {str(one.relative_to(place)): one.read_bytes() for one in place.rglob("*") if one.is_file()}
    assert found == NEW
    assert os.access(place / "run.sh", os.X_OK)


def test_a_project_whose_toolchain_is_not_here_is_listed_and_is_no_failure(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = tmp_path / "projects.toml"
    own.write_text('[[project]]\nname = "a/b"\nurl = "-"\nfix = "-"\nexpect = "green"\nneeds = { no-such = "some" }\n')
    monkeypatch.setattr(realworld, "PROJECTS", own)
    assert realworld.main(["--markdown"]) == 0
    told = capsys.readouterr().out
    assert "| a/b |" in told
    assert "| toolchain absent |" in told
    assert "a/b: not installed: no-such (Debian: some)\n" in told


def test_every_project_names_a_whole_commit_and_what_must_come_of_it() -> None:
    projects = tomllib.loads(PROJECTS.read_text())["project"]
    assert len({project["name"] for project in projects}) == len(projects) >= 12
    for project in projects:
        assert len(project["fix"]) == 40
        assert project["expect"] == "green" or (project["expect"] == "unproven" and project["why"])
