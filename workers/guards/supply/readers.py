"""Readers of manifests, one for each way in which packages are declared.

Law: a reader may raise whatever its parser raises; `manifests` turns that into one answer.
"""

from __future__ import annotations

import ast
import configparser
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from defusedxml import ElementTree
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from workers.formats import toml, yaml
from workers.guards.rules import FORMS


@dataclass(frozen=True)
class Package:
    """One declared package: the name as its ecosystem compares it, and what is said of its version or source."""

    name: str
    wanted: str


Reader = Callable[[str], Iterator[Package]]
_LONGEST = 2000


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
            name = line[
                : next((at for at, char in enumerate(line) if not (char.isalnum() or char in "-_.")), len(line))
            ]
            yield Package(canonicalize_name(name or line), line[len(name) :].strip())
        else:
            said = (f"@ {one.url}" if one.url else "", str(one.specifier), f"; {one.marker}" if one.marker else "")
            yield Package(canonicalize_name(one.name), " ".join(filter(None, said)))


def requirements(text: str) -> Iterator[Package]:
    """Read a requirements file."""
    for line in text.replace("\\\n", " ").split("\n"):
        yield from _requirement(line)


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


def keyed(
    load: Callable[[str], object],
    tables: tuple[str, ...] = (),
    lists: tuple[str, ...] = (),
    marked: Mapping[str, str] | None = None,
    name: Callable[[str], str] = str,
    apart: Callable[[str], bool] = lambda _: False,
) -> Reader:
    """Return a reader of a format that a parser reads: `tables` map names to versions, `lists` hold requirements.

    Places are dotted keys, `*` is every key. Packages of `marked` places get its words behind their names; a name
    that `apart` accepts is no package.
    """

    def read(text: str) -> Iterator[Package]:
        data = load(text)
        for place in lists:
            for one in (each for value in _at(data, place) if isinstance(value, list) for each in value):
                if isinstance(one, str):
                    yield from _requirement(one)
                elif isinstance(one, Mapping) and "name" in one:
                    yield Package(str(one["name"]), "")
        for place, mark in [*((each, "") for each in tables), *(marked or {}).items()]:
            for value in _at(data, place):
                for key, wanted in value.items() if isinstance(value, Mapping) else ():
                    if not apart(str(key)):
                        said = wanted if isinstance(wanted, str) else json.dumps(wanted, sort_keys=True, default=str)
                        yield Package(f"{name(str(key))}{mark}", said)

    return read


def _at(data: object, place: str) -> Iterator[object]:
    """Yield what stands at dotted keys; "" is all of it."""
    key, _, rest = place.partition(".")
    if not key:
        yield data
    elif isinstance(data, Mapping):
        for value in data.values() if key == "*" else [data[key]] if key in data else []:
            yield from _at(value, rest)


def by_line(*forms: str) -> Reader:
    """Return a reader of declarations on a line each; the groups of the forms are `name` and `wanted`."""

    def read(text: str) -> Iterator[Package]:
        for line in text.split("\n"):
            hit = next(filter(None, (FORMS[form].search(line[:500]) for form in forms)), None)
            if hit:
                yield Package(hit.groups["name"], hit.groups["wanted"].strip())

    return read


def go_mod(text: str) -> Iterator[Package]:
    """Read a file of Go modules."""
    block = ""
    for raw in text.split("\n"):
        words = raw.split("//")[0].split()
        if words[1:] == ["("]:
            block = words[0]
        elif words == [")"]:
            block = ""
        elif words:
            kind, rest = (block, words) if block else (words[0], words[1:])
            if rest and kind in {"require", "replace", "tool"}:
                yield Package(rest[0] if kind == "require" else f"{rest[0]} ({kind})", " ".join(rest[1:]))


def pom(text: str) -> Iterator[Package]:
    """Read a project of Maven."""
    for one in _elements(text, "dependency", "plugin", "extension", "annotationProcessorPath"):
        said = {str(each.tag).rsplit("}", 1)[-1]: (each.text or "").strip() for each in one}
        yield Package(f"{said.get('groupId', '')}:{said.get('artifactId', '')}", said.get("version", ""))


def csproj(text: str) -> Iterator[Package]:
    """Read a project of .NET."""
    for one in _elements(text, "PackageReference", "PackageVersion", "package", "DotNetCliToolReference"):
        name = one.get("Include") or one.get("id") or one.get("Update") or ""
        yield Package(name.lower(), one.get("Version") or one.get("version") or one.findtext("Version") or "")


def _elements(text: str, *tags: str) -> Iterator[ElementTree.Element]:
    root = ElementTree.fromstring(text.lstrip("\ufeff").encode(), forbid_dtd=True)
    return (one for one in root.iter() if str(one.tag).rsplit("}", 1)[-1] in tags)


def pre_commit(text: str) -> Iterator[Package]:
    """Read hooks of pre-commit: their repositories are packages too."""
    for repos in _at(yaml.loads(text), "repos"):
        for one in repos if isinstance(repos, list) else ():
            if isinstance(one, Mapping) and "repo" in one:
                yield Package(str(one["repo"]), str(one.get("rev") or ""))


package_json = keyed(
    json.loads,
    ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies"),
    marked=dict.fromkeys(("overrides", "resolutions", "pnpm.overrides"), " (override)"),
)
pyproject = keyed(
    toml.loads,
    ("tool.poetry.dependencies", "tool.poetry.dev-dependencies", "tool.poetry.group.*.dependencies"),
    (
        "project.dependencies", "build-system.requires", "project.optional-dependencies.*", "dependency-groups.*",
        "tool.pdm.dev-dependencies.*", "tool.uv.dev-dependencies",
    ),
    {"tool.uv.sources": " (source)"},
    canonicalize_name,
    lambda one: one == "python",
)  # fmt: skip
pipfile = keyed(toml.loads, ("packages", "dev-packages"), name=canonicalize_name)
cargo = keyed(
    toml.loads,
    tuple(f"{place}{kind}dependencies" for place in ("", "workspace.", "target.*.") for kind in ("", "dev-", "build-")),
    marked={"patch.*": " (patch)"},
)
composer = keyed(json.loads, ("require", "require-dev"), apart=lambda one: "/" not in one)
deno = keyed(json.loads, ("imports",))
vcpkg = keyed(json.loads, lists=("dependencies",))
pubspec = keyed(yaml.loads, ("dependencies", "dev_dependencies", "dependency_overrides"))
