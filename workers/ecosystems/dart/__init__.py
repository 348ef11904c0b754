"""Dart."""

from __future__ import annotations

from workers.ecosystems import Ecosystem, Readers
from workers.ecosystems.dart import read
from workers.ecosystems.dart.detect import detect
from workers.ecosystems.forms import test_forms

ECOSYSTEM = Ecosystem(
    name="dart",
    label="Dart",
    rank=10,
    tests=test_forms(__file__),
    manifests=("pubspec.yaml",),
    detect=(detect,),
    readers=Readers(findings=read.FINDINGS, documents=(read.events,)),
)
