"""Export what a sandbox wrote over a shared checkout, by reading only the upper folder of the overlay.

Law: the upper folder is as hostile as any that an agent wrote. It says which paths differ from the base; every file in
it still goes through the same checks as in a full export.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from workers.workspace import ExportRefused
from workers.workspace.checkout import REGULAR, TreeEntry
from workers.workspace.export import consider, enter, learn
from workers.workspace.extent import Extent, folders, refuse_outside
from workers.workspace.git import Git, GitFailed
from workers.workspace.ignore import LARGEST, Ignores
from workers.workspace.name_clashes import refuse_name_clashes
from workers.workspace.proposal import ExportProgress, hashed, refuse_large_files, refuse_names
from workers.workspace.trees import TREE, Trees, rebuilt
from workers.workspace.walk import ChangeTooLarge, ExportLimits, FoundFile, walk

OPAQUE = "user.overlay.opaque"


@dataclass(frozen=True)
class _Looked:
    """The files that the base tracks, looked up path by path."""

    trees: Trees

    def entry(self, path: str) -> TreeEntry | None:
        found = self.trees.entry(path)
        return None if found is None or found.mode == TREE else TreeEntry(found.mode, found.sha, path)

    def is_folder(self, path: str) -> bool:
        found = self.trees.entry(path)
        return found is not None and found.mode == TREE

    def children(self, folder: str) -> Iterable[str]:
        return self.trees.children(folder)

    def below(self, folder: str) -> Iterable[str]:
        return (entry.name for entry in self.trees.below(folder))


@dataclass
class _Layer:
    """Everything that one export has found in the upper folder."""

    work: ExportProgress
    trees: Trees
    extent: Extent
    visible: dict[str, bool] = field(default_factory=dict)
    """For each visited folder: whether files of the base are visible in it."""
    gone: list[str] = field(default_factory=list)
    """Removed paths of the base, with everything below them."""


def export(git: Git, upper: Path, base: str, budget: ExportLimits | None = None, extent: Extent | None = None) -> str:
    """Return the tree of `upper` laid over `base`, within `extent`. Raises `ExportRefused`."""
    extent = extent or Extent()
    with tempfile.TemporaryDirectory(dir=git.gitdir, prefix="export-") as place, Trees(git, base) as trees:
        spool = Path(place)
        with Ignores(git, spool / "ignore") as ignores:
            ceilings = budget or ExportLimits()
            work = ExportProgress(_Looked(trees), ignores, spool, ceilings, extent.large_file, extent.modules)
            layer = _Layer(work, trees, extent)
            _look_through(layer, upper)
        lost = [*layer.gone, *(path for path in extent.also if path not in work.seen)]
        gone = {entry.name: entry for path in lost for entry in trees.below(path) if extent.has(entry.name)}
        refuse_names(work, gone.values())
        refuse_name_clashes(work, gone)
        refuse_outside(work, extent)
        attributes = _attributes(trees, (path for _, path in work.changed))
        extent.obtain(entry.sha for entry in attributes)
        refuse_large_files(git, work, attributes, f"{place}/index")
        if work.faults:
            raise ExportRefused(work.faults)
        if not gone and not work.changed:
            return base
        edits: dict[str, TreeEntry | None] = dict.fromkeys(gone if extent.sparse else layer.gone)
        return rebuilt(git, trees, edits | {entry.name: entry for entry in hashed(git, work)})


def _look_through(layer: _Layer, upper: Path) -> None:
    try:
        for found in walk(
            str(upper),
            layer.work.budget,
            lambda found: _enter(layer, found),
            lambda path, fd: _opened(layer, path, fd),
        ):
            if found.kind == "whiteout":
                if found.path != ".git":
                    _lose(layer, found.path)
            elif found.kind != "folder":
                if layer.work.base.is_folder(found.path):
                    _lose(layer, found.path)
                consider(layer.work, found)
    except ChangeTooLarge as ceiling:
        raise ExportRefused({".": str(ceiling)}) from ceiling
    except PermissionError as closed:
        raise ExportRefused({".": "cannot be read"}) from closed
    except GitFailed as failure:
        raise ExportRefused({".gitignore": "its rules cannot be worked out in time"}) from failure


def _lose(layer: _Layer, path: str) -> None:
    if layer.work.modules.home(path) in layer.work.modules.paths:
        layer.work.blame_module(path)
    elif layer.trees.entry(path) is not None:
        layer.gone.append(path)


def _enter(layer: _Layer, found: FoundFile) -> bool:
    """Return whether to look into a folder. A file of the base at the same path is removed by it."""
    if layer.work.base.entry(found.path) is not None and found.path not in layer.work.seen:
        entering = enter(layer.work, found)
        if found.path not in layer.work.seen:
            _lose(layer, found.path)
        return entering
    return enter(layer.work, found)


def _opened(layer: _Layer, path: str, folder: int) -> None:
    """Record which files of the base an open folder hides, and learn the `.gitignore` that applies in it."""
    above = not path or layer.visible.get(os.path.dirname(path), False)
    visible = above and layer.work.base.is_folder(path) and not _is_opaque(folder) if path else True
    layer.visible[path] = visible
    modules = layer.work.modules
    if (path in modules.paths or modules.home(path)) and path in modules.folders and _is_opaque(folder):
        layer.work.blame_module(path)
    with contextlib.suppress(OSError):
        names = set(os.listdir(folder))
        prefix = f"{path}/" if path else ""
        if not visible:
            layer.gone += [prefix + name for name in layer.trees.children(path) if name not in names]
        if ".gitignore" in names:
            learn(layer.work, path, folder)
        elif visible:
            rules = layer.trees.children(path).get(".gitignore")
            if rules is not None and rules.mode in REGULAR:
                layer.extent.obtain([rules.sha])
                layer.work.ignores.learn(path, layer.trees.read(rules.sha)[:LARGEST])


def _is_opaque(folder: int) -> bool:
    try:
        return os.getxattr(folder, OPAQUE) in {b"y", b"x"}
    except OSError:
        return False


def _attributes(trees: Trees, paths: Iterable[str]) -> list[TreeEntry]:
    """Return the base's `.gitattributes` files in and above the folders of some paths."""
    found = []
    for folder in sorted({"", *folders(paths)}):
        entry = trees.children(folder).get(".gitattributes")
        if entry is not None and entry.mode != TREE:
            found.append(TreeEntry(entry.mode, entry.sha, f"{folder}/.gitattributes".lstrip("/")))
    return found
