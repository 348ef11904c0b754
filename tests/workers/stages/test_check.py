"""The check stage on real commits, in the real sandbox: what is recorded, told and kept for the next change."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.artifacts import Artifacts
from bot.domain.effects import Check
from bot.domain.events import Checked
from bot.domain.verdict import Counts, Verdict
from bot.store import Store
from tests.workers.workspace.conftest import Origin
from workers.egress.network import AllowedHosts
from workers.sandbox.bubblewrap import Bubblewrap
from workers.stages.check import check
from workers.stages.context import StageContext
from workers.workspace.folders import LocalWorkspaces
from workers.workspace.mirror import BareMirror

TOOLBOX = Path(__file__).resolve().parents[3] / ".toolbox"
CODE = {"pytest.ini": "[pytest]\n", "calc.py": "def add(a, b):\n    return a - b\n"}
OLD = {
    "tests/test_old.py": "def test_old():\n    assert True\n",
    "tests/test_bad.py": "def test_bad():\n    assert 0\n",
}
FIX = {
    "calc.py": "def add(a, b):\n    return a + b\n",
    "tests/test_add.py": "from calc import add\n\ndef test_add():\n    assert add(1, 2) == 3\n",
}


class Bench:
    """Commits, and contexts for the check of one of them against another."""

    def __init__(self, folder: Path, origin: Origin, workspaces: LocalWorkspaces, mirror: BareMirror) -> None:
        self.origin, self.mirror, self.workspaces = origin, mirror, workspaces
        self.store = Store(f"sqlite:///{folder / 'shipmate.db'}")
        self.store.migrate()
        self.artifacts = Artifacts(str(folder / "artifacts"))
        self.box = Bubblewrap(folder / "sandbox", TOOLBOX)
        self.fence = 0

    def commit(self, branch: str, files: dict[str, str]) -> str:
        sha = self.origin.commit(dict(files), branch=branch)
        self.mirror.fetch()
        return sha

    def checked(self, base: str, head: str) -> Checked:
        self.fence += 1
        tools = SimpleNamespace(
            workspaces=self.workspaces, sandbox=self.box, installer=None, artifacts=self.artifacts, store=self.store,
            clock=lambda: float(self.fence), network=AllowedHosts(),
        )  # fmt: skip
        context: Any = SimpleNamespace(
            change=SimpleNamespace(id="c1", base_sha=base),
            claim=SimpleNamespace(effect=Check(tree=self.mirror.tree(head)), fence=self.fence),
            tools=tools,
            repository="acme/app",
            lost=threading.Event(),
            need=lambda value, what: value,
            mirror=lambda: self.mirror,
            still_mine=lambda: None,
            say=lambda words: None,
        )
        return check(cast(StageContext, context))


@pytest.fixture
def bench(tmp_path: Path, origin: Origin, workspaces: LocalWorkspaces, mirror: BareMirror) -> Bench:
    return Bench(tmp_path, origin, workspaces, mirror)


def test_a_fix_is_green_proven_and_its_log_is_kept(bench: Bench) -> None:
    base = bench.commit("one", {**CODE, **OLD})
    head = bench.commit("two", {**CODE, **OLD, **FIX})
    found = bench.checked(base, head)
    assert found.told == ""
    assert found.evidence.verdict is Verdict.GREEN
    assert found.evidence.reasons == ("2 tests passed.", "1 test failed before this change too.")
    assert found.evidence.subject == bench.mirror.tree(head)
    assert found.evidence.base == Counts(passed=1, failed=1)
    assert found.evidence.proof is not None
    assert found.evidence.proof.tests == ("tests.test_add.test_add",)
    log = bench.artifacts.get(found.evidence.log or "").decode()
    assert "2 passed" in log
    assert "===== The same command on the base commit (exit code 1" in log
    assert "===== The tests of the change, without the change (exit code 1" in log


def test_nothing_of_a_check_is_left_on_the_disk(bench: Bench, tmp_path: Path) -> None:
    base = bench.commit("one", {**CODE, **OLD})
    bench.checked(base, bench.commit("two", {**CODE, **OLD, **FIX}))
    assert [path for path in (tmp_path / "home" / "checkouts").rglob("*") if path.is_file()] == []


def test_the_next_change_finds_what_is_known_of_the_base(bench: Bench) -> None:
    base = bench.commit("one", {**CODE, **OLD})
    bench.checked(base, bench.commit("two", {**CODE, **OLD, **FIX}))
    kept = bench.store.marks.under("recall:")
    second = bench.checked(base, bench.commit("three", {**CODE, **OLD, "more.py": "x = 1\n"}))
    assert second.evidence.base == Counts(passed=1, failed=1)
    later = bench.store.marks.under("recall:")
    assert len(kept) == 1
    assert kept.keys() < later.keys(), "the failure that was kept is asked for again, once"
    bench.checked(base, bench.commit("four", {**CODE, **OLD, "more.py": "x = 2\n"}))
    assert bench.store.marks.under("recall:").keys() == later.keys()


def test_what_the_agent_is_told_names_new_failures_and_leaves_old_ones_alone(bench: Bench) -> None:
    base = bench.commit("one", {**CODE, **OLD})
    broken = {**CODE, **OLD, "tests/test_old.py": "def test_old():\n    assert 1 == 2, 'sum is off'\n"}
    found = bench.checked(base, bench.commit("two", broken))
    assert found.evidence.verdict is Verdict.RED
    assert found.evidence.reasons[0] == "2 of 2 tests failed, 1 of them before this change too."
    assert "FAILED tests.test_old.test_old" in found.told
    assert "sum is off" in found.told
    assert "leave them alone:\ntests.test_bad.test_bad" in found.told


def test_a_repository_without_tests_is_unproven(bench: Bench) -> None:
    base = bench.commit("one", {"README.md": "x"})
    found = bench.checked(base, bench.commit("two", {"README.md": "y"}))
    assert found.evidence.verdict is Verdict.UNPROVEN
    assert "recognises" in found.evidence.reasons[0]
