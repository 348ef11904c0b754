"""`shipmate try`, with every process: once as `python -m` starts them, otherwise forked, which takes seconds less."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shipmate.supervise.home_lock import who_runs
from tests.journeys.command import ARGV
from tests.journeys.zygote import zygote

GREET = """
title = "greet"
match = ['(?i)greet']
[[turn]]
[[turn.tools]]
create.path = "/workspace/greet.py"
create.text = '''
def greet(name):
    return f"Hello, {name}!"
'''
[[turn.tools]]
create.path = "/workspace/test_greet.py"
create.text = '''
import unittest

from greet import greet


class GreetTest(unittest.TestCase):
    def test_greets(self):
        self.assertEqual(greet("ana"), "Hello, ana!")
'''
[[turn]]
[[turn.tools]]
[turn.tools.finish]
title = "Greet people"
summary = "There is a greeting now."
"""

NOTHING = """
import unittest


class NothingTest(unittest.TestCase):
    def test_nothing(self):
        pass
"""


def environment(home: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "SHIPMATE_HOME": str(home)}


def attempt(home: Path, *arguments: str, forked: bool = True) -> tuple[int, list[dict[str, Any]], str]:
    arguments = ("try", *arguments, "--json", "--env-file", "/dev/null")
    if forked:
        ran = zygote().run([*ARGV, *arguments], environment(home), 180)
    else:
        ran = subprocess.run(
            [sys.executable, "-m", "shipmate.cli", *arguments],
            env=environment(home),
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
    return ran.returncode, [json.loads(line) for line in ran.stdout.splitlines()], ran.stderr


def processes_of(home: Path) -> list[str]:
    """Command lines of processes whose command line, environment or open files name the home."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal() and int(entry.name) != os.getpid():
                about = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                about += b"".join(os.readlink(os.fsencode(file)) for file in (entry / "fd").iterdir())
                if str(home).encode() in about:
                    found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return found


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A running demo; its state folder."""
    home = tmp_path_factory.mktemp("demo") / "home"
    home.mkdir()
    arguments = ("demo", "--no-open", "--turn-delay-ms", "0", "--env-file", "/dev/null")
    process = zygote().start([*ARGV, *arguments], environment(home))
    said = ""
    deadline = time.monotonic() + 90
    while "is ready" not in said:
        line = process.stdout.readline().decode()
        said += line
        assert line, said
        assert time.monotonic() < deadline, said
    assert len(processes_of(home)) >= 5
    yield home
    os.kill(process.pid, signal.SIGTERM)
    said += process.stdout.read().decode()
    assert process.wait() == 0, said
    assert processes_of(home) == []


@pytest.mark.xdist_group("demo")
def test_a_change_goes_all_the_way_and_back_in_a_running_demo(demo: Path) -> None:
    code, lines, errors = attempt(demo, "make the total include tax", "--until", "undone", "--minutes", "2")
    assert code == 0, (lines[-3:], errors)
    assert "Using the Shipmate that runs" in errors
    phases = [line["phase"] for line in lines if line.get("phase")]
    order = ["preparing", "editing", "checking", "publishing", "in_ci", "ready", "merged", "undone"]
    assert [phase for phase in order if phase in phases] == order
    assert lines[-1]["ok"] is True
    assert lines[-1]["undo"] != lines[-1]["pull"]
    assert "(scripted)" in lines[-1]["model"]
    assert lines[-1]["checks"].startswith("green")


@pytest.mark.xdist_group("demo")
def test_who_may_not_approve_does_not_and_the_exit_code_says_so(demo: Path) -> None:
    code, lines, _ = attempt(demo, "add a tip of 10% button", "--approve-as", "mallory", "--minutes", "2")
    assert code == 1
    assert lines[-1]["ok"] is False
    assert "mallory" in lines[-1]["says"]
    assert lines[-1]["phase"] == "ready"
    assert lines[-1]["merge_sha"] is None


@pytest.mark.xdist_group("demo")
def test_who_may_not_ask_hears_what_was_whispered(demo: Path) -> None:
    code, lines, _ = attempt(demo, "make the total include tax", "--as", "mallory", "--minutes", "0.3")
    assert (code, "Guests cannot ask" in lines[-1]["says"]) == (1, True), lines[-1]


@pytest.mark.xdist_group("demo")
def test_what_the_script_does_not_know_is_said_and_fails(demo: Path) -> None:
    code, lines, _ = attempt(demo, "translate everything to Welsh", "--minutes", "1")
    assert code == 1
    assert "scripted" in lines[-1]["says"].lower()


@pytest.mark.xdist_group("demo")
def test_time_that_runs_out_has_its_own_exit_code(demo: Path) -> None:
    code, lines, _ = attempt(demo, "round prices to the nearest 5 cents", "--minutes", "0.05")
    assert code == 3
    assert lines[-1]["says"].startswith("Not merged within 3 s")


@pytest.mark.xdist_group("try-repo")
def test_a_local_repository_is_taken_through_with_a_script_and_nothing_is_left_running(tmp_path: Path) -> None:
    source = tmp_path / "greeter"
    source.mkdir()
    (source / "README.md").write_text("A greeter.\n")
    (source / "test_nothing.py").write_text(
        "import unittest\n\n\nclass T(unittest.TestCase):\n    def test_it(self):\n        pass\n"
    )
    identity = ["-c", "user.name=ana", "-c", "user.email=ana@example.test"]
    for arguments in (["init", "-q", "-b", "trunk"], ["add", "-A"], [*identity, "commit", "-q", "-m", "First"]):
        subprocess.run(["git", *arguments], cwd=source, check=True)
    (tmp_path / "greet.toml").write_text(GREET)
    home = tmp_path / "home"
    home.mkdir()
    code, lines, errors = attempt(
        home, "greet people", "--repo", str(source), "--script", str(tmp_path / "greet.toml"), "--minutes", "2",
        forked=False,
    )  # fmt: skip
    assert code == 0, (lines[-3:], errors)
    assert lines[-1]["title"] == "Greet people"
    assert lines[-1]["checks"].startswith("green: 2 passed")
    assert "/local/greeter/pull/1" in lines[-1]["pull"]
    assert processes_of(home) == []
    assert who_runs(home / "try" / "greeter") is None
    status = subprocess.run(["git", "status", "--porcelain"], cwd=source, capture_output=True, text=True, check=True)
    assert status.stdout == ""


@pytest.mark.xdist_group("try-repo")
def test_a_repository_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    subprocess.run(["git", "init", "-q"], cwd=tmp_path / "empty", check=True)
    home = tmp_path / "home"
    home.mkdir()
    code, lines, errors = attempt(home, "x", "--repo", str(tmp_path / "empty"))
    assert (code, lines) == (2, [])
    assert "no commit" in errors
    assert "Traceback" not in errors
