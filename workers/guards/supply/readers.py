"""What manifests of packages declare, one reader for each kind.

Law: a reader may raise whatever its parser raises; `manifests` turns that into one answer.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from defusedxml import ElementTree

from workers.formats import toml


@dataclass(frozen=True)
class Package:
    """One declared package: the name as its ecosystem compares it, and what is said of its version or source."""

    name: str
    wanted: str


Reader = Callable[[str], Iterator[Package]]


def python_name(name: str) -> str:
    """As package indexes compare names."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


_REQUIREMENT = re.compile(r"^\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(.*)$")
_URL = re.compile(
    r"^(?:-e\s+|--editable[= ])?((?:git|hg|svn|bzr)\+\S+|(?:https?|file|ssh|git)://\S+|git@\S+|\.{0,2}/\S+)"
)


def _requirement(line: str) -> Iterator[Package]:
    """A line of PEP 508 or of a requirements file."""
    line = re.split(r"(?:^|\s)#", line, maxsplit=1)[0].strip().rstrip("\\").strip()
    if not line or (line.startswith("-") and not line.startswith(("-e", "--editable"))):
        return
    if found := _URL.match(line):
        named = re.search(r"#(?:.*&)?egg=([\w.-]+)", line)
        yield Package(python_name(named[1] if named else found[1]), found[1])
    elif found := _REQUIREMENT.match(line):
        yield Package(python_name(found[1]), re.sub(r"\s*--hash.*$", "", found[2]).strip())


def requirements(text: str) -> Iterator[Package]:
    """A requirements file."""
    for line in text.replace("\\\n", " ").split("\n"):
        yield from _requirement(line)


def _strings(value: object) -> Iterator[Package]:
    for one in value if isinstance(value, list) else []:
        if isinstance(one, str):
            yield from _requirement(one)


def _table(value: object, name: Callable[[str], str] = str) -> Iterator[Package]:
    """A mapping of names to versions or tables."""
    for key, wanted in value.items() if isinstance(value, Mapping) else []:
        yield Package(
            name(str(key)), wanted if isinstance(wanted, str) else json.dumps(wanted, sort_keys=True, default=str)
        )


def _at(value: object, *keys: str) -> object:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def pyproject(text: str) -> Iterator[Package]:
    """PEP 621, PEP 735, poetry, uv and pdm."""
    data = toml.loads(text)
    yield from _strings(_at(data, "project", "dependencies"))
    yield from _strings(_at(data, "build-system", "requires"))
    for groups in (
        _at(data, "project", "optional-dependencies"),
        data.get("dependency-groups"),
        _at(data, "tool", "pdm", "dev-dependencies"),
    ):
        for group in groups.values() if isinstance(groups, Mapping) else []:
            yield from _strings(group)
    yield from _strings(_at(data, "tool", "uv", "dev-dependencies"))
    poetry = _at(data, "tool", "poetry")
    tables = [_at(poetry, "dependencies"), _at(poetry, "dev-dependencies")]
    groups = _at(poetry, "group")
    tables += [_at(group, "dependencies") for group in (groups.values() if isinstance(groups, Mapping) else [])]
    for table in tables:
        yield from (one for one in _table(table, python_name) if one.name != "python")
    sources = _at(data, "tool", "uv", "sources")
    for one in _table(sources, python_name):
        yield Package(f"{one.name} (source)", one.wanted)


def setup_cfg(text: str) -> Iterator[Package]:
    """setuptools' settings."""
    section, key = "", ""
    for line in text.split("\n"):
        if found := re.match(r"\[([^\]]+)\]", line):
            section, key = found[1], ""
        elif found := re.match(r"([\w.-]+)\s*[=:]\s*(.*)$", line):
            key = found[1]
            if _takes(section, key):
                yield from _requirement(found[2])
        elif line[:1].isspace() and _takes(section, key):
            yield from _requirement(line)


def _takes(section: str, key: str) -> bool:
    return key in {"install_requires", "setup_requires", "tests_require"} or section == "options.extras_require"


def setup_py(text: str) -> Iterator[Package]:
    """What a setup script spells out, read from its syntax tree."""
    for node in ast.walk(ast.parse(text)):
        names = [node.arg] if isinstance(node, ast.keyword) else []
        if isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        if isinstance(node, (ast.keyword, ast.Assign)) and any("require" in (name or "").lower() for name in names):
            for one in _spelled(node.value):
                yield from _requirement(one)


def _spelled(value: ast.expr) -> Iterator[str]:
    """Every string in a value but the keys of its mappings and the names of files that it opens."""
    if isinstance(value, ast.Constant):
        yield from [value.value] if isinstance(value.value, str) else []
    elif isinstance(value, ast.Dict):
        for each in value.values:
            yield from _spelled(each)
    elif isinstance(value, (ast.List, ast.Tuple, ast.Set)):
        for each in value.elts:
            yield from _spelled(each)
    elif isinstance(value, ast.BinOp):
        yield from _spelled(value.left)
        yield from _spelled(value.right)


def package_json(text: str) -> Iterator[Package]:
    """npm, yarn and pnpm."""
    data = json.loads(text)
    for key in ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies"):
        yield from _table(_at(data, key))
    for key in ("overrides", "resolutions"):
        yield from (Package(f"{one.name} (override)", one.wanted) for one in _table(_at(data, key)))
    for one in _table(_at(data, "pnpm", "overrides")):
        yield Package(f"{one.name} (override)", one.wanted)


def pipfile(text: str) -> Iterator[Package]:
    """pipenv."""
    data = toml.loads(text)
    for key in ("packages", "dev-packages"):
        yield from _table(_at(data, key), python_name)


def cargo(text: str) -> Iterator[Package]:
    """Cargo, with its targets and patches."""
    data = toml.loads(text)
    targets = _at(data, "target")
    places = [data, _at(data, "workspace"), *(targets.values() if isinstance(targets, Mapping) else [])]
    for place in places:
        for key in ("dependencies", "dev-dependencies", "build-dependencies"):
            yield from _table(_at(place, key))
    patches = _at(data, "patch")
    for patch in patches.values() if isinstance(patches, Mapping) else []:
        yield from (Package(f"{one.name} (patch)", one.wanted) for one in _table(patch))


def go_mod(text: str) -> Iterator[Package]:
    """Go modules."""
    block = ""
    for raw in text.split("\n"):
        line = raw.split("//")[0].strip()
        if found := re.match(r"(require|replace|tool|exclude)\s*\($", line):
            block = found[1]
        elif line == ")":
            block = ""
        elif found := re.match(r"(?:(require|replace|tool)\s+)?(\S+)(?:\s+(.*))?$", line):
            kind = found[1] or block
            if kind == "require":
                yield Package(found[2], found[3] or "")
            elif kind in {"replace", "tool"}:
                yield Package(f"{found[2]} ({kind})", found[3] or "")


def by_line(*forms: str) -> Reader:
    """A reader of declarations that stand on a line each; groups 1 and 2 are name and version."""
    patterns = [re.compile(form) for form in forms]

    def read(text: str) -> Iterator[Package]:
        for line in text.split("\n"):
            for pattern in patterns:
                if found := pattern.search(line[:500]):
                    groups = [group or "" for group in found.groups()]
                    yield Package(groups[0], " ".join(groups[1:]).strip())
                    break

    return read


def composer(text: str) -> Iterator[Package]:
    """Composer."""
    data = json.loads(text)
    for key in ("require", "require-dev"):
        yield from (one for one in _table(_at(data, key)) if not re.match(r"(php|ext-|lib-)", one.name))


def pom(text: str) -> Iterator[Package]:
    """Maven."""
    root = ElementTree.fromstring(text.lstrip("\ufeff").encode(), forbid_dtd=True)
    for one in root.iter():
        one.tag = str(one.tag).rsplit("}", 1)[-1]
    for tag in ("dependency", "plugin", "extension", "annotationProcessorPath"):
        for one in root.iter(tag):
            name = f"{(one.findtext('groupId') or '').strip()}:{(one.findtext('artifactId') or '').strip()}"
            yield Package(name, (one.findtext("version") or "").strip())


def csproj(text: str) -> Iterator[Package]:
    """NuGet."""
    root = ElementTree.fromstring(text.lstrip("\ufeff").encode(), forbid_dtd=True)
    for one in root.iter():
        if one.tag.rsplit("}", 1)[-1] in {"PackageReference", "PackageVersion", "package", "DotNetCliToolReference"}:
            name = one.get("Include") or one.get("id") or one.get("Update") or ""
            yield Package(name.lower(), one.get("Version") or one.get("version") or one.findtext("Version") or "")


def pubspec(text: str) -> Iterator[Package]:
    """Dart and Flutter."""
    section = ""
    for line in text.split("\n"):
        if found := re.match(r"(\w+):\s*$", line):
            section = found[1]
        elif line[:1].strip() and not line.startswith("#"):
            section = ""
        elif section in {"dependencies", "dev_dependencies", "dependency_overrides"} and (
            found := re.match(r"  ([\w-]+):\s*(.*)$", line)
        ):
            yield Package(found[1], found[2])


def pre_commit(text: str) -> Iterator[Package]:
    """Hooks of pre-commit: their repositories are packages too."""
    repo = ""
    for line in text.split("\n"):
        if found := re.match(r"\s*-\s*repo:\s*['\"]?(\S+?)['\"]?\s*$", line):
            repo = found[1]
            yield Package(repo, "")
        elif (found := re.match(r"\s*rev:\s*['\"]?(\S+?)['\"]?(?:\s|$)", line)) and repo:
            yield Package(repo, found[1])


def dockerfile(text: str) -> Iterator[Package]:
    """Images that a container is built from."""
    for line in text.split("\n"):
        if found := re.match(r"\s*FROM\s+(?:--platform=\S+\s+)?([^\s:@]+)((?:[:@]\S+)?)", line[:500], re.I):
            yield Package(found[1], found[2])
