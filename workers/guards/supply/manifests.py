"""Which files are manifests of packages, and whose manifests and locks belong together.

Law: what cannot be read declares nothing and is reported: `Unreadable` is the only way a manifest fails.
"""

from __future__ import annotations

import configparser
from fnmatch import fnmatch
from functools import lru_cache

from workers.guards.supply import readers
from workers.guards.supply.readers import Reader, by_line

_LARGEST = 4 << 20


class Unreadable(Exception):
    """The manifest is not what its name says."""


def declared(path: str, text: str) -> dict[str, str] | None:
    """Return name to version or source of every package that a manifest declares; None where the path is no manifest.

    Raises `Unreadable`.
    """
    reader = reader_of(path)
    if reader is None:
        return None
    if len(text) > _LARGEST:
        raise Unreadable
    try:
        return {package.name: package.wanted for package in reader(text)} if text.strip() else {}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, SyntaxError, configparser.Error) as wrong:
        raise Unreadable from wrong


@lru_cache(4096)
def reader_of(path: str) -> Reader | None:
    """Return how a manifest is read, by its name; None for what is no manifest."""
    name = path.rsplit("/", 1)[-1]
    return next(
        (one for marks, one in _READERS if any(fnmatch(name, each) or fnmatch(path, each) for each in marks)), None
    )


@lru_cache(4096)
def ecosystem(path: str) -> str:
    """Return whose manifests and locks belong together; "" where nobody's do."""
    name = path.rsplit("/", 1)[-1].lower()
    return next((kind for kind, marks in _ECOSYSTEMS.items() if any(fnmatch(name, mark) for mark in marks)), "")


_REQUIREMENTS = ("*requirements*.txt", "*requirements*.in", "*constraints*.txt")
_READERS: tuple[tuple[tuple[str, ...], Reader], ...] = (
    (("package.json",), readers.package_json),
    (("pyproject.toml",), readers.pyproject),
    (("setup.cfg",), readers.setup_cfg),
    (("setup.py",), readers.setup_py),
    ((*_REQUIREMENTS, "*requirements/*.txt", "*requirements/*.in"), readers.requirements),
    (("Pipfile",), readers.pipfile),
    (("Cargo.toml",), readers.cargo),
    (("go.mod",), readers.go_mod),
    (("Gemfile", "gems.rb", "*.gemspec"), by_line("declares-gem")),
    (("composer.json",), readers.composer),
    (("pom.xml",), readers.pom),
    (("*.gradle", "*.gradle.kts"), by_line("declares-gradle")),
    (("libs.versions.toml",), by_line("declares-catalog")),
    (("*.csproj", "*.fsproj", "*.vbproj", "Directory.Packages.props", "packages.config"), readers.csproj),
    (("pubspec.yaml",), readers.pubspec),
    (("mix.exs",), by_line("declares-mix")),
    (("Package.swift",), by_line("declares-swift")),
    (("Podfile",), by_line("declares-pod")),
    (("Cartfile",), by_line("declares-carthage")),
    (("conanfile.txt",), by_line("declares-conan")),
    (("vcpkg.json",), readers.vcpkg),
    (("deno.json",), readers.deno),
    (("build.sbt",), by_line("declares-sbt")),
    (("environment.yml",), by_line("declares-conda")),
    ((".pre-commit-config.yaml",), readers.pre_commit),
    (("Dockerfile*", "*.Dockerfile"), by_line("declares-image")),
)
_ECOSYSTEMS = {
    "python": (
        "pyproject.toml", "setup.py", "setup.cfg", *_REQUIREMENTS, "pipfile*", "poetry.lock", "uv.lock", "pdm.lock",
        "pylock*.toml",
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
