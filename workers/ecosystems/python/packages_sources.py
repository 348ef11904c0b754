"""Where a Python repository says that a package comes from, if not from a registry. Pure.

Law: what has a declared source is never taken from another place. A registry's package of the same name is another
package, so a member of the repository is on the path, and anything else is not installed.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from packaging.utils import canonicalize_name

from workers.ecosystems.facts import Read, below
from workers.ecosystems.python.packages_project import texts_of, toml

_PLACES = ("workspace", "path", "git", "url", "index", "source", "file", "editable", "directory", "virtual")
_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml")
_MOST_MEMBERS = 100


@dataclass(frozen=True)
class Sources:
    """`elsewhere` are names that no registry may give, `folders` the members of the repository among their places."""

    elsewhere: frozenset[str] = frozenset()
    folders: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()
    """Names of the members."""

    def roots(self, files: Sequence[str]) -> tuple[str, ...]:
        """Return the folders that have to be on the path for the members to be imported."""
        return tuple(
            f"{folder}/src" if any(path.startswith(f"{folder}/src/") for path in files) else folder
            for folder in self.folders
        )


def sources(pyproject: Mapping[str, object], texts: Mapping[str, str], files: Sequence[str], read: Read) -> Sources:
    """Return what the project file and the lock files declare to come from somewhere else than a registry."""
    declared = dict(_declared(pyproject))
    elsewhere = {*declared, *_locked(texts)}
    named = {_clean(str(one["path"])) for one in declared.values() if isinstance(one.get("path"), str)}
    projects = {path.rpartition("/")[0] for path in files if path.endswith("/pyproject.toml")}
    folders = sorted(projects & {*named, *_members(pyproject, projects)})[:_MOST_MEMBERS]
    members = {folder: _name(read, folder) for folder in folders}
    return Sources(frozenset(elsewhere | set(members.values()) - {""}), tuple(folders), frozenset(members.values()))


def _declared(pyproject: Mapping[str, object]) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield names and their declared places: uv's sources, and what Poetry's tables say beside a version."""
    poetry = below(pyproject, "tool", "poetry")
    tables = [
        below(pyproject, "tool", "uv", "sources"),
        below(poetry, "dependencies"),
        below(poetry, "dev-dependencies"),
    ]
    tables += [below(poetry, "group", name, "dependencies") for name in below(poetry, "group")]
    for table in tables:
        for name, value in table.items():
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, dict) and any(place in one for place in _PLACES):
                    yield canonicalize_name(name), one


def _locked(texts: Mapping[str, str]) -> Iterator[str]:
    """Yield packages that a lock file takes from a folder, a repository or an address."""
    for file in _LOCKS:
        content = toml(texts.get(file, ""))
        packages = content.get("package", content.get("packages"))
        for one in packages if isinstance(packages, list) else ():
            if not isinstance(one, dict) or not isinstance(name := one.get("name"), str):
                continue
            source = one.get("source")
            held = source if isinstance(source, dict) else one if file != "uv.lock" else {}
            places = {*_PLACES, "vcs", "archive"} - ({"index", "source"} if held is one else set())
            if held.keys() & places or held.get("type") in {"git", "directory", "file", "url", "legacy"}:
                yield canonicalize_name(name)


def _members(pyproject: Mapping[str, object], projects: set[str]) -> Iterator[str]:
    workspace = below(pyproject, "tool", "uv", "workspace")
    members, left_out = texts_of(workspace.get("members")), texts_of(workspace.get("exclude"))
    for folder in projects:
        if any(_fits(folder, one) for one in members) and not any(_fits(folder, one) for one in left_out):
            yield folder


def _fits(folder: str, pattern: str) -> bool:
    pattern = _clean(pattern)
    return fnmatchcase(folder, pattern) and ("**" in pattern or folder.count("/") == pattern.count("/"))


def _name(read: Read, folder: str) -> str:
    content = toml((read(f"{folder}/pyproject.toml") or b"").decode("utf-8", "replace"))
    name = below(content, "project").get("name") or below(content, "tool", "poetry").get("name")
    return canonicalize_name(name) if isinstance(name, str) else ""


def _clean(path: str) -> str:
    return posixpath.normpath(path).strip("/")
