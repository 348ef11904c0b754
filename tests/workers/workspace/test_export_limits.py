"""An export keeps to its budget, and to what it was given, whatever happens meanwhile."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from tests.workers.workspace.conftest import tip
from tests.workers.workspace.test_export import exported, refused
from workers.workspace import ExportRefused
from workers.workspace import export as exports
from workers.workspace.mirror import BareMirror
from workers.workspace.walk import ExportLimits


def test_budgets_are_kept_with_a_sentence(mirror: BareMirror, tree: Path) -> None:
    base = mirror.tree(tip(mirror))
    for number in range(6):
        (tree / f"n{number}").write_text("x" * 100)
    for budget, words in (
        (ExportLimits(files=5), "more than 5 files"),
        (ExportLimits(entries=4), "more than 4 files in the folder"),
        (ExportLimits(total_bytes=300), "larger than 0 MB together"),
    ):
        with pytest.raises(ExportRefused, match=words):
            exports.export(mirror._git, tree, base, budget)
    with pytest.raises(ExportRefused, match="larger than"):
        exports.export(mirror._git, tree, base, ExportLimits(file_bytes=50))
    deep = tree
    for _ in range(70):
        deep = deep / "d"
        deep.mkdir()
    with pytest.raises(ExportRefused, match="deep"):
        mirror.export(tree, tip(mirror))


def test_ignore_rules_end_in_time_however_they_are_written(mirror: BareMirror, tree: Path) -> None:
    (tree / ".gitignore").write_text("*a" * 40 + "b\n" + "".join(f"{'*a' * 40}{number}\n" for number in range(200)))
    (tree / ("a" * 200)).write_text("x")
    assert exported(mirror, tree) == {".gitignore": "M", "a" * 200: "A"}


def test_ignore_rules_that_take_too_long_are_refused(
    mirror: BareMirror, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.workspace.ignore._SECONDS", 0.0)
    (tree / "new").write_text("x")
    assert refused(mirror, tree) == {".gitignore": "its rules cannot be worked out in time"}


def test_a_tree_that_changes_while_it_is_read_harms_nobody(mirror: BareMirror, tree: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "app.py").write_text("CANARY")
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            try:
                os.rename(tree / "src", tree.parent / "aside")
                os.symlink(secret, tree / "src")
                os.unlink(tree / "src")
                os.rename(tree.parent / "aside", tree / "src")
            except OSError:
                continue

    swapper = threading.Thread(target=swap)
    swapper.start()
    base = tip(mirror)
    try:
        for _ in range(15):
            try:
                made = mirror.export(tree, base)
            except ExportRefused:
                continue
            for one in mirror.changed(base, made):
                assert b"CANARY" not in (mirror.read(made, one.path) or b"")
    finally:
        stop.set()
        swapper.join()
