"""Read a Python repository's own distribution, and the versions that its lock file holds. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from packaging.markers import InvalidMarker, Marker
from packaging.utils import InvalidName, canonicalize_name
from packaging.version import InvalidVersion, Version

from workers.ecosystems.facts import Read, below
from workers.ecosystems.packages import Project
from workers.formats import toml as bounded


def toml(text: str) -> Mapping[str, object]:
    """Return the content of a TOML text, empty where it is none."""
    try:
        return bounded.loads(text)
    except (ValueError, RecursionError):
        return {}


def texts_of(value: object) -> tuple[str, ...]:
    """Return the texts of a list; whatever else it holds is left out."""
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def constraints(texts: Mapping[str, str]) -> list[str]:
    """Return `name==version` for each package of the lock file, with a marker where it has several versions."""
    for file in ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml"):
        content = toml(texts.get(file, ""))
        packages = content.get("package", content.get("packages"))
        locked: dict[str, dict[str, str]] = {}
        for package in packages if isinstance(packages, list) else ():
            one = package if isinstance(package, dict) else {}
            name, version = _name(one.get("name")), _version(one.get("version"))
            if name and version:
                locked.setdefault(name, {})[version] = _marker(one)
        if locked:
            return [
                f"{name}=={version}{f' ; {marker}' if len(seen) > 1 else ''}"
                for name, seen in locked.items()
                if len(seen) == 1 or all(seen.values())
                for version, marker in seen.items()
            ]
    return []


def _name(value: object) -> str:
    """Return a distribution's name as everybody spells it, "" where it is none."""
    try:
        return canonicalize_name(value, validate=True) if isinstance(value, str) else ""
    except InvalidName:
        return ""


def _version(value: object) -> str:
    """Return a version as everybody spells it, "" where it is none."""
    try:
        return str(Version(value)) if isinstance(value, str) else ""
    except InvalidVersion:
        return ""


def _marker(package: Mapping[str, object]) -> str:
    """Return when a locked version counts, as one marker, or "" where the lock file does not say."""
    said = package.get("resolution-markers", package.get("markers"))
    parts = [said] if isinstance(said, str) else texts_of(said)
    try:
        for part in parts:
            Marker(part)
    except (InvalidMarker, RecursionError):
        return ""
    return " or ".join(f"({' '.join(part.split())})" for part in parts)


def project_of(
    pyproject: Mapping[str, object], texts: Mapping[str, str], files: Sequence[str], read: Read
) -> Project | None:
    """Return the distribution as its files state it; a version that only a build knows is PKG-INFO's, else 0."""
    table = below(pyproject, "project")
    name = table.get("name") or below(pyproject, "tool", "poetry").get("name")
    if not isinstance(name, str) and "setup.cfg" in texts:
        found = re.search(r"^name\s*=\s*([\w.-]+)\s*$", texts["setup.cfg"], re.M)
        name = found[1] if found else None
    if not isinstance(name, str) or not _name(name):
        return None
    version = table.get("version") or below(pyproject, "tool", "poetry").get("version")
    if not isinstance(version, str) and "PKG-INFO" in files:
        found = re.search(r"^Version: (\S+)$", (read("PKG-INFO") or b"").decode("utf-8", "replace"), re.M)
        version = found[1] if found else None
    entry_points: dict[str, dict[str, str]] = {"console_scripts": _strings(below(table, "scripts"))}
    for group in below(table, "entry-points"):
        entry_points[group] = _strings(below(table, "entry-points", group))
    entry_points.setdefault("console_scripts", {}).update(_strings(below(pyproject, "tool", "poetry", "scripts")))
    source = any(path.startswith("src/") and path.endswith(".py") for path in files)
    return Project(
        name,
        _version(version) or "0",
        ("src", ".") if source else (".",),
        {group: points for group, points in entry_points.items() if points},
        _generated(pyproject, files),
    )


def _generated(pyproject: Mapping[str, object], files: Sequence[str]) -> tuple[str, ...]:
    """Return the version modules that setuptools-scm, hatch-vcs and PDM write as they build, unknown to git."""
    scm, hatch = below(pyproject, "tool", "setuptools_scm"), below(pyproject, "tool", "hatch", "build", "hooks", "vcs")
    paths = [scm.get("version_file"), scm.get("write_to"), hatch.get("version-file")]
    paths.append(below(pyproject, "tool", "pdm", "version").get("write_to"))
    missing = [path for path in paths if isinstance(path, str) and path not in files and f"src/{path}" not in files]
    found = [
        path.removeprefix("src/").removesuffix(".py").replace("/", ".") for path in missing if path.endswith(".py")
    ]
    return tuple(dict.fromkeys(name for name in found if re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*){0,8}", name)))


def _strings(table: Mapping[str, object]) -> dict[str, str]:
    plain = re.compile(r"[\w.:\[\], -]+")
    return {
        name: value
        for name, value in table.items()
        if isinstance(value, str) and plain.fullmatch(value) and plain.fullmatch(name)
    }
