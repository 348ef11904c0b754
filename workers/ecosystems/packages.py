"""What a language's folder says of packages: which files declare them, what those ask for, and how it is installed.

An installation runs in a sandbox of its own, so a folder brings a program for it (`inside`), which is copied there with
the files beside it and may import nothing of ours: at run time, this module is not there either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypedDict

from workers.ecosystems.facts import Read
from workers.egress import Sources


@dataclass(frozen=True)
class Group:
    """Requirements that belong together: `lines` as in a requirements file, `files` such files by path."""

    title: str
    lines: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Project:
    """The repository's own distribution, made known to the interpreter without running its build.

    `entry_points` is {group: {name: object}}; `roots` are the folders with its packages, relative to the repository;
    `generated` the modules that only its build writes, which hold nothing but the version.
    """

    name: str
    version: str
    roots: tuple[str, ...]
    entry_points: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    generated: tuple[str, ...] = ()


@dataclass(frozen=True)
class Needs:
    """What a repository declares in one language, read from the files `inputs`; `notes` say what is left out.

    `groups` are installed within `constraints`, `line` is a command line run at the repository's root.
    """

    inputs: tuple[str, ...]
    groups: tuple[Group, ...] = ()
    constraints: tuple[str, ...] = ()
    project: Project | None = None
    line: str = ""
    local: tuple[str, ...] = ()
    """Folders with packages of the repository's own, which go before packages of the same name."""
    notes: tuple[str, ...] = ()

    @property
    def parts(self) -> int:
        """Count what is fetched, each of which may fail by itself."""
        return len(self.groups) + bool(self.line)


class GroupTold(TypedDict):
    """A `Group` as JSON."""

    title: str
    lines: list[str]
    files: list[str]


class ProjectTold(TypedDict):
    """A `Project` as JSON."""

    name: str
    version: str
    roots: list[str]
    entry_points: dict[str, dict[str, str]]
    generated: list[str]


class NeedsTold(TypedDict):
    """`Needs` as the installing sandbox is given them, in JSON."""

    groups: list[GroupTold]
    constraints: list[str]
    project: ProjectTold | None
    line: str
    local: list[str]


class Installation(Protocol):
    """One installation, as the program inside sees it; `failed` and `left` are what it reports."""

    env: dict[str, str]
    failed: list[list[str]]
    left: list[str]

    def run(self, argv: list[str], title: str, cwd: str = ...) -> bool:
        """Run one program and return whether it succeeded; if not, `title` and its last words are in `failed`."""
        ...


def _nothing(_sources: Sources) -> dict[str, str]:
    return {}


@dataclass(frozen=True)
class Packages:
    """The part `packages` of an ecosystem.

    `declaring` are files at the root on which an installation depends, `listed` finds more of them among all files.
    `needs` reads what they declare, None where it is nothing; without it, only a repository's own command installs.
    `inside` is the program with `install(installation, needs)`, and optionally `before_command(installation)` and
    `finish(installation, needs or None)`; `beside` are files it reads. `variables` configure the package tool,
    `trusted` are those that name a file of trusted roots. `hosts` and `version` are command lines in the toolbox that
    print the public registry's hosts and the tool's version. `complaint` begins a line that says why something failed.
    """

    declaring: tuple[str, ...]
    listed: Callable[[Sequence[str]], list[str]] = lambda _files: []
    needs: Callable[[Read, Sequence[str]], Needs | None] | None = None
    inside: Path | None = None
    beside: tuple[Path, ...] = ()
    variables: Callable[[Sources], dict[str, str]] = _nothing
    trusted: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    version: tuple[str, ...] = ()
    complaint: str = ""
