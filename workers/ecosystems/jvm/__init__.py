"""Java or Kotlin."""

from __future__ import annotations

import re

from workers.ecosystems.tables import ecosystem


def _maven(name: str, _files: frozenset[str], _folder: str) -> str | None:
    """Return the class and the method, as Surefire selects them."""
    owner, dot, method = name.partition("(")[0].partition("[")[0].rpartition(".")
    return f"{owner}#{method}" if dot and re.fullmatch(r"[\w.$]+", owner) and method.isidentifier() else None


def _gradle(name: str, _files: frozenset[str], _folder: str) -> str | None:
    """Return the name without its parameters."""
    bare = name.partition("(")[0].partition("[")[0]
    return bare if re.fullmatch(r"[\w.$ -]+", bare) else None


ECOSYSTEM = ecosystem(__file__, spell={"maven": _maven, "gradle": _gradle})
