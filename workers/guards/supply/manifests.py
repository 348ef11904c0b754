"""Which files are manifests of packages, and whose manifests and locks belong together.

Law: what cannot be read declares nothing and is told as such: `Unreadable` is the only way a manifest fails.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import lru_cache

from workers.guards.supply import readers
from workers.guards.supply.readers import Package, Reader, by_line

_LARGEST = 4 << 20


class Unreadable(Exception):
    """The manifest is not what its name says."""


def declared(path: str, text: str) -> dict[str, str] | None:
    """Name to version or source of every package that a manifest declares; None where the path is no manifest.

    Raises `Unreadable`.
    """
    reader = reader_of(path)
    if reader is None:
        return None
    if len(text) > _LARGEST:
        raise Unreadable
    try:
        return {package.name: package.wanted for package in reader(text)} if text.strip() else {}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, SyntaxError) as wrong:
        raise Unreadable from wrong


@lru_cache(4096)
def reader_of(path: str) -> Reader | None:
    """How a manifest is read, by its name; None for what is no manifest."""
    name = path.rsplit("/", 1)[-1]
    return next((reader for pattern, reader in _READERS if fnmatch(name, pattern) or fnmatch(path, pattern)), None)


@lru_cache(4096)
def ecosystem(path: str) -> str:
    """Whose manifests and locks belong together."""
    name = path.rsplit("/", 1)[-1].lower()
    return next((kind for kind, marks in _ECOSYSTEMS.items() if any(fnmatch(name, mark) for mark in marks)), "")


def _vcpkg(text: str) -> Iterator[Package]:
    for one in json.loads(text).get("dependencies", []):
        yield Package(str(one.get("name") if isinstance(one, dict) else one), "")


def _deno(text: str) -> Iterator[Package]:
    for name, wanted in (json.loads(text).get("imports") or {}).items():
        yield Package(str(name), str(wanted))


_COORDINATES = r"[\"']([\w.-]+:[\w.-]+)(?::([^\"']+))?[\"']"
_GEM = r"^\s*gem\s*\(?\s*[\"']([^\"']+)[\"'](.*)$"
_PLUGIN = r"^\s*id\s*\(?\s*[\"']([\w.-]+)[\"']\s*\)?.*?version\s*[( ]?\s*[\"']([^\"']+)"
_GRADLE = by_line(rf"^\s*\w+\s*[( ]\s*(?:\w+\s*\(\s*)?{_COORDINATES}", _PLUGIN)
_READERS: tuple[tuple[str, Reader], ...] = (
    ("package.json", readers.package_json),
    ("pyproject.toml", readers.pyproject),
    ("setup.cfg", readers.setup_cfg),
    ("setup.py", readers.setup_py),
    ("*requirements*.txt", readers.requirements),
    ("*requirements*.in", readers.requirements),
    ("*constraints*.txt", readers.requirements),
    ("*requirements/*.txt", readers.requirements),
    ("*requirements/*.in", readers.requirements),
    ("Pipfile", readers.pipfile),
    ("Cargo.toml", readers.cargo),
    ("go.mod", readers.go_mod),
    ("Gemfile", by_line(_GEM)),
    ("gems.rb", by_line(_GEM)),
    ("*.gemspec", by_line(r"add_(?:runtime_|development_)?dependency\s*\(?\s*[\"']([^\"']+)[\"'](.*)$")),
    ("composer.json", readers.composer),
    ("pom.xml", readers.pom),
    ("*.gradle", _GRADLE),
    ("*.gradle.kts", _GRADLE),
    (
        "libs.versions.toml",
        by_line(
            r"module\s*=\s*[\"']([\w.-]+:[\w.-]+)[\"'](.*)$",
            r"^\s*[\w-]+\s*=\s*[\"']([\w.-]+:[\w.-]+):([^\"']+)[\"']",
        ),
    ),
    ("*.csproj", readers.csproj),
    ("*.fsproj", readers.csproj),
    ("*.vbproj", readers.csproj),
    ("Directory.Packages.props", readers.csproj),
    ("packages.config", readers.csproj),
    ("pubspec.yaml", readers.pubspec),
    ("mix.exs", by_line(r"^\s*[\[{]*\{\s*:(\w+)\s*,(.*)$")),
    ("Package.swift", by_line(r"\.package\(.*?(?:url|path):\s*\"([^\"]+)\"(.*)$")),
    ("Podfile", by_line(r"^\s*pod\s+[\"']([^\"']+)[\"'](.*)$")),
    ("Cartfile", by_line(r"^\s*(?:github|git|binary)\s+\"([^\"]+)\"(.*)$")),
    ("conanfile.txt", by_line(r"^\s*([\w.+-]+)/([\w.+-]+)")),
    ("vcpkg.json", _vcpkg),
    ("deno.json", _deno),
    ("build.sbt", by_line(r"\"([\w.-]+)\"\s*%%?%?\s*\"([\w.-]+)\"\s*%\s*\"([^\"]+)\"")),
    ("environment.yml", by_line(r"^\s*-\s*([a-zA-Z][\w.-]*)\s*([=<>].*)?$")),
    (".pre-commit-config.yaml", readers.pre_commit),
    ("Dockerfile*", readers.dockerfile),
    ("*.Dockerfile", readers.dockerfile),
)
_ECOSYSTEMS = {
    "python": (
        "pyproject.toml", "setup.py", "setup.cfg", "*requirements*.txt", "*requirements*.in", "*constraints*.txt",
        "pipfile*", "poetry.lock", "uv.lock", "pdm.lock", "pylock*.toml",
    ),
    "node": (
        "package.json", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock",
        "pnpm-workspace.yaml", "deno.json", "deno.lock", ".yarnrc.yml",
    ),
    "rust": ("cargo.toml", "cargo.lock"),
    "go": ("go.mod", "go.sum", "go.work", "go.work.sum"),
    "ruby": ("gemfile*", "*.gemspec", "gems.*"),
    "php": ("composer.json", "composer.lock"),
    "dotnet": ("*.csproj", "*.fsproj", "packages.lock.json", "directory.packages.props"),
    "dart": ("pubspec.yaml", "pubspec.lock"),
    "elixir": ("mix.exs", "mix.lock"),
    "swift": ("package.swift", "package.resolved", "podfile*"),
    "jvm": (
        "pom.xml", "*.gradle", "*.gradle.kts", "gradle.lockfile", "libs.versions.toml", "verification-metadata.xml",
        "build.sbt",
    ),
}  # fmt: skip
