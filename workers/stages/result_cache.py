"""Cache small results for all hosts, by key, in the artifact store.

Law: a key is written once. A second writer gets the first result, so that all hosts use the same one.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from bot.artifacts import Artifacts
from bot.store import Marks

KEPT_SECONDS = 30 * 24 * 3600.0


@dataclass(frozen=True)
class StoredResultCache:
    """Implements `ResultCache` for all hosts. A mark's name holds the artifact's name, its value the time."""

    marks: Marks
    artifacts: Artifacts
    clock: Callable[[], float]

    def find(self, *key: str) -> bytes | None:
        """Return the result kept under this key, or None. Raises `StoreDown`."""
        for name in self._first(_prefix(key)):
            with contextlib.suppress(FileNotFoundError, ValueError):
                return self.artifacts.get(name)
        return None

    def keep(self, content: bytes, *key: str) -> bytes:
        """Keep a result unless the key has one. Return the one that counts. Raises `StoreDown`, OSError."""
        if (found := self.find(*key)) is not None:
            return found
        now = self.clock()
        prefix = _prefix(key)
        self.marks.move(prefix + self.artifacts.put(content), now)
        self.marks.forget(_ALL, now - KEPT_SECONDS)
        return self.find(*key) or content

    def _first(self, prefix: str) -> list[str]:
        """Return the names of the artifacts under a key, oldest first."""
        found = self.marks.under(prefix)
        return sorted(found, key=lambda name: (found[name], name))


_ALL = "recall:"


def _prefix(key: tuple[str, ...]) -> str:
    digest = hashlib.sha256("\x1f".join(key).encode("utf-8", "surrogateescape")).hexdigest()
    return f"{_ALL}{digest[:24]}:"
