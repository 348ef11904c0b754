"""Which files the search tool looks at: .gitignore counts, and neither a glob nor a path brings back what it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workers.agent.acting import FolderSession
from workers.agent.tools import inside_search, search

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
    ".gitignore": b"# c\nbuild/\n/gen/*\n!/gen/keep.py\n*.log\n!keep.log\nlogs/**\ndata/raw\n[\n**/deep/data/raw/\n",
    "sub/.gitignore": b"/local.txt\n!x.log\n*.tmp\n",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("search") / "workspace"
    for name, data in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    (folder / "link.py").symlink_to(folder / "src/till.py")
    (folder / "linked").symlink_to(folder / "src")
    return folder


def found(place: Path, **given: object) -> str:
    return search.run({"pattern": "total", **given}, FolderSession(place), lambda: False).text


def files(answer: str) -> set[str]:
    return {line.removesuffix(":") for line in answer.splitlines()[1:] if not line.startswith(" ")}


def test_what_gitignore_names_is_not_searched(place: Path) -> None:
    everything = found(place)
    assert everything.startswith("24 lines in 21 files.\n")
    outside = ("node_modules", "build/", "gen/drop", "logs", "raw", "a.log", "\nsub/local.txt", "utf16", "big.txt")
    assert [name for name in outside if name in everything] == []


SOURCES = {"src/till.py", "src/deep.ts", "src/deep/more.ts", "src/a/b/c/d.py"}


@pytest.mark.parametrize(
    ("glob", "expected"),
    [
        ("*.log", {"keep.log", "sub/x.log"}),
        ("build/*", set()),
        ("node_modules/**", set()),
        ("/src/*.ts", {"src/deep.ts"}),
        ("src/*", {"src/deep.ts", "src/till.py"}),
        ("src/**", SOURCES),
        ("src/**/d.py", {"src/a/b/c/d.py"}),
        ("**/*.ts", {"src/deep.ts", "src/deep/more.ts"}),
        ("[st]*.py", {"src/till.py", "target.py"}),
        ("[!s]*.py", {".hidden/h.py", "gen/keep.py", "src/till.py", "src/a/b/c/d.py", "src-gen/x.py", "target.py"}),
        ("docs/\\[x\\].md", {"docs/[x].md"}),
        ("{src,docs}/*.{py,md}", {"src/till.py", "docs/[x].md", "docs/one two.md", "docs/ünï.md"}),
    ],
)
def test_a_glob_narrows_it_and_brings_back_nothing(glob: str, expected: set[str], place: Path) -> None:
    assert files(found(place, glob=glob)) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src", SOURCES),
        ("/workspace/src/deep", {"src/deep/more.ts"}),
        ("linked", SOURCES),
        ("data", {"data/1.csv"}),
        ("gen", {"gen/keep.py"}),
        ("sub", {"sub/x.log", "sub/d/local.txt"}),
        ("build", {"build/o.py"}),
        ("x.log", {"x.log"}),
        ("logo.bin", set()),
    ],
)
def test_a_path_that_is_ignored_itself_is_searched_all_the_same(path: str, expected: set[str], place: Path) -> None:
    assert files(found(place, path=path)) == expected


@pytest.mark.parametrize(
    ("pattern", "head"),
    [
        ("total$", "12 lines in 12 files"),
        ("^total", "11 lines in 11 files"),
        (r"(?<=The )total", "1 line in 1 file"),
        (r"(t)o\1", "23 lines in 20 files"),
        ("--total", "Nothing found"),
        ("^$", "1 line in 1 file"),
        ("Ü", "1 line in 1 file"),
    ],
)
def test_patterns(pattern: str, head: str, place: Path) -> None:
    assert found(place, pattern=pattern).startswith(head)


@pytest.mark.parametrize("given", [{"pattern": "total("}, {"pattern": "["}, {"glob": "{a"}, {"glob": "[a"}])
def test_what_ripgrep_cannot_read_is_said_in_its_words(given: dict[str, str], place: Path) -> None:
    answer = search.run({"pattern": "total", **given}, FolderSession(place), lambda: False)
    assert answer.failed
    assert answer.text.startswith("ripgrep cannot read this: ")


def test_without_ripgrep_the_model_is_told_what_to_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(inside_search.CallRefused, match="ripgrep is not installed here"):
        inside_search.search({"pattern": "total"})
