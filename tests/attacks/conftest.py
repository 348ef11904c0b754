from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.listeners.world import World, world
from tests.story import TILL


@pytest.fixture(scope="session")
def one_world(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One workspace for all attacks of this process."""
    folder = tmp_path_factory.mktemp("attacked")
    shutil.copy(_sqlite_template, folder / "shipmate.db")
    with world(f"sqlite:///{folder / 'shipmate.db'}", folder, TILL) as running:
        yield running


@pytest.fixture
def here(one_world: World) -> World:
    one_world.phone.clear_faults()
    one_world.settled()
    return one_world
