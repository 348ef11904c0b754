"""Elixir."""

from __future__ import annotations

import re

from workers.ecosystems.elixir import read
from workers.ecosystems.tables import ecosystem


def _spell(name: str, _files: frozenset[str], _folder: str) -> str | None:
    """Return the name without its module, as ExUnit tags a test with it."""
    found = re.fullmatch(r"(test .+) \([\w.]+\)", name)
    return found[1] if found else None


ECOSYSTEM = ecosystem(__file__, spell={"mix test": _spell}, outputs=read.OUTPUTS, findings=read.FINDINGS)
