"""The verbs of the repository."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
VERBS = {
    *("setup", "demo", "play", "test", "lint", "check", "house", "cards", "lifecycle", "bench", "realworld", "release"),
    *("clean", "help", "attacks"),
}


def make(*arguments: str) -> str:
    run = subprocess.run(["make", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    return run.stdout


def test_help_lists_every_verb() -> None:
    assert {line.split()[1] for line in make("help").splitlines()} == VERBS


def test_help_is_what_make_does_without_a_verb() -> None:
    assert make() == make("help")


def test_one_room_of_the_tests_is_run_where_it_is_named() -> None:
    assert make("-n", "test", "AREA=cards").rstrip().endswith("-m pytest -n 2 --dist loadgroup tests/cards")
    wrong = subprocess.run(["make", "area", "AREA=card"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert wrong.returncode != 0
    assert wrong.stdout.startswith("There is no tests/card. Rooms: attacks/ ")


def test_ci_sets_up_checks_and_tests() -> None:
    steps = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line.startswith("make ")]
    assert steps == ["make setup", "make check", "make test"]


def test_everything_installed_is_locked_with_hashes() -> None:
    for lock in ("requirements.lock", "deploy/toolbox.lock"):
        entries = re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text())
        pinned = [entry for entry in entries if re.match(r"[a-z0-9].*==", entry)]
        assert len(pinned) > 5
        assert [entry.split("==")[0] for entry in pinned if "--hash=sha256:" not in entry] == []


def test_every_declared_dependency_is_locked() -> None:
    import tomllib

    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = declared["optional-dependencies"]
    wanted = [*declared["dependencies"], *extras["embedded"], *extras["dev"]]
    names = {re.split(r"[\[<>=;~ ]", one)[0].lower() for one in wanted}
    locked = set(
        re.findall(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^\]]*\])?==", (ROOT / "requirements.lock").read_text(), re.M)
    )
    assert names - locked == set()
