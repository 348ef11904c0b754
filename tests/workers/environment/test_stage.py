"""What a stage does with the packages: the policy file is held to its words, and the evidence says what is missing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.artifacts import Artifacts
from bot.domain.effects import Check
from bot.domain.verdict import Evidence, Verdict
from bot.store import Store
from tests.workers.workspace.conftest import Committed
from workers.checks.plan import PolicyError, plan
from workers.egress.network import AllowedHosts
from workers.environment import Installed, Recipe
from workers.sandbox.bubblewrap import Bubblewrap
from workers.stages.check import check
from workers.workspace.folders import LocalWorkspaces

NEEDS = {"test_quay.py": "import harbour\n\ndef test_depth():\n    assert harbour\n", "requirements.txt": "harbour\n"}
NEEDS_NOT = {"test_quay.py": "def test_depth():\n    assert True\n", "requirements.txt": "harbour\n"}
REASON = "What it needs could not be installed: no."


class Installer:
    """Answers as it is told, and remembers what it was asked for."""

    def __init__(self, answer: Installed) -> None:
        self.answer = answer
        self.asked: list[tuple[object, str]] = []

    @contextmanager
    def installed(self, recipe: Recipe, repository: str, checkout: object, **_: object) -> Iterator[Installed]:
        self.asked.append((recipe.needs["python"].groups[0].files, repository))
        yield self.answer


Found = Callable[[dict[str, str], Installer | None], Evidence]


@pytest.fixture
def evidence(box: Bubblewrap, tmp_path: Path, workspaces: LocalWorkspaces, committed: Committed) -> Found:
    """What the stage finds at a repository's only commit."""

    def found(files: dict[str, str], installer: Installer | None) -> Evidence:
        mirror, _origin, base = committed(files)
        store = Store(f"sqlite:///{tmp_path / 'shipmate.db'}")
        store.migrate()
        tools = SimpleNamespace(
            workspaces=workspaces,
            sandbox=box,
            installer=installer,
            artifacts=Artifacts(str(tmp_path / "artifacts")),
            store=store,
            clock=lambda: 1.0,
            network=AllowedHosts(),
        )
        context: Any = SimpleNamespace(
            change=SimpleNamespace(id="c1", base_sha=base),
            claim=SimpleNamespace(effect=Check(tree=mirror.tree(base)), fence=1),
            tools=tools,
            repository="acme/quay",
            lost=threading.Event(),
            need=lambda value, what: value,
            mirror=lambda: mirror,
            still_mine=lambda: None,
            say=lambda words: None,
        )
        return check(context).evidence

    return found


def test_what_could_not_be_installed_is_the_first_reason_where_nothing_was_proven(evidence: Found) -> None:
    installer = Installer(Installed(reasons=(REASON,)))
    found = evidence(NEEDS, installer)
    assert found.verdict is Verdict.UNPROVEN
    assert found.reasons == (REASON, "The checks need harbour, which the sandbox does not have.")
    assert installer.asked == [(("requirements.txt",), "acme/quay")]


def test_it_is_the_last_reason_where_the_checks_were_conclusive(evidence: Found) -> None:
    found = evidence(NEEDS_NOT, Installer(Installed(reasons=(REASON,))))
    assert (found.verdict, found.reasons) == (Verdict.GREEN, ("1 test passed.", REASON))


def test_without_an_installer_the_checks_run_with_what_there_is(evidence: Found) -> None:
    found = evidence(NEEDS_NOT, None)
    assert (found.verdict, found.reasons) == (Verdict.GREEN, ("1 test passed.",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('command = ""', "`command` is empty."),
        ("command = 3", "`command` must be"),
        ('inputs = ["../x"]', "`inputs` must stay inside the repository."),
        ("minutes = 500", "`minutes` must be more than 0"),
        ('hosts = ["elsewhere.example"]', "[setup] has no key `hosts`"),
    ],
)
def test_mistakes_of_the_policy_file_are_refused(text: str, message: str) -> None:
    with pytest.raises(PolicyError) as caught:
        plan(lambda path: f"[setup]\n{text}\n".encode(), [".shipmate.toml"])
    assert caught.value.line == 2
    assert message in caught.value.message


def test_a_setup_alone_changes_nothing_of_the_plan() -> None:
    with_setup = {**NEEDS, ".shipmate.toml": '[setup]\ncommand = "make deps"\n'}
    assert plan(lambda path: with_setup[path].encode(), list(with_setup)) == plan(
        lambda path: NEEDS[path].encode(), list(NEEDS)
    )
