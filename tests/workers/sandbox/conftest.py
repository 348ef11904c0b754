"""Real sandboxes around folders of the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from workers.sandbox.bubblewrap import Bubblewrap
from workers.sandbox.session import BashSession

TOOLBOX = Path(__file__).resolve().parents[3] / ".toolbox"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """An empty workspace."""
    place = tmp_path / "workspace"
    place.mkdir()
    return place


@pytest.fixture
def bubblewrap(tmp_path: Path) -> Bubblewrap:
    """The default sandbox with the toolbox."""
    return Bubblewrap(tmp_path / "home", TOOLBOX)


@pytest.fixture
def session(bubblewrap: Bubblewrap, workspace: Path) -> Iterator[BashSession]:
    """A session around the workspace."""
    made = bubblewrap.open(workspace)
    yield made
    made.close()
