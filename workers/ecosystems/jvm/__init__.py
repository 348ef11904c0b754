"""Java or Kotlin."""

from __future__ import annotations

from workers.ecosystems import Ecosystem
from workers.ecosystems.jvm.detect import gradle, maven

ECOSYSTEM = Ecosystem(
    name="jvm",
    label="Java or Kotlin",
    rank=5,
    manifests=("pom.xml", "build.gradle", "build.gradle.kts"),
    detect=(maven, gradle),
)
