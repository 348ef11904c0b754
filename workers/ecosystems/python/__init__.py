"""Python."""

from __future__ import annotations

from workers.ecosystems import Ecosystem

ECOSYSTEM = Ecosystem(name="python", label="Python")
