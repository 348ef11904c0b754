"""Figures of the house: how large it is, and whether its walls hold. `make house` prints them.

A figure that is hard to meet tempts people to count less. So every figure here is read off the files or the imported
modules themselves, and nothing has a list of exceptions.
"""

from __future__ import annotations

import ast
import importlib
import json
import re
import statistics
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import grimp

from workers.ecosystems import Ecosystem
from workers.ecosystems.registry import ALL

ROOT = Path(__file__).parents[1]
HOUSE = ("bot", "workers", "shipmate")
BESIDE = ("playground", "tests", "benchmarks")
LONGEST_PATTERN = 200
GOALS = {"lines of the house": 38_000, "long patterns": 0, "uses of Any": 120, "import circles": 0, "language files": 0}


def main() -> int:
    """Print every figure, and return 1 where a goal is missed."""
    found = figures()
    if "--json" in sys.argv:
        print(json.dumps(found, indent=2))
    else:
        show(found)
    return 1 if missed(found) else 0


def figures() -> dict[str, object]:
    """Return all figures by name."""
    lines = {package: count(package) for package in (*HOUSE, *BESIDE)}
    sizes = {name(path): len(path.read_text().splitlines()) for package in HOUSE for path in python(package)}
    longest = max(sizes, key=lambda one: sizes[one])
    return {
        "lines by package": lines,
        "lines of the house": sum(lines[package] for package in HOUSE),
        "lines of guards outside tables": count("workers/guards"),
        "files": len(sizes),
        "median lines of a file": int(statistics.median(size for size in sizes.values() if size)),
        "longest file": f"{longest}: {sizes[longest]}",
        "files outside its folder that name a language": elsewhere(),
        "language files": sum(len(files) for files in elsewhere().values()),
        "patterns": sum(1 for _ in patterns()),
        "long patterns": len(long := [where for where, text in patterns() if len(text) > LONGEST_PATTERN]),
        "long patterns are in": sorted(set(long)),
        "uses of Any": sum(uses(path, "Any") for package in HOUSE for path in python(package)),
        "import circles": circles(),
        "seconds": seconds(),
    }


def missed(found: dict[str, object]) -> list[str]:
    """Return the figures that are over their goal."""
    return [goal for goal, most in GOALS.items() if isinstance(value := found[goal], int) and value > most]


def show(found: dict[str, object]) -> None:
    """Print the figures as lines, with the goal beside those that have one."""
    for key, value in found.items():
        goal = f"   (goal: at most {GOALS[key]:,})" if key in GOALS else ""
        if isinstance(value, dict):
            print(f"{key}:")
            for part, inner in value.items():
                text = ", ".join(inner) if isinstance(inner, list) else inner
                print(f"    {part:<12} {text:,}" if isinstance(text, int) else f"    {part:<12} {text}")
        elif isinstance(value, list):
            print(f"{key}: {', '.join(map(str, value)) or 'none'}")
        else:
            print(f"{key}: {value:,}{goal}" if isinstance(value, int) else f"{key}: {value}{goal}")
    over = missed(found)
    print("missed: " + ", ".join(over) if over else "every goal is met")


def python(package: str) -> list[Path]:
    """Return the Python files of a package; what the demo's repository holds is not ours."""
    return [path for path in sorted((ROOT / package).rglob("*.py")) if "till" not in path.parts]


def count(package: str) -> int:
    """Return how many lines of Python a package has."""
    return sum(len(path.read_text().splitlines()) for path in python(package))


def name(path: Path) -> str:
    """Return a path relative to the repository."""
    return path.relative_to(ROOT).as_posix()


def uses(path: Path, word: str) -> int:
    """Return how often a word stands in a file."""
    return len(re.findall(rf"\b{word}\b", path.read_text()))


def elsewhere() -> dict[str, list[str]]:
    """Return the files of the workers, outside a language's folder, that know of the language.

    A file does where its own name or folder, a text or a key in it is the language's name or label, or the name of one
    of its manifests or locks; and where it imports from the language's folder.
    """
    files = [*python("workers"), *(path for path in (ROOT / "workers").rglob("*.toml") if "samples" not in path.parts)]
    known = {path: said(path) for path in files}
    found: dict[str, list[str]] = {}
    for language in ALL:
        folder, words = ROOT / "workers" / "ecosystems" / language.name, own(language)
        for path, values in known.items():
            if folder not in path.parents and (words & values or language.name in {path.stem, *path.parent.parts}):
                found.setdefault(language.name, []).append(name(path))
    return found


def own(language: Ecosystem) -> set[str]:
    """Return the words by which a language is known: its names, its folder as a module, its manifests and locks."""
    supply = language.supply
    marks = [*language.manifests]
    if supply:
        marks += [
            *supply.manifests,
            *supply.locks,
            *(mark for one in (*supply.manifest, *supply.lock) for mark in one.files),
        ]
    module = f"workers.ecosystems.{language.name}"
    return {language.name, language.label, module, *(mark for mark in marks if "*" not in mark)}


def said(path: Path) -> set[str]:
    """Return the texts of a module and the language's folder that it imports from, or the keys of a table."""
    if path.suffix == ".toml":
        return set(keys(tomllib.loads(path.read_text())))
    nodes = list(ast.walk(ast.parse(path.read_text())))
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    modules = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    modules |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return texts | {".".join(module.split(".")[:3]) for module in modules}


def keys(value: object) -> Iterator[str]:
    """Yield the keys of tables, at any depth."""
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from keys(one)
    yield from value if isinstance(value, dict) else ()


def patterns() -> Iterator[tuple[str, str]]:
    """Yield (where, text) of every pattern: those that modules hold, compiled, and those in tables."""
    for package in HOUSE:
        for path in python(package):
            yield from ((name(path), text) for text in of_file(path))
    for table in sorted(path for package in HOUSE for path in (ROOT / package).rglob("*.toml")):
        if "samples" not in table.parts and "cases" not in table.parts:
            yield from ((name(table), text) for text in tabled(tomllib.loads(table.read_text())))


def of_file(path: Path) -> Iterator[str]:
    """Yield the patterns of a module. One that works as soon as it is imported (in a sandbox) is read as text."""
    tree = ast.parse(path.read_text())
    calls = [node for node in tree.body if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)]
    module = name(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    if calls or path.stem in {"__main__", "env"}:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile" and node.args:
                yield from [str(node.args[0].value)] if isinstance(node.args[0], ast.Constant) else []
        return
    for value in list(vars(importlib.import_module(module)).values()):
        yield from held(value, 0)


def held(value: object, depth: int) -> Iterator[str]:
    """Yield the patterns in a value and in what it holds, four steps deep."""
    if isinstance(value, re.Pattern) or type(value).__name__ == "_Regexp":
        yield str(getattr(value, "pattern", ""))
    elif depth < 4 and isinstance(value, dict):
        for one in (*value.keys(), *value.values()):
            yield from held(one, depth + 1)
    elif depth < 4 and isinstance(value, tuple | list | set | frozenset):
        for one in value:
            yield from held(one, depth + 1)
    elif depth < 4 and is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from held(getattr(value, field.name, None), depth + 1)


def tabled(value: object, key: str = "") -> Iterator[str]:
    """Yield the texts of a table that stand under a key such as `pattern` or `form`."""
    if isinstance(value, dict):
        for inner, one in value.items():
            yield from tabled(one, str(inner))
    elif isinstance(value, list):
        for one in value:
            yield from tabled(one, key)
    elif isinstance(value, str) and re.search(r"pattern|form|unless|before|after", key):
        yield value


def circles() -> int:
    """Return how many imports would have to go so that no siblings import each other in a circle."""
    graph = grimp.build_graph(*HOUSE, "playground")
    packages = [module for module in graph.modules if graph.find_children(module)]
    return sum(len(graph.nominate_cycle_breakers(package)) for package in packages)


def seconds() -> dict[str, int | str]:
    """Return how long the last `make check` and `make test` took here."""
    folder = ROOT / "reports" / "seconds"
    return {
        verb: int((folder / verb).read_text()) if (folder / verb).is_file() else "not run here yet"
        for verb in ("check", "test")
    }


if __name__ == "__main__":
    sys.exit(main())
