"""Dart."""

from __future__ import annotations

from workers.ecosystems import Ecosystem
from workers.ecosystems.dart.detect import detect

ECOSYSTEM = Ecosystem(
    name="dart",
    label="Dart",
    rank=10,
    manifests=("pubspec.yaml",),
    detect=(detect,),
)
