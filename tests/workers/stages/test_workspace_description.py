"""The description of its workspace that the agent gets, on real commits; and what it cannot change there."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.workers.workspace.conftest import Origin
from workers import GiveUp
from workers.checks.plan.schema import PolicyError
from workers.stages.provision import check_out, checks_of, paths_of
from workers.stages.workspace_description import describe_workspace
from workers.workspace import ExportRefused
from workers.workspace.mirror import BareMirror

SHA = "b" * 40


def told(mirror: BareMirror, base: str) -> tuple[str, ...]:
    plan = checks_of(mirror, base)
    policy = plan.workspace
    files = paths_of(mirror, base, policy.sparse)
    look = partial(mirror.submodules, base, policy.submodules, policy.sparse)
    return describe_workspace(plan, files, partial(mirror.read, base), look)


def commit(origin: Origin, mirror: BareMirror, files: dict[str, object]) -> str:
    sha = origin.commit(dict(files))  # type: ignore[arg-type]  # the values are as it takes them
    mirror.fetch()
    return sha


def test_a_plain_repository_needs_no_words(origin: Origin, mirror: BareMirror) -> None:
    assert told(mirror, mirror.sha("main") or "") == ()


def test_submodules_are_named_and_refused_in_a_change(origin: Origin, mirror: BareMirror, tmp_path: Path) -> None:
    modules = '[submodule "x"]\n\tpath = vendor/x\n\turl = https://example.com/x\n'
    base = commit(origin, mirror, {".gitmodules": modules, "vendor/x": ("160000", SHA)})
    assert told(mirror, base) == (
        "These submodules are empty here and cannot be changed: vendor/x (the policy file does not ask for it).",
    )
    mirror._layers = lambda _: False
    workspace = check_out(mirror, checks_of(mirror, base), base, tmp_path)
    assert list((workspace.written / "vendor/x").iterdir()) == []
    (workspace.written / "vendor/x/new.txt").write_text("x")
    with pytest.raises(ExportRefused, match="vendor/x: is a submodule, which cannot be changed here"):
        mirror.export(workspace, base)


def test_submodules_that_the_policy_asks_for_are_told_apart(origin: Origin, mirror: BareMirror) -> None:
    modules = '[submodule "x"]\n\tpath = vendor/x\n\turl = ../x\n'
    policy = "[workspace]\nsubmodules = true\n"
    base = commit(origin, mirror, {".gitmodules": modules, "vendor/x": ("160000", SHA), ".shipmate.toml": policy})
    assert checks_of(mirror, base).workspace.submodules is True
    assert told(mirror, base) == (
        "These submodules are empty here and cannot be changed: vendor/x (it is not a repository that is served here).",
    )


def test_pointers_of_large_files_are_named_and_refused_in_a_change(
    origin: Origin, mirror: BareMirror, tmp_path: Path
) -> None:
    base = commit(origin, mirror, {".gitattributes": "*.png filter=lfs\n", "a.png": "version 1\n"})
    assert told(mirror, base) == (
        "Files that .gitattributes keeps in Git LFS cannot be changed; only their pointers are here, not their "
        "contents.",
    )
    mirror._layers = lambda _: False
    workspace = check_out(mirror, checks_of(mirror, base), base, tmp_path)
    (workspace.written / "a.png").write_text("changed")
    with pytest.raises(ExportRefused, match=r"a\.png: is kept in Git LFS, which cannot be changed here"):
        mirror.export(workspace, base)


def test_folders_and_hosts_of_the_policy_are_told(origin: Origin, mirror: BareMirror, tmp_path: Path) -> None:
    policy = '[workspace]\nsparse = ["src"]\n[network]\nhosts = ["api.example.com"]\n'
    base = commit(origin, mirror, {".shipmate.toml": policy, "far/away/test_x.py": "def test_x(): pass\n"})
    folders, hosts = told(mirror, base)
    assert "them: src." in folders
    assert hosts.endswith("https_proxy: api.example.com.")
    mirror._layers = lambda _: False
    workspace = check_out(mirror, checks_of(mirror, base), base, tmp_path)
    assert sorted(one.name for one in workspace.written.iterdir()) == [
        ".gitignore",
        ".shipmate.toml",
        "README.md",
        "src",
    ]
    assert checks_of(mirror, base).test is None  # the tests elsewhere are not here to be run


def test_a_mistake_in_the_policy_file_is_told_to_people(origin: Origin, mirror: BareMirror) -> None:
    base = commit(origin, mirror, {".shipmate.toml": "[workspace]\nsparce = []\n"})
    with pytest.raises(GiveUp, match="has no key `sparce`") as caught:
        checks_of(mirror, base)
    assert isinstance(caught.value.__cause__, PolicyError)
