"""C or C++."""

from __future__ import annotations

from workers.ecosystems import Ecosystem, Readers
from workers.ecosystems.forms import test_forms
from workers.ecosystems.native import read
from workers.ecosystems.native.detect import detect

ECOSYSTEM = Ecosystem(
    name="native",
    label="C or C++",
    rank=90,
    tests=test_forms(__file__),
    manifests=("CMakeLists.txt", "meson.build", "configure.ac"),
    detect=(detect,),
    readers=Readers(outputs=read.OUTPUTS),
)
