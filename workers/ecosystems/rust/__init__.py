"""Rust."""

from __future__ import annotations

import re

from workers.ecosystems import Ecosystem, Lack, Readers, Select
from workers.ecosystems.packages import Packages
from workers.ecosystems.rust import read
from workers.ecosystems.rust.detect import detect
from workers.ecosystems.suite import test_forms
from workers.ecosystems.supply import supply


def _spell(name: str, _files: frozenset[str], _folder: str) -> str | None:
    """Return the path of the test, without the crate that the reader put before it."""
    found = re.search(r"([\w:]+)$", name)
    return found[1] if found else None


_SELECT = Select(belongs=re.compile(r"_test\.rs$"), spell={"cargo test": _spell})

_LACK = Lack(
    wanted=(
        ("Rust {}", r"it requires rustc (\d[\w.]{0,20})(?: or newer)?, while the currently active"),
        ("Rust's edition {}", r"^ *supported edition values are .+, but `(?:edition)?(\d{4})` is "),
        ("Rust's edition {}", r"^ *feature `(?:edition)?(\d{4})` is "),
    ),
    offline=(
        r"^error: no matching package (?:named `[^`\n]+` )?found",
        r"^\s*(?:error: |warning: )?attempting to make an HTTP request, but --offline was specified",
        r"^\s*(?:error: |warning: )?unable to update registry `[^`\n]+`",
        r"^\s*(?:error: |warning: )?can't checkout from '[^'\n]+': you are in the offline mode",
    ),
)

ECOSYSTEM = Ecosystem(
    name="rust",
    label="Rust",
    rank=4,
    tests=test_forms(__file__),
    supply=supply(__file__),
    manifests=("Cargo.toml",),
    detect=(detect,),
    packages=Packages(declaring=("Cargo.lock",)),
    readers=Readers(outputs={"cargo": read.cargo}, findings=read.FINDINGS),
    select=_SELECT,
    lack=_LACK,
    endings=("rs",),
    made=("target",),
)
