"""Dart."""

from __future__ import annotations

import re

from workers.ecosystems import Ecosystem, Lack, Readers, Select
from workers.ecosystems.dart import read
from workers.ecosystems.dart.detect import detect
from workers.ecosystems.suite import test_forms
from workers.ecosystems.supply import supply

_SELECT = Select(belongs=re.compile(r"_test\.dart$"), runnable=re.compile(r"_test\.dart$"))

_LACK = Lack(offline=(r"^Got socket error trying to find package ",))

ECOSYSTEM = Ecosystem(
    name="dart",
    label="Dart",
    rank=10,
    tests=test_forms(__file__),
    supply=supply(__file__),
    manifests=("pubspec.yaml",),
    detect=(detect,),
    readers=Readers(findings=read.FINDINGS, documents=(read.events,)),
    select=_SELECT,
    lack=_LACK,
    endings=("dart",),
)
