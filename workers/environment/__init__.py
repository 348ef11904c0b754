"""What a repository's tests need from package registries: installed once, shown read-only to later sandboxes.

Law: a setup runs in a sandbox whose only way out is our proxy, and its result is used inside sandboxes alone; the host
never opens what it left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from workers.egress import RefusedHost
from workers.sandbox import Session


@dataclass(frozen=True)
class Group:
    """Python requirements that belong together: `lines` as in a requirements file, `files` such files by path."""

    title: str
    lines: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Project:
    """The repository's own Python distribution, known to the interpreter without running its build.

    `entry_points` is {group: {name: object}}; `roots` are the folders with its packages, relative to the repository;
    `generated` the modules that only its build writes, which hold nothing but the version.
    """

    name: str
    version: str
    roots: tuple[str, ...]
    entry_points: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    generated: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """What to install. `inputs` are the files it follows from, {path: sha256}; `notes` say what it leaves out.

    `node` is a command line run at the repository's root, or "". `command` replaces everything else.
    """

    inputs: Mapping[str, str]
    groups: tuple[Group, ...] = ()
    constraints: tuple[str, ...] = ()
    project: Project | None = None
    node: str = ""
    command: str = ""
    minutes: float = 15.0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Installed:
    """What a sandbox can be given. `folder` is None where nothing is needed or nothing could be installed.

    `reasons` are short sentences for people about what is missing (outside text in part: escape before showing);
    `fresh` tells that it was installed just now, in `seconds`.
    """

    folder: Path | None = None
    reasons: tuple[str, ...] = ()
    refused: tuple[RefusedHost, ...] = ()
    fresh: bool = False
    seconds: float = 0.0


class SetupFailed(Exception):
    """Nothing could be installed; the message is a sentence for people. `refused` are the proxy's refusals."""

    def __init__(self, why: str, refused: tuple[RefusedHost, ...] = ()) -> None:
        super().__init__(why)
        self.refused = refused


class SetupSandbox(Protocol):
    """A sandbox that can be opened for a setup."""

    def open_setup(self, workspace: Path, result: Path, proxy: Path) -> Session:
        """As `open`, with `result` writable at /deps and the socket `proxy` at /run/egress.sock."""
        ...
