"""A repository behind git's own server for stages that need real commits, and a change at the GitHub stand-in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workers.forge.conftest import Shop, hub, shop
from tests.workers.stages.at_github import Life
from tests.workers.workspace.conftest import committed, forge, mirror, origin, workspaces

__all__ = ["committed", "forge", "hub", "mirror", "origin", "shop", "workspaces"]


@pytest.fixture
def life(tmp_path: Path, shop: Shop) -> Life:
    """A change that somebody just asked for."""
    (tmp_path / "life").mkdir()
    return Life(tmp_path / "life", shop)
