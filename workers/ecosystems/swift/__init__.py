"""Swift."""

from __future__ import annotations

import re

from workers.ecosystems import Ecosystem, Lack, Readers, Select
from workers.ecosystems.suite import test_forms
from workers.ecosystems.supply import supply
from workers.ecosystems.swift.detect import detect
from workers.reports.summary import Form, reader

_SUMMARY = reader(
    Form(
        "XCTest's summary",
        "Executed ",
        r"^\s+Executed (?P<total>\d+) tests?, with (?:(?P<skipped>\d+) tests? skipped and )?"
        r"(?P<failed>\d+) failures? \(\d+ unexpected\) in [\d.]+ \([\d.]+\) seconds$",
        r"^.*: error: (-?\[?[\w. ]+\]?) : .*$",
        last=True,
    )
)

_SELECT = Select(belongs=re.compile(r"(^|/)[^/]*(Test|Tests|TestCase|Spec|IT)\.swift$"))

_LACK = Lack(
    wanted=(("Swift {}", r"is using Swift tools version (\d[\d.]{0,20}) but the installed version is"),),
    offline=(r"^error: Failed to clone repository ",),
)

ECOSYSTEM = Ecosystem(
    name="swift",
    label="Swift",
    rank=7,
    tests=test_forms(__file__),
    supply=supply(__file__),
    manifests=("Package.swift",),
    detect=(detect,),
    readers=Readers(outputs={"swift": _SUMMARY}),
    select=_SELECT,
    lack=_LACK,
    endings=("swift",),
)
