"""Zig."""

from __future__ import annotations

import re

from workers.ecosystems.tables import ecosystem
from workers.ecosystems.zig import read
from workers.ecosystems.zig.detect import detect


def _spell(name: str, _files: frozenset[str], _folder: str) -> str | None:
    """Return the title of "root.test.adds up" or "root.decltest.add", as the test filter takes it."""
    found = re.search(r"(?:^|\.)(?:decl)?test\.(.+)$", name)
    return found[1] if found else None


_SPELL = {"zig build test": _spell, "zig test": _spell}
ECOSYSTEM = ecosystem(__file__, detect, spell=_SPELL, outputs=read.OUTPUTS)
