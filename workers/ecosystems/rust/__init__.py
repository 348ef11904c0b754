"""Rust."""

from __future__ import annotations

from workers.ecosystems import Ecosystem
from workers.ecosystems.rust.detect import detect

ECOSYSTEM = Ecosystem(
    name="rust",
    label="Rust",
    rank=4,
    manifests=("Cargo.toml",),
    detect=(detect,),
)
