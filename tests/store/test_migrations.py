"""A database becomes what the tables say, once, whoever starts first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.store import Store, schema
from bot.store.engine import reading
from bot.store.tables import metadata
from tests.postgres import Cluster

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'shipmate.db'}"
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    return cluster.create("template0")


def test_an_empty_database_becomes_the_tables(empty: str) -> None:
    store = Store(empty)
    assert not store.ready()
    assert store.migrate() is True
    assert store.ready()
    with reading(store.engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    store.close()


def test_a_second_migration_has_nothing_to_do(empty: str) -> None:
    store = Store(empty)
    store.migrate()
    assert store.migrate() is False
    store.close()


def test_the_newest_revision_is_the_newest_file() -> None:
    assert ScriptDirectory(str(schema.HERE)).get_current_head() == schema.HEAD


def test_processes_that_start_together_migrate_once(empty: str) -> None:
    code = f"from bot.store import Store; s = Store({empty!r}); print(s.migrate(), s.ready())"
    command = [sys.executable, "-c", code]
    started = [subprocess.Popen(command, cwd=ROOT, stdout=-1, stderr=-1, encoding="utf-8") for _ in range(4)]
    ended = [process.communicate(timeout=90) for process in started]
    assert sorted(out.strip() for out, _ in ended) == ["False True"] * 3 + ["True True"], ended


def test_every_installation_signs_its_commits_with_a_key_of_its_own(empty: str, tmp_path: Path) -> None:
    store, other = Store(empty), Store(f"sqlite:///{tmp_path / 'other.db'}")
    store.migrate()
    other.migrate()
    assert len(store.keys.commits()) == 32
    assert store.keys.commits() != other.keys.commits()
    again = Store(empty)
    again.migrate()
    assert again.keys.commits() == store.keys.commits()
    for one in (store, other, again):
        one.close()
