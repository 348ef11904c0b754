"""Another host goes on from the tree of a change, with only the remote, the database and the artifact store."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.artifacts import Artifacts
from tests.workers.workspace.conftest import Origin, forge, mirror, origin, tip, tree, workspaces
from workers import GiveUp
from workers.sandbox import overlay
from workers.stages.checkpoints import fetch_tree, keep
from workers.workspace import Remote
from workers.workspace.folders import LocalWorkspaces
from workers.workspace.mirror import BareMirror

__all__ = ["forge", "mirror", "origin", "tree", "workspaces"]


class Marks(dict[str, float]):
    """Marks in memory."""

    def under(self, prefix: str) -> dict[str, float]:
        return {name[len(prefix) :]: value for name, value in self.items() if name.startswith(prefix)}

    def move(self, name: str, value: float) -> None:
        self[name] = value

    def forget(self, prefix: str, below: float) -> None:
        for name in [one for one, value in self.items() if one.startswith(prefix) and value < below]:
            del self[name]


@pytest.fixture
def context(tmp_path: Path) -> Any:
    tools = SimpleNamespace(
        store=SimpleNamespace(marks=Marks()), artifacts=Artifacts(str(tmp_path / "artifacts")), clock=lambda: 1000.0
    )
    return SimpleNamespace(tools=tools, repository="acme/app")


@pytest.fixture
def elsewhere(origin: Origin, tmp_path: Path) -> BareMirror:
    return LocalWorkspaces(tmp_path / "other", layers=overlay.works).mirror(
        Remote("acme/app", origin.url, lambda: None)
    )


@pytest.fixture
def changed(mirror: BareMirror, tree: Path) -> str:
    (tree / "src/app.py").write_text("changed\n")
    return mirror.export(tree, tip(mirror))


def test_a_tree_that_was_kept_is_had_on_another_host(
    context: Any, mirror: BareMirror, elsewhere: BareMirror, changed: str
) -> None:
    base = tip(mirror)
    keep(context, mirror, base, changed)
    keep(context, mirror, base, changed)
    assert len(context.tools.store.marks) == 1
    fetch_tree(context, elsewhere, changed)
    assert [one.path for one in elsewhere.changed(base, changed)] == ["src/app.py"]


def test_a_tree_without_a_change_needs_no_keeping(context: Any, mirror: BareMirror) -> None:
    base = tip(mirror)
    keep(context, mirror, base, mirror.tree(base))
    assert not context.tools.store.marks


def test_a_pushed_tree_is_fetched(context: Any, origin: Origin, elsewhere: BareMirror) -> None:
    sha = origin.commit({"later.txt": "later\n"})
    fetch_tree(context, elsewhere, sha)
    assert elsewhere.has(sha)


def test_a_tree_that_is_nowhere_ends_in_words(context: Any, elsewhere: BareMirror, changed: str) -> None:
    with pytest.raises(GiveUp, match="a host that is gone"):
        fetch_tree(context, elsewhere, changed)


def test_what_was_kept_and_is_damaged_ends_in_words(
    context: Any, mirror: BareMirror, elsewhere: BareMirror, changed: str
) -> None:
    context.tools.artifacts = SimpleNamespace(get=lambda _: b"something else", put=context.tools.artifacts.put)
    context.tools.store.marks.move("", 0)
    keep(context, mirror, tip(mirror), changed)
    with pytest.raises(GiveUp, match="damaged"):
        fetch_tree(context, elsewhere, changed)
