"""Go."""

from __future__ import annotations

import re

from workers.ecosystems.go import read
from workers.ecosystems.go.detect import detect
from workers.ecosystems.go.supply import SUPPLY
from workers.ecosystems.tables import ecosystem


def _spell(name: str, _files: frozenset[str], _folder: str) -> str | None:
    """Return the top-level test of "example.org/pkg.TestA/case"."""
    found = re.search(r"\.((?:Test|Fuzz|Example)\w*)(?:/.*)?$", name)
    return found[1] if found else None


ECOSYSTEM = ecosystem(__file__, detect, spell={"go test": _spell}, outputs={"go": read.go}, supplied=SUPPLY)
