"""Go."""

from __future__ import annotations

from workers.ecosystems import Ecosystem, Readers
from workers.ecosystems.go import read
from workers.ecosystems.go.detect import detect

ECOSYSTEM = Ecosystem(
    name="go",
    label="Go",
    rank=3,
    manifests=("go.mod",),
    detect=(detect,),
    readers=Readers(outputs={"go": read.go}),
)
