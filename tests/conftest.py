"""Fixtures that every test may ask for: a database of each kind, migrated, one per test; and what each room took."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.store import Store
from tests import postgres
from tests.processor import Meter, room, table

METER = Meter()
gc.disable()  # nothing that is imported is garbage


def pytest_collection_finish() -> None:
    """Count the imports and the collection apart, and look for garbage only among what the tests make."""
    METER.charge("imports and collection")
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tell `make attacks` to which family a marked test belongs."""
    for item in items:
        if marker := item.get_closest_marker("attack"):
            item.user_properties.append(("attack", marker.args[0]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Count every test for its room."""
    done = yield
    METER.charge(room(item.path))
    return done


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over what this process counted, where another process prints it."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["processor"] = dict(METER.seconds)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add what a test process of pytest-xdist counted."""
    for name, spent in getattr(node, "workeroutput", {}).get("processor", {}).items():
        METER.seconds[name] += spent


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the processor seconds of every room, where several were run."""
    if len(METER.seconds) > 2:
        terminalreporter.section("processor seconds")
        for line in table(METER.seconds):
            terminalreporter.line(line)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[postgres.Cluster]:
    """One PostgreSQL server for this test process."""
    with postgres.cluster() as running:
        yield running


@pytest.fixture(scope="session")
def _postgres_template(postgres_cluster: postgres.Cluster) -> str:
    return migrated(postgres_cluster.create()).rsplit("/", 1)[1]


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "shipmate.db"
    migrated(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(_sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite database."""
    shutil.copy(_sqlite_template, tmp_path / "shipmate.db")
    return f"sqlite:///{tmp_path / 'shipmate.db'}"


@pytest.fixture
def postgres_url(postgres_cluster: postgres.Cluster, _postgres_template: str) -> Iterator[str]:
    """A migrated PostgreSQL database."""
    url = postgres_cluster.create(_postgres_template)
    yield url
    postgres_cluster.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database: the test runs once for each kind."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """A store on each kind of database."""
    opened = Store(database)
    yield opened
    opened.close()


def migrated(url: str) -> str:
    """Migrate a database and let go of it."""
    opened = Store(url)
    opened.migrate()
    opened.close()
    return url
