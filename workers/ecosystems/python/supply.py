"""What manifests of Python declare: requirements in files, in settings, and in scripts that are parsed, never run."""

from __future__ import annotations

import ast
import configparser
from collections.abc import Iterator, Mapping

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from workers.ecosystems.supply import Package, at, supply, written
from workers.formats import toml

_LONGEST = 2000
_LISTS = (
    "project.dependencies", "build-system.requires", "project.optional-dependencies.*", "dependency-groups.*",
    "tool.pdm.dev-dependencies.*", "tool.uv.dev-dependencies",
)  # fmt: skip
_TABLES = {
    "tool.poetry.dependencies": "", "tool.poetry.dev-dependencies": "", "tool.poetry.group.*.dependencies": "",
    "tool.uv.sources": " (source)", "packages": "", "dev-packages": "",
}  # fmt: skip


def _requirement(line: str) -> Iterator[Package]:
    """Yield what a line of PEP 508 or of a requirements file declares."""
    line = f" {line[:_LONGEST]}".replace("\t", " ").partition(" #")[0].strip().rstrip("\\").strip()
    place = line.removeprefix("--editable").removeprefix("-e").lstrip("= ")
    if place != line or "://" in line.split("@")[0] or line.startswith((".", "/", "git@")):
        named = place.partition("#")[2].partition("egg=")[2].partition("&")[0].partition("[")[0]
        yield Package(canonicalize_name(named or place), place)
    elif line and not line.startswith("-"):
        try:
            one = Requirement(line.partition(" --")[0])
        except InvalidRequirement:
            end = next((at for at, char in enumerate(line) if not (char.isalnum() or char in "-_.")), len(line))
            yield Package(canonicalize_name(line[:end] or line), line[end:].strip())
        else:
            said = (f"@ {one.url}" if one.url else "", str(one.specifier), f"; {one.marker}" if one.marker else "")
            yield Package(canonicalize_name(one.name), " ".join(filter(None, said)))


def requirements(text: str) -> Iterator[Package]:
    """Read a requirements file."""
    for line in text.replace("\\\n", " ").split("\n"):
        yield from _requirement(line)


def settings(text: str) -> Iterator[Package]:
    """Read a pyproject.toml or a Pipfile."""
    data = toml.loads(text)
    for line in (one for place in _LISTS for one in at(data, f"{place}.*") if isinstance(one, str)):
        yield from _requirement(line)
    for place, mark in _TABLES.items():
        for table in (one for one in at(data, place) if isinstance(one, Mapping)):
            names = (name for name in table if name != "python")
            yield from (Package(f"{canonicalize_name(name)}{mark}", written(table[name])) for name in names)


def setup_cfg(text: str) -> Iterator[Package]:
    """Read setuptools' settings."""
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    parser.read_string(text)
    for section in parser.sections():
        for key, value in parser.items(section):
            required = key in {"install_requires", "setup_requires", "tests_require"}
            if required or section == "options.extras_require":
                yield from requirements(value or "")


def setup_py(text: str) -> Iterator[Package]:
    """Read what a setup script spells out, from its syntax tree."""
    for node in ast.walk(ast.parse(text)):
        names = [node.arg] if isinstance(node, ast.keyword) else []
        if isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        if isinstance(node, (ast.keyword, ast.Assign)) and any("require" in (name or "").lower() for name in names):
            for one in _spelled(node.value):
                yield from _requirement(one)


def _spelled(value: ast.expr) -> Iterator[str]:
    """Yield every string in a value but the keys of its mappings and the names of files that it opens."""
    if isinstance(value, ast.Constant):
        yield from [value.value] if isinstance(value.value, str) else []
    elif isinstance(value, (ast.Dict, ast.List, ast.Tuple, ast.Set)):
        for each in value.values if isinstance(value, ast.Dict) else value.elts:
            yield from _spelled(each)
    elif isinstance(value, ast.BinOp):
        yield from _spelled(value.left)
        yield from _spelled(value.right)


_FILES = ("*requirements*.txt", "*requirements*.in", "*constraints*.txt", "*requirements/*.txt", "*requirements/*.in")
SUPPLY = supply(
    __file__,
    {
        **{"pyproject.toml": settings, "Pipfile": settings, "setup.cfg": setup_cfg, "setup.py": setup_py},
        **dict.fromkeys(_FILES, requirements),
    },
)
