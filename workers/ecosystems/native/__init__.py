"""C or C++."""

from __future__ import annotations

from workers.ecosystems import Ecosystem

ECOSYSTEM = Ecosystem(name="native", label="C or C++")
