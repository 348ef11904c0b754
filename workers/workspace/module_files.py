"""The files of checked-out submodules, to compare an export with.

Submodules are checked out to be read only: their commits belong to other repositories, which a change does not push to.

Law: a submodule leaves a workspace at the commit that it was checked out at, or the change is refused.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from workers.workspace.checkout import GITLINK, TreeEntry, entries
from workers.workspace.modules import Module


@dataclass(frozen=True)
class ModuleFiles:
    """The files and folders that an export must find in the checked-out submodules."""

    modules: Sequence[Module] = ()
    paths: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "paths", frozenset(one.path for one in self.modules))

    def home(self, path: str) -> str | None:
        """Return the outermost submodule that a path lies in, or None."""
        if not self.paths:
            return None
        end = path.find("/")
        while end >= 0:
            if path[:end] in self.paths:
                return path[:end]
            end = path.find("/", end + 1)
        return None

    @cached_property
    def files(self) -> Mapping[str, TreeEntry]:
        """Return every file and link of all of them, by its path in the workspace."""
        return {path: one for path, one in self._all.items() if one.mode != GITLINK}

    @cached_property
    def _all(self) -> Mapping[str, TreeEntry]:
        found = {}
        for module in self.modules:
            for entry in entries(module.source.git, module.commit):
                path = f"{module.path}/{entry.name}"
                found[path] = TreeEntry(entry.mode, entry.sha, path)
        return found

    @cached_property
    def folders(self) -> frozenset[str]:
        """Return every folder below them that is not empty, and the folders of nested submodules."""
        found = {*self.paths, *(path for path, one in self._all.items() if one.mode == GITLINK)}
        for path in self._all:
            while (path := os.path.dirname(path)) and path not in found:
                found.add(path)
        return frozenset(found)


NOTHING = ModuleFiles()
