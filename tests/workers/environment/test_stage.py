"""What a stage does with the packages: the policy file is held to its words, and the evidence says what is missing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.artifacts import Artifacts
from bot.domain.effects import Check
from bot.domain.verdict import Verdict
from bot.store import Store
from workers.checks.plan import PolicyError, plan
from workers.egress.network import AllowedHosts
from workers.environment import Installed, Recipe
from workers.sandbox.bubblewrap import Bubblewrap
from workers.stages.check import check
from workers.workspace import Workspace

NEEDS = {"test_quay.py": "import harbour\n\ndef test_depth():\n    assert harbour\n", "requirements.txt": "harbour\n"}
NEEDS_NOT = {"test_quay.py": "def test_depth():\n    assert True\n", "requirements.txt": "harbour\n"}
REASON = "What it needs could not be installed: no."


class Mirror:
    """A repository with one commit."""

    def __init__(self, files: dict[str, str]) -> None:
        self._files = files

    def has(self, commit: str) -> bool:
        return True

    def holds(self, tree: str) -> bool:
        return True

    def gather(self, treeish: str, sparse: object) -> None:
        """All is here."""

    def files(self, commit: str) -> tuple[str, ...]:
        return tuple(self._files)

    def read(self, commit: str, path: str, limit: int = 1 << 20) -> bytes | None:
        return self._files[path].encode() if path in self._files else None

    def changed(self, base: str, tree: str) -> tuple[()]:
        return ()

    def graft(self, base: str, changes: object) -> str:
        return base

    def workspace(
        self,
        place: Path,
        base: str,
        *,
        tree: str,
        sparse: tuple[str, ...],
        history: bool,
        lfs: bool,
        submodules: bool,
    ) -> Workspace:
        assert (sparse, history, lfs, submodules) == ((), False, False, False)
        made = Workspace(place, base)
        made.written.mkdir()
        for path, text in self._files.items():
            (made.written / path).write_text(text)
        return made


class Installer:
    """Answers as it is told, and remembers what it was asked for."""

    def __init__(self, answer: Installed) -> None:
        self.answer = answer
        self.asked: list[tuple[object, str]] = []

    @contextmanager
    def installed(self, recipe: Recipe, repository: str, checkout: object, **_: object) -> Iterator[Installed]:
        self.asked.append((recipe.needs["python"].groups[0].files, repository))
        yield self.answer


def context(files: dict[str, str], box: Bubblewrap, folder: Path, installer: Installer | None) -> Any:
    def place(_change: str, _fence: int, part: str) -> Path:
        (folder / part).mkdir(parents=True)
        return folder / part

    store = Store(f"sqlite:///{folder.parent / 'shipmate.db'}")
    store.migrate()
    tools = SimpleNamespace(
        workspaces=SimpleNamespace(folder=place),
        sandbox=box,
        installer=installer,
        artifacts=Artifacts(str(folder.parent / "artifacts")),
        store=store,
        clock=lambda: 1.0,
        network=AllowedHosts(),
    )
    return SimpleNamespace(
        change=SimpleNamespace(id="c1", base_sha="b" * 40),
        claim=SimpleNamespace(effect=Check(tree="t" * 40), fence=1),
        tools=tools,
        repository="acme/quay",
        lost=threading.Event(),
        need=lambda value, what: value,
        mirror=lambda: Mirror(files),
        still_mine=lambda: None,
        say=lambda words: None,
    )


def test_what_could_not_be_installed_is_the_first_reason_where_nothing_was_proven(
    box: Bubblewrap, tmp_path: Path
) -> None:
    installer = Installer(Installed(reasons=(REASON,)))
    evidence = check(context(NEEDS, box, tmp_path / "w", installer)).evidence
    assert evidence.verdict is Verdict.UNPROVEN
    assert evidence.reasons == (REASON, "The checks need harbour, which the sandbox does not have.")
    assert installer.asked == [(("requirements.txt",), "acme/quay")]


def test_it_is_the_last_reason_where_the_checks_were_conclusive(box: Bubblewrap, tmp_path: Path) -> None:
    evidence = check(context(NEEDS_NOT, box, tmp_path / "w", Installer(Installed(reasons=(REASON,))))).evidence
    assert (evidence.verdict, evidence.reasons) == (Verdict.GREEN, ("1 test passed.", REASON))


def test_without_an_installer_the_checks_run_with_what_there_is(box: Bubblewrap, tmp_path: Path) -> None:
    evidence = check(context(NEEDS_NOT, box, tmp_path / "w", None)).evidence
    assert (evidence.verdict, evidence.reasons) == (Verdict.GREEN, ("1 test passed.",))


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
