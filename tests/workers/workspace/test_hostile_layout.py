"""Layouts of an agent's folder that look harmless path by path."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workers.workspace import ExportRefused, export
from workers.workspace.mirror import BareMirror
from workers.workspace.names import is_gitmodules, link_fault, turns_back
from workers.workspace.walk import ExportLimits

pytestmark = pytest.mark.attack("odd trees and repositories")


def refused(mirror: BareMirror, tree: Path) -> dict[str, str]:
    with pytest.raises(ExportRefused) as refusal:
        mirror.export(tree, mirror.sha("main") or "")
    return refusal.value.paths


@pytest.mark.parametrize("target", ["dot/..", "dot/../src", "src/../../x", "./dot/./../README.md", "../src/dot/.."])
def test_a_link_through_another_link_does_not_lead_out(mirror: BareMirror, tree: Path, target: str) -> None:
    (tree / "dot").symlink_to(".")
    (tree / "src/up").symlink_to(target)
    assert "goes into a folder and out again" in refused(mirror, tree)["src/up"]


@pytest.mark.parametrize("target", ["../README.md", "../../a/b", "./../x", "a/b", "...a", "a..b/c"])
def test_a_link_that_goes_up_first_is_an_ordinary_one(target: str) -> None:
    assert not turns_back(target)
    assert link_fault("one/two/link", target) is None


@pytest.mark.parametrize("name", [".gitmodules ", ".GITMODULES.", ".gitmodules::$DATA", "GITMOD~1", "gi7eba~2"])
def test_submodules_are_not_set_up_under_another_spelling(mirror: BareMirror, tree: Path, name: str) -> None:
    (tree / name).write_text('[submodule "x"]\n\tpath = x\n\turl = https://example.org/x\n')
    assert "submodules" in refused(mirror, tree)[name]
    assert not is_gitmodules("gitmodules.md")


def test_files_with_holes_are_not_read_for_ever(mirror: BareMirror, tree: Path) -> None:
    for name in ("README.md", "src/app.py"):
        os.truncate(tree / name, 3 << 20)
    narrow = ExportLimits(file_bytes=1 << 20, large_bytes=5 << 20)
    with pytest.raises(ExportRefused, match="too large together"):
        export.export(mirror._git, tree, mirror.tree(mirror.sha("main") or ""), narrow)
