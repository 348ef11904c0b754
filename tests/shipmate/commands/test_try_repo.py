"""`shipmate try --repo`: a repository of one's own, its own tests in the sandbox, its own workflow as CI."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bot.settings.sources import SettingsInvalid
from shipmate.commands.try_environment import try_environment
from tests.journeys.command import ARGV
from tests.journeys.zygote import zygote

ENV = {
    "PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "ana", "GIT_AUTHOR_EMAIL": "ana@example.test",
    "GIT_COMMITTER_NAME": "ana", "GIT_COMMITTER_EMAIL": "ana@example.test",
}  # fmt: skip

TESTED = {
    "shop.py": "def total(prices):\n    return sum(prices)\n",
    "tests/test_shop.py": "from shop import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n",
    "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\n\n[tool.pytest.ini_options]\npythonpath = ["."]\n',
    ".github/workflows/ci.yml": """\
name: CI

on:
  pull_request:
    branches: [trunk]

jobs:
  tests:
    name: Tests
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - run: python -m pytest -q
""",
}
UNTESTED = {
    "README.md": "# Notes\r\n",
    "été.txt": "Names may hold anything.\n",
    ".github/workflows/ci.yml": "on: pull_request\njobs:\n  a:\n    uses: somebody/else/.github/workflows/x.yml@v1\n",
}

TAX = """
title = "a total with tax"
match = ['(?i)with tax']
[[turn]]
[[turn.tools]]
bash = '''
printf '\\n\\ndef with_tax(prices):\\n    return total(prices) * 1.1\\n' >> shop.py
printf '\\n\\ndef test_tax():\\n    import shop\\n    assert round(shop.with_tax([10])) == 11\\n' >> tests/test_shop.py
'''
[[turn]]
[[turn.tools]]
[turn.tools.finish]
title = "Add a total with tax"
summary = "with_tax adds 10 %."
"""
BROKEN = """
title = "break the total"
match = ['(?i)break']
[[turn]]
[[turn.tools]]
bash = "sed -i 's/sum(prices)/0/' shop.py"
[[turn]]
label = "again"
[[turn.tools]]
[turn.tools.finish]
title = "The total is nothing"
summary = "It is 0."
[[turn]]
next = "again"
[[turn.tools]]
bash = "true"
"""
HELLO = """
title = "say hello"
match = ['(?i)hello']
[[turn]]
[[turn.tools]]
bash = "echo Hello >> README.md"
[[turn]]
[[turn.tools]]
[turn.tools.finish]
title = "Say hello"
summary = "The notes say hello."
"""


def git(*arguments: str, at: Path) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=at, env=ENV, check=True, capture_output=True, text=True, timeout=60
    ).stdout.strip()


def repository(place: Path, files: dict[str, str], branch: str = "trunk") -> Path:
    place.mkdir(parents=True)
    git("init", "-q", "-b", branch, at=place)
    for name, content in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content.encode())
    git("add", "-A", at=place)
    git("commit", "-qm", "First", at=place)
    return place


def attempt(tmp_path: Path, source: Path, script: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    """`shipmate try` as a process, in an environment without anybody's settings: its exit code and last words."""
    (tmp_path / "script.toml").write_text(script)
    ran = zygote().run(
        [*ARGV, "try", *arguments, "--repo", str(source), "--script", str(tmp_path / "script.toml"),
         "--json", "--minutes", "2", "--env-file", "/dev/null"],
        {**ENV, "SHIPMATE_HOME": str(tmp_path / "home"), "SHIPMATE_POLL_SECONDS": "0.5"},
        180,
    )  # fmt: skip
    assert ran.stdout, ran.stderr
    return ran.returncode, json.loads(ran.stdout.splitlines()[-1])


def test_ones_own_repository_goes_to_merged_and_back_and_stays_as_it_was(tmp_path: Path) -> None:
    source = repository(tmp_path / "shop", TESTED)
    head = git("rev-parse", "HEAD", at=source)
    code, last = attempt(tmp_path, source, TAX, "a total with tax", "--until", "undone")
    assert (code, last["ok"], last["phase"]) == (0, True, "undone"), last
    assert last["checks"] == "green: 2 passed, 0 failed, 0 skipped (2 tests passed.)"
    assert last["ci"] == "green: 1 passed"
    assert git("rev-parse", "HEAD", at=source) == head
    assert git("status", "--porcelain", at=source) == ""
    subprocess.run(last["fetch"].split(" "), cwd=source, env=ENV, check=True, capture_output=True, timeout=60)
    assert git("diff", "--name-only", head, "FETCH_HEAD", at=source).splitlines() == ["shop.py", "tests/test_shop.py"]
    assert git("rev-parse", "FETCH_HEAD~1", at=source) == head


def test_a_change_that_breaks_the_repositorys_tests_ends_stuck_without_a_pull_request(tmp_path: Path) -> None:
    source = repository(tmp_path / "shop", TESTED)
    code, last = attempt(tmp_path, source, BROKEN, "break the total")
    assert (code, last["ok"], last["phase"], last["pull"]) == (1, False, "stuck", None), last
    assert "1 test fails" in last["says"]
    assert last["checks"].startswith("red: 0 passed, 1 failed")


def test_without_tests_nothing_is_proven_and_a_workflow_that_cannot_run_has_not_passed(tmp_path: Path) -> None:
    source = repository(tmp_path / "notes", UNTESTED, branch="été/notes")
    code, last = attempt(tmp_path, source, HELLO, "say hello")
    assert (code, last["phase"]) == (0, "merged"), last
    assert last["checks"].startswith("unproven: 0 passed")
    assert "no tests" in last["checks"]
    assert last["ci"] == "nothing ran: 1 skipped"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith(("SHIPMATE_", "GITHUB_", "SLACK_", "ANTHROPIC_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SHIPMATE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def place_of(repo: Path | str) -> str:
    return try_environment(str(repo), scripted=False, env_file=Path("none"))[0]["SHIPMATE_HOME"]


def test_two_repositories_of_one_name_have_a_state_folder_each(home: Path, tmp_path: Path) -> None:
    one = repository(tmp_path / "a" / "shop", TESTED)
    other = repository(tmp_path / "b" / "shop", UNTESTED)
    assert place_of(one) == place_of(f"file://{one}") == place_of(f"{one}/")
    assert place_of(one) != place_of(other)
    assert Path(place_of(one)).parent == home / "try"


def test_a_state_folder_inside_the_repository_does_not_show_in_it(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = repository(tmp_path / "shop", TESTED)
    monkeypatch.chdir(source)
    monkeypatch.delenv("SHIPMATE_HOME")
    assert place_of(".").startswith(str(source / ".shipmate" / "try"))
    assert (source / ".shipmate").is_dir()
    assert git("status", "--porcelain", at=source) == ""


def test_a_new_commit_is_tried_from_the_beginning(home: Path, tmp_path: Path) -> None:
    source = repository(tmp_path / "shop", TESTED)
    before = place_of(source)
    git("commit", "-q", "--allow-empty", "-m", "Second", at=source)
    assert place_of(source) != before


@pytest.mark.parametrize(
    ("repo", "said"),
    [
        ("nowhere", "is not a folder"),
        ("file:///nowhere/at/all", "is not a folder"),
        ("~nobody-has-this-name/shop", "is not a folder"),
        ("git@github.com:acme/shop.git", "is not a folder"),
        ("plain", "is not the top folder of a git repository"),
        ("shop/tests", "is not the top folder of a git repository"),
        ("empty", "has no commit yet"),
    ],
)
def test_what_is_no_repository_is_refused_before_anything_starts(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repo: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    repository(tmp_path / "shop", TESTED)
    (tmp_path / "plain").mkdir()
    (tmp_path / "empty").mkdir()
    git("init", "-q", at=tmp_path / "empty")
    with pytest.raises(SettingsInvalid) as refused:
        try_environment(repo, scripted=False, env_file=Path("none"))
    assert said in str(refused.value.problems[0])
    assert not (home / "try").exists()
