"""Install what a repository's tests need from package registries once, and show it read-only to later sandboxes.

Law: a setup runs in a sandbox whose only way out is our proxy, and its result is used inside sandboxes alone; the host
never opens what it left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from workers.ecosystems.packages import Needs
from workers.egress import RefusedHost
from workers.sandbox import Session


@dataclass(frozen=True)
class Recipe:
    """Packages to install. `inputs` are the files that decide it, {path: sha256}; `needs` is by language.

    `command`, a bash command line, replaces the needs.
    """

    inputs: Mapping[str, str]
    needs: Mapping[str, Needs] = field(default_factory=dict)
    command: str = ""
    minutes: float = 15.0

    @property
    def notes(self) -> tuple[str, ...]:
        """Say what is left out."""
        return tuple(note for needs in self.needs.values() for note in needs.notes)

    @property
    def parts(self) -> int:
        """Count what is fetched, each of which may fail by itself."""
        return sum(needs.parts for needs in self.needs.values()) + bool(self.command)


@dataclass(frozen=True)
class Installed:
    """Packages that a sandbox can be given. `folder` is None where nothing is needed or nothing could be installed.

    `reasons` are short sentences for people about what is missing (outside text in part: escape before showing);
    `fresh` means that it was installed just now, in `seconds`.
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
        """Open a session as `open` does, with `result` writable at /deps and the socket `proxy` at /run/egress.sock."""
        ...
