"""Zig."""

from __future__ import annotations

import re

from workers.ecosystems import Ecosystem, Lack, Readers, Select
from workers.ecosystems.packages import Packages
from workers.ecosystems.suite import test_forms
from workers.ecosystems.zig import read
from workers.ecosystems.zig.detect import detect


def _spell(name: str, _files: frozenset[str], _folder: str) -> str | None:
    """Return the title of "root.test.adds up" or "root.decltest.add", as the test filter takes it."""
    found = re.search(r"(?:^|\.)(?:decl)?test\.(.+)$", name)
    return found[1] if found else None


_LACK = Lack(
    module=r"error: no module named '([A-Za-z_][\w-]{0,59})' available within module ",
    endings=(".zig",),
    wanted=(("Zig {}", r"does not meet the minimum build requirement of v?(\d[\w.-]{0,30})"),),
    offline=(
        r"\bbuild\.zig\.zon:\d+:\d+: error: (?:server connection failed|unable to connect to server|"
        r"unable to discover remote git|bad HTTP response)",
    ),
)

ECOSYSTEM = Ecosystem(
    name="zig",
    label="Zig",
    tests=test_forms(__file__),
    manifests=("build.zig", "build.zig.zon"),
    sources=("zig",),
    detect=(detect,),
    select=Select(
        belongs=re.compile(r"_tests?\.zig$|(^|/)tests?\.zig$|(^|/)test_[^/]+\.zig$"),
        runnable=re.compile(r"\.zig$"),
        spell={"zig build test": _spell, "zig test": _spell},
    ),
    readers=Readers(outputs=read.OUTPUTS),
    lack=_LACK,
    packages=Packages(declaring=("build.zig.zon",)),
    made=(".zig-cache", "zig-cache", "zig-out"),
)
