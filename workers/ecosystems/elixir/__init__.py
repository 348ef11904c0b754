"""Elixir."""

from __future__ import annotations

from workers.ecosystems import Ecosystem, Readers
from workers.ecosystems.elixir import read
from workers.ecosystems.elixir.detect import detect
from workers.ecosystems.forms import test_forms

ECOSYSTEM = Ecosystem(
    name="elixir",
    label="Elixir",
    rank=11,
    tests=test_forms(__file__),
    manifests=("mix.exs",),
    detect=(detect,),
    readers=Readers(outputs=read.OUTPUTS, findings=read.FINDINGS),
)
