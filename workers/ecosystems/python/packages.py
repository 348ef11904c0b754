"""Read what a Python repository declares: requirements of the project and of its tests, lock files, and the project.

Law: a lock file only narrows (its versions become constraints), so that markers and extras stay the installer's work.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from workers.ecosystems.facts import Read, below
from workers.ecosystems.packages import Group, Needs, Packages
from workers.ecosystems.python import packages_declared as declared
from workers.ecosystems.python.packages_project import constraints, project_of, texts_of, toml
from workers.ecosystems.python.packages_sources import Sources, sources
from workers.egress import Sources as PackageHosts

DECLARING = (
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "tox.ini",
    "poetry.lock",
    "uv.lock",
    "pdm.lock",
    "pylock.toml",
    "Pipfile.lock",
)
TESTS = ("test", "tests", "testing", "dev", "develop", "development", "ci", "unittest", "pytest")
"""Names that projects give to the extra or group with what their tests need."""
_FILE = re.compile(
    r"(?:requirements|requires)?[_-]?(?:requirements|base|dev|develop|development|tests?|testing|ci)"
    r"(?:[_-](?:requirements|requires))?\.txt"
)
_FOLDERS = frozenset({"", "requirements", "requires", "test", "tests"})
_TESTING = re.compile(r"test|\bci\b|_ci\b", re.I)
_DEVELOPING = re.compile(r"dev", re.I)
_INCLUDED = re.compile(rb"^\s*(?:-r|-c|--requirement|--constraint)[\s=]*([\w./-]+)", re.M)
_PRESENT = frozenset({"pytest"})
"""Already in the toolbox: alone and in any version, no reason to install."""
_MOST_LINES = 2000


def needs(read: Read, files: Sequence[str]) -> Needs | None:
    """Return what the tests of a repository with these `files` need, as far as it is declared."""
    present = frozenset(files)
    texts = {name: (read(name) or b"").decode("utf-8", "replace") for name in DECLARING if name in present}
    pyproject = toml(texts.get("pyproject.toml", ""))
    listed = requirement_files(files)
    groups = [*_of_pyproject(pyproject), *_of_setup(texts)]
    groups += [Group(path, files=(path,)) for path in listed]
    groups += _pipfile(texts.get("Pipfile.lock", "")) if not listed else []
    groups = [group for group in groups if group.lines or group.files]
    if "tox.ini" in texts and not any(_TESTING.search(group.title) for group in groups):
        lines, more = declared.tox(texts["tox.ini"])
        groups.append(Group("tox.ini (testing)", lines, tuple(path for path in more if path in present)))
        listed += [path for path in more if path in present]
    if any(_TESTING.search(group.title) for group in groups):  # tools of development are many, and no test needs them
        groups = [one for one in groups if _TESTING.search(one.title) or not _DEVELOPING.search(one.title)]
    known = sources(pyproject, texts, files, read)
    for folder in known.folders:
        groups += [replace(one, title=f"{folder}: {one.title}") for one in _of_pyproject(_member(read, folder))]
    usable, left_out = _usable(groups, known)
    local = known.roots(files)
    if not any(group.files for group in usable) and not any(_worth(line) for group in usable for line in group.lines):
        own = project_of(pyproject, texts, files, read) if below(pyproject, "project") else None
        return (
            Needs((*texts, *_projects(known)), project=own, local=local, notes=_notes(left_out))
            if own or local
            else None
        )
    return Needs(
        (*texts, *_projects(known), *_with_included(read, listed, present)),
        tuple(usable),
        tuple(one for one in constraints(texts) if _plain_name(one) not in known.elsewhere) if not listed else (),
        project_of(pyproject, texts, files, read),
        local=local,
        notes=_notes(left_out),
    )


def _notes(left_out: Sequence[str]) -> tuple[str, ...]:
    return tuple(
        f"{name} is declared to come from elsewhere than a registry, so it can't be installed." for name in left_out[:3]
    )


def _projects(known: Sources) -> list[str]:
    return [f"{folder}/pyproject.toml" for folder in known.folders]


def _member(read: Read, folder: str) -> Mapping[str, object]:
    return toml((read(f"{folder}/pyproject.toml") or b"").decode("utf-8", "replace"))


def _plain_name(line: str) -> str:
    return canonicalize_name(line.partition("==")[0])


def requirement_files(files: Sequence[str]) -> list[str]:
    """Return the requirement files of the project, of its tests and of its development, where they usually stand."""
    found = [path for path in files if _FILE.fullmatch(path.rpartition("/")[2].lower())]
    return [path for path in found if path.rpartition("/")[0].lower() in _FOLDERS]


def _with_included(read: Read, listed: Sequence[str], present: frozenset[str]) -> list[str]:
    """Return the files and what they include, at any depth."""
    found: list[str] = []
    waiting = list(listed)
    while waiting and len(found) < 50:
        path = waiting.pop()
        if path in found or path not in present:
            continue
        found.append(path)
        folder = path.rpartition("/")[0]
        for name in _INCLUDED.findall(read(path) or b""):
            parts: list[str] = []
            for part in f"{folder}/{name.decode()}".split("/"):
                parts = parts[:-1] if part == ".." else [*parts, part] if part not in {"", "."} else parts
            waiting.append("/".join(parts))
    return sorted(found)


def _usable(groups: Sequence[Group], known: Sources) -> tuple[list[Group], list[str]]:
    """Return the groups without options and without addresses of their own, and the names left out for that."""
    usable, left_out = [], []
    for group in groups:
        lines = []
        for line in map(str.strip, group.lines[:_MOST_LINES]):
            if "\n" in line or "\r" in line:
                continue
            try:
                wanted = Requirement(line)
            except (InvalidRequirement, RecursionError):
                continue
            name = canonicalize_name(wanted.name)
            if wanted.url or name in known.elsewhere:
                left_out += [wanted.name[:60]] if name not in known.names and wanted.name[:60] not in left_out else []
            else:
                lines.append(line)
        if lines or group.files:
            usable.append(Group(group.title, tuple(dict.fromkeys(lines)), group.files))
    return usable, left_out


def _worth(line: str) -> bool:
    """Tell if a requirement asks for more than the toolbox has."""
    return line.strip().lower() not in _PRESENT


def _of_pyproject(content: Mapping[str, object]) -> Iterator[Group]:
    yield Group("the project", texts_of(below(content, "project").get("dependencies")))
    groups = below(content, "dependency-groups")
    for origin, table in (
        ("extra", below(content, "project", "optional-dependencies")),
        ("group", {name: _group(groups, name, ()) for name in groups}),
        ("group", below(content, "tool", "pdm", "dev-dependencies")),
    ):
        for name, lines in table.items():
            if str(name).lower() in TESTS:
                yield Group(f"{origin} {name}", texts_of(lines))
    yield Group("tool.uv", texts_of(below(content, "tool", "uv").get("dev-dependencies")))
    for name in ("default", "test", "hatch-test"):
        table = below(content, "tool", "hatch", "envs", name)
        lines = (*texts_of(table.get("dependencies")), *texts_of(table.get("extra-dependencies")))
        yield Group(f"hatch {name}", tuple(line for line in lines if "{" not in line))
    poetry = below(content, "tool", "poetry")
    yield Group("poetry", tuple(_poetry(below(poetry, "dependencies"))))
    yield Group("poetry", tuple(_poetry(below(poetry, "dev-dependencies"))))
    for name in below(poetry, "group"):
        if name.lower() in TESTS:
            yield Group(f"poetry {name}", tuple(_poetry(below(poetry, "group", name, "dependencies"))))


def _group(groups: Mapping[str, object], name: str, above: tuple[str, ...]) -> list[str]:
    """Return a dependency group's lines, with those of the groups it includes."""
    lines: list[str] = []
    entries = groups.get(name)
    for entry in entries if isinstance(entries, list) and len(above) < 20 else ():
        if isinstance(entry, str):
            lines.append(entry)
        elif isinstance(entry, dict) and isinstance(inner := entry.get("include-group"), str) and inner not in above:
            lines += _group(groups, inner, (*above, name))
    return lines


def _poetry(table: Mapping[str, object]) -> Iterator[str]:
    """Yield the requirements of a Poetry table; its own range signs become ordinary specifiers."""
    for name, value in table.items():
        one = value if isinstance(value, dict) else {"version": value}
        if any(isinstance(one.get(place), str) for place in ("git", "url", "path")) and not one.get("optional"):
            yield f"{name} @ https://elsewhere"
        if name.lower() == "python" or one.get("optional") or not isinstance(version := one.get("version"), str):
            continue
        extras = ",".join(texts_of(one.get("extras")))
        marker = one.get("markers")
        yield (
            f"{name}{f'[{extras}]' if extras else ''}{_range(version)}"
            f"{f' ; {marker}' if isinstance(marker, str) else ''}"
        )


def _range(written: str) -> str:
    """Return `^1.2.3`, `~1.2` and plain versions of Poetry as an ordinary specifier."""
    parts = []
    for part in (one.strip() for one in written.split(",")):
        bare = part.lstrip("^~").strip()
        try:
            numbers = list(Version(bare).release)
        except InvalidVersion:
            parts += [] if part in {"*", ""} or "||" in part else [part]
            continue
        if part[0] not in "^~":
            parts.append(f"=={bare}")
            continue
        first = next((at for at, number in enumerate(numbers) if number), len(numbers) - 1)
        at = first if part[0] == "^" else min(1, len(numbers) - 1)
        parts.append(f">={bare},<{'.'.join(map(str, [*numbers[:at], numbers[at] + 1]))}")
    return ",".join(parts)


def _of_setup(texts: Mapping[str, str]) -> Iterator[Group]:
    for name, parse in (("setup.cfg", declared.setup_cfg), ("setup.py", declared.setup_py)):
        if name in texts:
            needed, extras = parse(texts[name])
            yield Group(name, needed)
            for extra, lines in extras.items():
                if extra.lower() in TESTS:
                    yield Group(f"{name} {extra}", lines)


def _pipfile(text: str) -> list[Group]:
    try:
        content = json.loads(text or "{}")
        return [
            Group(f"Pipfile.lock {part}", tuple(f"{name}{one['version']}" for name, one in content[part].items()))
            for part in ("default", "develop")
            if part in content
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []


def _variables(sources: PackageHosts) -> dict[str, str]:
    found = {
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_NO_INPUT": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_PROGRESS_BAR": "off",
        "PIP_RETRIES": "2",
        "PIP_DEFAULT_TIMEOUT": "30",
        "PIP_ROOT_USER_ACTION": "ignore",
        "UV_CACHE_DIR": "/deps/.tmp/uv",
    }
    if not sources.source_builds:
        found |= {"PIP_ONLY_BINARY": ":all:", "UV_NO_BUILD": "1"}
    if sources.index:
        found |= {"PIP_INDEX_URL": sources.index, "UV_DEFAULT_INDEX": sources.index}
        if host := re.match(r"http://([^/]+)", sources.index):
            found["PIP_TRUSTED_HOST"] = host[1]
    return found


_HERE = Path(__file__)
PACKAGES = Packages(
    declaring=DECLARING,
    listed=requirement_files,
    needs=needs,
    inside=_HERE.with_name("packages_inside.py"),
    beside=(_HERE.with_name("packages_ready_made.py"),),
    variables=_variables,
    trusted=("PIP_CERT",),
    hosts=(
        *("python3", "-I", "-c"),
        "from pip._internal.models.index import PyPI as p; print(p.netloc, p.file_storage_domain)",
    ),
    version=("python3", "-I", "-c", "import sys; print(sys.version, sys.prefix, sys.base_prefix)"),
    complaint="ERROR:",
)
