"""Dart."""

from __future__ import annotations

from workers.ecosystems import Ecosystem, Readers
from workers.ecosystems.dart import read
from workers.ecosystems.dart.detect import detect

ECOSYSTEM = Ecosystem(
    name="dart",
    label="Dart",
    rank=10,
    manifests=("pubspec.yaml",),
    detect=(detect,),
    readers=Readers(findings=read.FINDINGS, documents=(read.events,)),
)
