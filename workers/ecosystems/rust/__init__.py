"""Rust."""

from __future__ import annotations

from workers.ecosystems import Ecosystem, Readers
from workers.ecosystems.forms import test_forms
from workers.ecosystems.packages import Packages
from workers.ecosystems.rust import read
from workers.ecosystems.rust.detect import detect

ECOSYSTEM = Ecosystem(
    name="rust",
    label="Rust",
    rank=4,
    tests=test_forms(__file__),
    manifests=("Cargo.toml",),
    detect=(detect,),
    packages=Packages(declaring=("Cargo.lock",)),
    readers=Readers(outputs={"cargo": read.cargo}, findings=read.FINDINGS),
)
