""".NET."""

from __future__ import annotations

from workers.ecosystems import Ecosystem

ECOSYSTEM = Ecosystem(name="dotnet", label=".NET")
