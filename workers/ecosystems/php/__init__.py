"""PHP."""

from __future__ import annotations

from workers.ecosystems import Ecosystem

ECOSYSTEM = Ecosystem(name="php", label="PHP")
