"""JavaScript."""

from __future__ import annotations

from workers.ecosystems import Ecosystem, Readers
from workers.ecosystems.forms import test_forms
from workers.ecosystems.node import read
from workers.ecosystems.node.detect import detect
from workers.ecosystems.node.packages import PACKAGES

ECOSYSTEM = Ecosystem(
    name="node",
    label="JavaScript",
    rank=2,
    tests=test_forms(__file__),
    manifests=("package.json",),
    detect=(detect,),
    packages=PACKAGES,
    readers=Readers(outputs=read.OUTPUTS, findings=read.FINDINGS, documents=(read.jest, read.mocha)),
)
