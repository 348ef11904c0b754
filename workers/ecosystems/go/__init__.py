"""Go."""

from __future__ import annotations

import re

from workers.ecosystems import Ecosystem, Lack, Readers, Select
from workers.ecosystems.go import read
from workers.ecosystems.go.detect import detect
from workers.ecosystems.go.supply import SUPPLY
from workers.ecosystems.packages import Packages
from workers.ecosystems.suite import test_forms


def _spell(name: str, _files: frozenset[str], _folder: str) -> str | None:
    """Return the top-level test of "example.org/pkg.TestA/case"."""
    found = re.search(r"\.((?:Test|Fuzz|Example)\w*)(?:/.*)?$", name)
    return found[1] if found else None


_SELECT = Select(belongs=re.compile(r"_test\.go$"), runnable=re.compile(r"_test\.go$"), spell={"go test": _spell})

_LACK = Lack(
    wanted=(
        ("Go {}", r"^go: .*requires go >= (\d[\w.]{0,20})"),
        ("Go {}", r"^go: download go(\d[\w.]{0,20}) for "),
    ),
    offline=(
        r"^(?:go: |\S+:\d+(?::\d+)?: ).*module lookup disabled by (?:GOPROXY=off|-mod=\w+)",
        r"^(?:go: |\S+:\d+(?::\d+)?: ).*: dial tcp[: ]",
    ),
)

ECOSYSTEM = Ecosystem(
    name="go",
    label="Go",
    supply=SUPPLY,
    rank=3,
    tests=test_forms(__file__),
    manifests=("go.mod",),
    detect=(detect,),
    packages=Packages(declaring=("go.sum",)),
    readers=Readers(outputs={"go": read.go}),
    select=_SELECT,
    lack=_LACK,
    endings=("go",),
)
