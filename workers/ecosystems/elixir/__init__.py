"""Elixir."""

from __future__ import annotations

import re

from workers.ecosystems import Ecosystem, Lack, Readers, Select
from workers.ecosystems.elixir import read
from workers.ecosystems.elixir.detect import detect
from workers.ecosystems.suite import test_forms
from workers.ecosystems.supply import supply


def _spell(name: str, _files: frozenset[str], _folder: str) -> str | None:
    """Return the name without its module, as ExUnit tags a test with it."""
    found = re.fullmatch(r"(test .+) \([\w.]+\)", name)
    return found[1] if found else None


_SELECT = Select(
    before=re.compile(r"(^|/)(test|spec)_?helper\.exs$", re.I),
    belongs=re.compile(r"_test\.exs$"),
    runnable=re.compile(r"_test\.exs$"),
    spell={"mix test": _spell},
)

_LACK = Lack(
    wanted=(("Elixir {}", r"declared in its mix\.exs file it supports only Elixir ([<>=~!\w. -]{1,40}?)$"),),
    offline=(
        r"^Could not find Hex, which is needed to build dependency",
        r"^Unchecked dependencies for environment ",
    ),
)

ECOSYSTEM = Ecosystem(
    name="elixir",
    label="Elixir",
    rank=11,
    tests=test_forms(__file__),
    supply=supply(__file__),
    manifests=("mix.exs",),
    detect=(detect,),
    readers=Readers(outputs=read.OUTPUTS, findings=read.FINDINGS),
    select=_SELECT,
    lack=_LACK,
    endings=("ex",),
    sources=("ex", "exs"),
)
