"""Swift."""

from __future__ import annotations

from workers.ecosystems import Ecosystem
from workers.ecosystems.swift.detect import detect

ECOSYSTEM = Ecosystem(
    name="swift",
    label="Swift",
    rank=7,
    manifests=("Package.swift",),
    detect=(detect,),
)
