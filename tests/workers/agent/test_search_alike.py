"""With ripgrep and by hand the same is found; where ripgrep is not installed there is nothing to compare."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from workers.agent.tools import inside_search

pytestmark = pytest.mark.skipif(shutil.which("rg") is None, reason="ripgrep is not installed")

FILES: dict[str, bytes] = {
    **dict.fromkeys(
        [
            "src/deep/more.ts",
            "src/deep.ts",
            "src-gen/x.py",
            "src/a/b/c/d.py",
            "node_modules/x/i.js",
            "a.tmp",
            "build/o.py",
        ],
        b"const total = net;\n",
    ),
    **dict.fromkeys(
        [
            "gen/keep.py",
            "gen/drop.py",
            "logs/a.log",
            "logs/sub/b.log",
            "x.log",
            "keep.log",
            ".hidden/h.py",
            "docs/[x].md",
        ],
        b"total\n",
    ),
    **dict.fromkeys(
        ["sub/local.txt", "sub/x.log", "sub/d/local.txt", "sub/d/a.tmp", "target/t.py", "target.py", "web/target/x.py"],
        b"total\n",
    ),
    **dict.fromkeys(["data/raw/1.csv", "data/1.csv", "deep/data/raw/2.csv", "docs/one two.md"], b"total,1\n"),
    "src/till.py": b"def total():\n    return net  # total\n\ndef Tax():\n    return 8\n",
    "readme.md": b"The total.\r\nsecond total\r\n",
    "docs/\u00fcn\u00ef.md": "Total TOTAL total Ü\n".encode(),
    "long.txt": b"x" * 5000 + b" total " + b"y" * 5000 + b"\ntotal " + b"z" * 900 + b"\n",
    "nonl": b"total",
    "empty": b"",
    "bom.txt": b"\xef\xbb\xbftotal\n",
    "latin.txt": b"caf\xe9 total\n",
    "logo.bin": b"total\0\0",
    "utf16.txt": "total\n".encode("utf-16"),
    "big.txt": b"total\n" * 400_000,
    ".ignore": b"readme.md\n",
    ".rgignore": b"*.py\n",
    ".gitignore": b"# c\nbuild/\n/gen/*\n!/gen/keep.py\n*.log\n!keep.log\nlogs/**\ndata/raw\n[\n**/deep/data/raw/\n",
    "sub/.gitignore": b"/local.txt\n!x.log\n*.tmp\n",
}
GLOBS = [
    *("*.py", "*.{ts,md}", "src/**/*.ts", "src/*", "**/*.ts", "/src/*.ts", "!*.md", "!src/**", "*.log", "build/*"),
    *("build", "**", "src/**", "src/**/d.py", "[st]*.py", "[!s]*.py", "*.?s", "node_modules/**", "sr?/till.py"),
    *("docs/\\[x\\].md", "{src,docs}/*.{py,md}", "{a", "[a", "a}"),
]
PATHS = [
    *("src", "/workspace/src/deep", "src/till.py", "node_modules", "build", "data", "sub", "logs", "gen", "x.log"),
    *("linked", "logo.bin", "nowhere", ".."),
]
PATTERNS = [
    *("TOTAL", "total$", "^total", r"\btotal\b", r"(?<=The )total", r"(\w)\1", "total(", "[", "a{", r"\d+", "to.al"),
    *("e", "x*", "-total", "--total", r"a\nb", "", "^$", r"\s$", "total,", "\u00fc"),
]
CALLS: list[dict[str, Any]] = [
    {"pattern": "total"},
    {"pattern": "total", "max_results": 3},
    {"pattern": "TOTAL|ü", "ignore_case": True},
    {"pattern": "total", "path": "build", "glob": "*.py"},
    {"pattern": "total", "path": "src", "glob": "src/*.py"},
    *({"pattern": "total", "glob": glob} for glob in GLOBS),
    *({"pattern": "total", "path": path} for path in PATHS),
    *({"pattern": pattern} for pattern in PATTERNS),
]


ALL_OF_THEM = """
import json, runpy, sys
inside = runpy.run_path(sys.argv[1])
found = []
for call in json.load(sys.stdin):
    try:
        found.append(inside["search"](call))
    except inside["Refused"] as refused:
        found.append(f"refused: {refused}")
json.dump(found, sys.stdout)
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("search") / "workspace"
    for name, data in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    (folder / "link.py").symlink_to(folder / "src/till.py")
    (folder / "linked").symlink_to(folder / "src")
    return folder


def found(place: Path, programs: str) -> list[str]:
    """The answers to all calls, where these programs are on the search path."""
    argv = [sys.executable, "-I", "-c", ALL_OF_THEM, str(Path(inside_search.__file__))]
    ran = subprocess.run(
        argv, cwd=place, env={"PATH": programs}, input=json.dumps(CALLS), text=True, capture_output=True, check=True
    )
    answers: list[str] = json.loads(ran.stdout)
    return answers


def test_the_same_is_found_and_said(place: Path, tmp_path: Path) -> None:
    ripgrep = str(Path(str(shutil.which("rg"))).parent)
    expected, by_hand = found(place, ripgrep), found(place, str(tmp_path))
    assert dict(zip(map(str, CALLS), by_hand, strict=True)) == dict(zip(map(str, CALLS), expected, strict=True))
    everything = by_hand[0]
    assert everything.startswith("24 lines in 21 files.\n")
    for left_out in (
        "node_modules",
        "build/",
        "gen/drop",
        "logs",
        "raw",
        "a.log",
        "\nsub/local.txt",
        "utf16",
        "big.txt",
    ):
        assert left_out not in everything
