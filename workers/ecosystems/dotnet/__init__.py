""".NET."""

from __future__ import annotations

from workers.ecosystems import Ecosystem, Readers
from workers.ecosystems.dotnet.detect import detect
from workers.ecosystems.forms import test_forms
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

ECOSYSTEM = Ecosystem(
    name="dotnet",
    label=".NET",
    rank=6,
    tests=test_forms(__file__),
    manifests=("?*.sln", "?*.slnx"),
    detect=(detect,),
    readers=Readers(outputs={"dotnet": _SUMMARY}),
)
