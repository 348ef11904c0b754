"""Another host goes on from the tree of a change, with only the remote, the database and the artifact store."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.artifacts import Artifacts
from tests.workers.workspace.conftest import Origin, forge, mirror, origin, tip, tree, workspaces
from workers import GiveUp
from workers.sandbox import overlay
from workers.stages.checkpoints import bring_tree, keep
from workers.workspace import Remote
from workers.workspace.folders import LocalWorkspaces
from workers.workspace.mirror import BareMirror

__all__ = ["forge", "mirror", "origin", "tree", "workspaces"]


class Marks(dict):
    """Marks in memory."""

    def under(self, prefix: str) -> dict[str, float]:
        return {name[len(prefix) :]: value for name, value in self.items() if name.startswith(prefix)}

    def move(self, name: str, value: float) -> None:
        self[name] = value

    def forget(self, prefix: str, below: float) -> None:
        for name in [one for one, value in self.items() if one.startswith(prefix) and value < below]:
            del self[name]


@pytest.fixture
<<<<<<< HEAD
def errand(tmp_path: Path) -> SimpleNamespace:
=======
def context(tmp_path):
>>>>>>> 4998adb (stages: What a stage is given is a StageContext.)
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


<<<<<<< HEAD
def test_a_tree_that_was_kept_is_had_on_another_host(
    errand: SimpleNamespace, mirror: BareMirror, elsewhere: BareMirror, changed: str
) -> None:
    base = tip(mirror)
    keep(errand, mirror, base, changed)
    keep(errand, mirror, base, changed)
    assert len(errand.tools.store.marks) == 1
    bring_tree(errand, elsewhere, changed)
    assert [one.path for one in elsewhere.changed(base, changed)] == ["src/app.py"]


def test_a_tree_without_a_change_needs_no_keeping(errand: SimpleNamespace, mirror: BareMirror) -> None:
    base = tip(mirror)
    keep(errand, mirror, base, mirror.tree(base))
    assert not errand.tools.store.marks


def test_a_tree_that_somebody_pushed_is_fetched(errand: SimpleNamespace, origin: Origin, elsewhere: BareMirror) -> None:
=======
def test_a_tree_that_was_kept_is_had_on_another_host(context, mirror, elsewhere, changed):
    base = mirror.sha("main")
    keep(context, mirror, base, changed)
    keep(context, mirror, base, changed)
    assert len(context.tools.store.marks) == 1
    bring_tree(context, elsewhere, changed)
    assert [one.path for one in elsewhere.changed(base, changed)] == ["src/app.py"]


def test_a_tree_without_a_change_needs_no_keeping(context, mirror):
    base = mirror.sha("main")
    keep(context, mirror, base, mirror.tree(base))
    assert not context.tools.store.marks


def test_a_tree_that_somebody_pushed_is_fetched(context, origin, elsewhere):
>>>>>>> 4998adb (stages: What a stage is given is a StageContext.)
    sha = origin.commit({"later.txt": "later\n"})
    bring_tree(context, elsewhere, sha)
    assert elsewhere.has(sha)


<<<<<<< HEAD
def test_a_tree_that_is_nowhere_ends_in_words(errand: SimpleNamespace, elsewhere: BareMirror, changed: str) -> None:
=======
def test_a_tree_that_is_nowhere_ends_in_words(context, elsewhere, changed):
>>>>>>> 4998adb (stages: What a stage is given is a StageContext.)
    with pytest.raises(GiveUp, match="a host that is gone"):
        bring_tree(context, elsewhere, changed)


<<<<<<< HEAD
def test_what_was_kept_and_is_damaged_ends_in_words(
    errand: SimpleNamespace, mirror: BareMirror, elsewhere: BareMirror, changed: str
) -> None:
    errand.tools.artifacts = SimpleNamespace(get=lambda _: b"something else", put=errand.tools.artifacts.put)
    errand.tools.store.marks.move("", 0)
    keep(errand, mirror, tip(mirror), changed)
=======
def test_what_was_kept_and_is_damaged_ends_in_words(context, mirror, elsewhere, changed):
    context.tools.artifacts = SimpleNamespace(get=lambda _: b"something else", put=context.tools.artifacts.put)
    context.tools.store.marks.move("", 0)
    keep(context, mirror, mirror.sha("main"), changed)
>>>>>>> 4998adb (stages: What a stage is given is a StageContext.)
    with pytest.raises(GiveUp, match="damaged"):
        bring_tree(context, elsewhere, changed)
