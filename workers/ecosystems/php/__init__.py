"""PHP."""

from __future__ import annotations

from workers.ecosystems import Ecosystem
from workers.ecosystems.php.detect import detect

ECOSYSTEM = Ecosystem(
    name="php",
    label="PHP",
    rank=9,
    manifests=("composer.json",),
    detect=(detect,),
)
