"""Rust."""

from __future__ import annotations

import re

from workers.ecosystems.rust import read
from workers.ecosystems.rust.detect import detect
from workers.ecosystems.tables import ecosystem


def _spell(name: str, _files: frozenset[str], _folder: str) -> str | None:
    """Return the path of the test, without the crate that the reader put before it."""
    found = re.search(r"([\w:]+)$", name)
    return found[1] if found else None


ECOSYSTEM = ecosystem(
    __file__, detect, spell={"cargo test": _spell}, outputs={"cargo": read.cargo}, findings=read.FINDINGS
)
