"""One real runner for the tests of a process, and folders in what it shares."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workers.sandbox.runner.running import Runner, running
from workers.sandbox import Session
from workers.sandbox.runner.box import RunnerSandbox


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    with running(tmp_path_factory.mktemp("shared")) as made:
        yield made


@pytest.fixture
def workspace(runner: Runner, tmp_path: Path) -> Path:
    """An empty workspace that the runner can be given."""
    return runner.place(tmp_path.name)


@pytest.fixture
def bubblewrap(runner: Runner) -> RunnerSandbox:
    """The sandbox under test, by the name that the shared tests ask for."""
    return runner.box()


@pytest.fixture
def session(bubblewrap: RunnerSandbox, workspace: Path) -> Iterator[Session]:
    made = bubblewrap.open(workspace)
    yield made
    made.close()


@pytest.fixture
def any_session(session: Session) -> Session:
    return session
