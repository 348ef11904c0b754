"""What a language's folder says of manifests and locks: which packages they name, and from where.

Its `supply.toml` says where in a file packages stand (`places.py`); what no table can say is a function of the folder.
Files are read as text and data: no package manager is run, and no registry is asked. A reader may raise whatever its
parser raises; `declared` and `pinned` turn that into one answer.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import Field

from workers.ecosystems.forms import Table
from workers.ecosystems.places import WRONG, Commands, Lock, Manifest, Package, Pinned, Runs, at, is_named, written

__all__ = ["Package", "Pinned", "Supply", "Unreadable", "at", "declared", "pinned", "supply", "written"]

_LARGEST = 16 << 20
_T = TypeVar("_T")


class Unreadable(Exception):
    """The file is not what its name says."""


Reader = Callable[[str], Iterator[Package]]
LockReader = Callable[[str], Iterator[Pinned]]


class Supply(Table):
    """The part `supply` of an ecosystem.

    `beside` are more files (with `*`) that belong to its manifests and locks, `siblings` manifests at the root that a
    change may leave alone. `homes` are hosts of its public registries, with a path where only that is one. A version
    that begins with `alias` is another package under this name.
    """

    manifest: tuple[Manifest, ...] = ()
    lock: tuple[Lock, ...] = ()
    runs: tuple[Runs, ...] = ()
    commands: tuple[Commands, ...] = ()
    beside: tuple[str, ...] = ()
    siblings: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()
    alias: str = ""
    manifests: dict[str, Reader] = Field(default_factory=dict)
    """Functions for what tables cannot say, by names or paths of files."""
    locks: dict[str, LockReader] = Field(default_factory=dict)

    def reader(self, path: str) -> Reader | None:
        """Return how a manifest is read, by its name; None for what is no manifest."""
        own = {mark: one.read for one in self.manifest for mark in one.files}
        return next((read for mark, read in {**self.manifests, **own}.items() if is_named(path, mark)), None)

    def lock_reader(self, path: str) -> LockReader | None:
        """Return how a lock is read, by its name; None for what is no lock."""
        own = {mark: one.read for one in self.lock for mark in one.files}
        return next((read for mark, read in {**self.locks, **own}.items() if is_named(path, mark)), None)

    def owns(self, path: str) -> bool:
        """Return whether a path belongs to the language's manifests and locks."""
        beside = any(is_named(path.lower(), mark) for mark in self.beside)
        return beside or self.reader(path) is not None or self.lock_reader(path) is not None


def supply(
    beside: str, manifests: Mapping[str, Reader] | None = None, locks: Mapping[str, LockReader] | None = None
) -> Supply:
    """Return the `supply.toml` beside a module, with functions for some files. Raises ValueError where it is wrong."""
    table = tomllib.loads(Path(beside).with_name("supply.toml").read_text(encoding="utf-8"))
    return Supply.model_validate({**table, "manifests": dict(manifests or {}), "locks": dict(locks or {})})


def declared(reader: Reader, text: str) -> dict[str, str]:
    """Return name to version or source of every package that a manifest declares. Raises `Unreadable`."""
    return {package.name: package.wanted for package in _taken(reader, text)}


def pinned(reader: LockReader, text: str) -> dict[tuple[str, str], Pinned]:
    """Return (name, version) to what is pinned, whatever the number of places in a tree. Raises `Unreadable`."""
    found: dict[tuple[str, str], Pinned] = {}
    for one in _taken(reader, text):
        had = found.get((one.name, one.version), one)
        sources = " ".join(dict.fromkeys(filter(None, (had.source, one.source))))
        found[one.name, one.version] = Pinned(one.name, one.version, sources, had.hashes | one.hashes)
    return found


def _taken(reader: Callable[[str], Iterator[_T]], text: str) -> list[_T]:
    if len(text) > _LARGEST:
        raise Unreadable
    try:
        return list(reader(text)) if text.strip() else []
    except WRONG as wrong:
        raise Unreadable from wrong
