"""A workspace over a shared checkout with a real sandbox around it, and the same edits in a plain one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from workers.sandbox import Session
from workers.sandbox.bubblewrap import Bubblewrap
from workers.workspace import ExportRefused, Workspace
from workers.workspace.mirror import BareMirror


@dataclass
class Ground:
    """Makes workspaces of one mirror in folders of the test."""

    mirror: BareMirror
    home: Path
    count: int = 0

    def workspace(self, base: str, *, tree: str | None = None, layers: bool = True, history: bool = False) -> Workspace:
        self.count += 1
        place = self.home / f"place-{self.count}"
        place.mkdir()
        self.mirror._layers = lambda _: layers
        made = self.mirror.workspace(place, base, tree=tree, history=history)
        assert (made.lower is not None) == layers
        return made

    @contextmanager
    def session(self, workspace: Workspace) -> Iterator[Session]:
        session = Bubblewrap(self.home / "box").open(workspace)
        try:
            yield session
        finally:
            session.close()

    def result(self, base: str, act: Callable[[Session], object], *, layers: bool = True) -> str:
        """The tree, or what was refused, of a fresh workspace in which `act` did something."""
        workspace = self.workspace(base, layers=layers)
        with self.session(workspace) as session:
            act(session)
            return told(self.mirror, workspace, base)


def told(mirror: BareMirror, workspace: Workspace | Path, base: str) -> str:
    """The tree of an export, or its refusals in a form to be compared."""
    try:
        return mirror.export(workspace, base)
    except ExportRefused as refused:
        return repr(sorted(refused.paths.items()))


def files(place: Path) -> dict[str, tuple[bytes, bool]]:
    """Every regular file below a folder with its bytes and whether it can be run."""
    return {
        str(file.relative_to(place)): (file.read_bytes(), os.access(file, os.X_OK))
        for file in place.rglob("*")
        if file.is_file() and not file.is_symlink()
    }
