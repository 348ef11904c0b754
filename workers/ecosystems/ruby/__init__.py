"""Ruby."""

from __future__ import annotations

from workers.ecosystems import Ecosystem
from workers.ecosystems.ruby.detect import detect

ECOSYSTEM = Ecosystem(
    name="ruby",
    label="Ruby",
    rank=8,
    manifests=("Gemfile", "?*.gemspec"),
    detect=(detect,),
)
