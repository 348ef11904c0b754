"""Java or Kotlin."""

from __future__ import annotations

from workers.ecosystems import Ecosystem

ECOSYSTEM = Ecosystem(name="jvm", label="Java or Kotlin")
