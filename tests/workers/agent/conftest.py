"""A workspace for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workers.agent.acting import Workbench


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(tmp_path / "workspace")
