""".NET."""

from __future__ import annotations

import re

from workers.ecosystems import Ecosystem, Lack, Readers, Select
from workers.ecosystems.dotnet.detect import detect
from workers.ecosystems.suite import test_forms
from workers.ecosystems.supply import supply
from workers.reports.summary import Form, reader

_SUMMARY = reader(
    Form(
        "dotnet's summary",
        "! ",
        r"^(?:Passed|Failed|Skipped)! +- Failed: +(?P<failed>\d+), Passed: +(?P<passed>\d+), "
        r"Skipped: +(?P<skipped>\d+), Total: +\d+(?:,.*)?$",
        r"^  Failed (\S.*?) \[[^\]]+\]$",
    )
)


def _spell(name: str, _files: frozenset[str], _folder: str) -> str:
    """Return a filter for the whole name."""
    return f"FullyQualifiedName={name}"


_SELECT = Select(
    belongs=re.compile(
        r"(^|/)[^/]*(Test|Tests|TestCase|Spec|IT)\.(cs|vb|fs)$"
        r"|(^|/)([^/]*Tests?|[^/]+\.Tests?\.[^/]+)/"
    ),
    spell={"dotnet test": _spell},
)

_LACK = Lack(
    wanted=((".NET {}", r"The current \.NET SDK does not support targeting \.NET (\d[\d.]{0,10}\d)"),),
    offline=(r"^.*: error NU(?:1301|1101): ",),
)

ECOSYSTEM = Ecosystem(
    name="dotnet",
    label=".NET",
    rank=6,
    tests=test_forms(__file__),
    supply=supply(__file__),
    manifests=("?*.sln", "?*.slnx"),
    detect=(detect,),
    readers=Readers(outputs={"dotnet": _SUMMARY}),
    select=_SELECT,
    lack=_LACK,
    endings=("cs",),
    sources=("cs", "fs", "vb"),
)
