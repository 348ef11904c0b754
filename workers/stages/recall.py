"""What was found out once and holds for every host: small results by key, in the artifact store.

Law: written once by key. Whoever comes second with another result gets the first one, so that all speak of the same.
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
class Recall:
    """Finds a result by what it depends on. The name of a mark says which artifact it is, its value when it came."""

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
        """Keep a result unless there is one; the one that counts from now on. Raises `StoreDown`, OSError."""
        if (found := self.find(*key)) is not None:
            return found
        now = self.clock()
        prefix = _prefix(key)
        self.marks.move(prefix + self.artifacts.put(content), now)
        self.marks.forget(_ALL, now - KEPT_SECONDS)
        return self.find(*key) or content

    def _first(self, prefix: str) -> list[str]:
        """Return the artifacts under a key, the first one first."""
        found = self.marks.under(prefix)
        return sorted(found, key=lambda name: (found[name], name))


_ALL = "recall:"


def _prefix(key: tuple[str, ...]) -> str:
    digest = hashlib.sha256("\x1f".join(key).encode("utf-8", "surrogateescape")).hexdigest()
    return f"{_ALL}{digest[:24]}:"
