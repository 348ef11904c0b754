""".NET."""

from __future__ import annotations

from workers.ecosystems.dotnet.detect import detect
from workers.ecosystems.tables import ecosystem


def _spell(name: str, _files: frozenset[str], _folder: str) -> str:
    """Return a filter for the whole name."""
    return f"FullyQualifiedName={name}"


ECOSYSTEM = ecosystem(__file__, detect, spell={"dotnet test": _spell})
