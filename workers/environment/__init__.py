"""Install the packages that a repository's tests need, once, and show them read-only to later sandboxes.

Installing runs code of strangers, so it happens in a sandbox too.

Law: a setup's only way out is our proxy. Its result is used inside sandboxes only; the host never opens it.
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
    """Packages to install. `inputs` are the files that decide it, {path: sha256}; `needs` are grouped by language.

    `command`, a bash command line, replaces `needs`.
    """

    inputs: Mapping[str, str]
    needs: Mapping[str, Needs] = field(default_factory=dict)
    command: str = ""
    minutes: float = 15.0

    @property
    def notes(self) -> tuple[str, ...]:
        """Return sentences about parts that are left out."""
        return tuple(note for needs in self.needs.values() for note in needs.notes)

    @property
    def parts(self) -> int:
        """Return the number of parts that are installed separately, each of which may fail."""
        return sum(needs.parts for needs in self.needs.values()) + bool(self.command)


@dataclass(frozen=True)
class Installed:
    """Installed packages for a sandbox. `folder` is None if nothing is needed or nothing could be installed.

    `reasons` are sentences for people about missing packages (partly untrusted text: escape before showing). `fresh`
    means that they were installed just now, in `seconds`.
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
    """A sandbox in which a setup can run."""

    def open_setup(self, workspace: Path, result: Path, proxy: Path) -> Session:
        """Open a session as `open` does, with `result` writable at /deps and the socket `proxy` at /run/egress.sock."""
        ...
