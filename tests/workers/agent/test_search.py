"""The search tool: what it answers, and what it refuses."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.workers.agent.acting import FolderSession
from workers.agent.tools import search
from workers.agent.tools.tool_result import ToolResult


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name, text in {
        "src/till.py": "def total():\n    return net\n\n\ndef Tax():\n    return 8\n",
        "src/deep/more.ts": "const total = net;\n",
        "readme.md": "The total.\n",
        "node_modules/x/index.js": "total\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "logo.bin").write_bytes(b"total\0\0")
    (tmp_path / ".gitignore").write_text("node_modules\n")
    return tmp_path


def find(place: Path, **given: Any) -> ToolResult:
    return search.run(given, FolderSession(place), lambda: False)


def test_lines_are_shown_by_file_with_their_numbers(place: Path) -> None:
    found = find(place, pattern="total")
    assert not found.failed
    assert found.text.startswith("3 lines in 3 files.\n")
    assert "src/till.py:\n     1\tdef total():" in found.text
    assert "node_modules" not in found.text
    assert "logo" not in found.text


@pytest.mark.parametrize(
    ("given", "files"),
    [
        ({"glob": "*.py"}, {"src/till.py"}),
        ({"glob": "*.{ts,md}"}, {"src/deep/more.ts", "readme.md"}),
        ({"glob": "src/**/*.ts"}, {"src/deep/more.ts"}),
        ({"path": "/workspace/src/deep"}, {"src/deep/more.ts"}),
        ({"path": "src/till.py"}, {"src/till.py"}),
        ({"glob": "!*.md"}, {"src/till.py", "src/deep/more.ts"}),
    ],
)
def test_path_and_glob_narrow_it(given: dict[str, str], files: set[str], place: Path) -> None:
    lines = find(place, pattern="total", **given).text.splitlines()
    assert {line.removesuffix(":") for line in lines[1:] if not line.startswith(" ")} == files


def test_case_counts_unless_said_otherwise(place: Path) -> None:
    assert find(place, pattern="tax").text == "Nothing found."
    assert "def Tax" in find(place, pattern="tax", ignore_case=True).text


def test_many_hits_are_counted_and_the_first_shown(place: Path) -> None:
    (place / "long.txt").write_text("hit " + "x" * 5000 + "\n" + "hit\n" * 999)
    found = find(place, pattern="hit", max_results=3).text
    assert found.startswith("1000 lines in 1 file, the first 3 shown; narrow it")
    assert "[... line cut]" in found
    assert len(found) < 1000


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "`pattern` is missing"),
        ({"pattern": "("}, "ripgrep cannot read this"),
        ({"pattern": "a", "path": "nowhere"}, "does not exist"),
        ({"pattern": "a", "path": "../.."}, "outside of /workspace"),
        ({"pattern": "a\0"}, "NUL"),
    ],
)
def test_what_is_wrong_is_told(given: dict[str, str], words: str, place: Path) -> None:
    found = find(place, **given)
    assert found.failed
    assert words in found.text


def test_no_link_leads_out_of_the_workspace(place: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.txt"
    outside.write_text("total secret\n")
    os.symlink(outside, place / "link.txt")
    os.symlink(outside.parent, place / "folder")
    assert "secret" not in find(place, pattern="total").text
    assert find(place, pattern="total", path="link.txt").failed
