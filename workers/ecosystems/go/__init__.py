"""Go."""

from __future__ import annotations

from workers.ecosystems import Ecosystem, Readers
from workers.ecosystems.forms import test_forms
from workers.ecosystems.go import read
from workers.ecosystems.go.detect import detect
from workers.ecosystems.packages import Packages

ECOSYSTEM = Ecosystem(
    name="go",
    label="Go",
    rank=3,
    tests=test_forms(__file__),
    manifests=("go.mod",),
    detect=(detect,),
    packages=Packages(declaring=("go.sum",)),
    readers=Readers(outputs={"go": read.go}),
)
