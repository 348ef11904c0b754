"""JavaScript."""

from __future__ import annotations

from workers.ecosystems import Ecosystem
from workers.ecosystems.node.detect import detect

ECOSYSTEM = Ecosystem(
    name="node",
    label="JavaScript",
    rank=2,
    manifests=("package.json",),
    detect=(detect,),
)
