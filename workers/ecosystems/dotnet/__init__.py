""".NET."""

from __future__ import annotations

from workers.ecosystems import Ecosystem
from workers.ecosystems.dotnet.detect import detect

ECOSYSTEM = Ecosystem(
    name="dotnet",
    label=".NET",
    rank=6,
    manifests=("?*.sln", "?*.slnx"),
    detect=(detect,),
)
