"""Swift."""

from __future__ import annotations

from workers.ecosystems import Ecosystem, Readers
from workers.ecosystems.forms import test_forms
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

ECOSYSTEM = Ecosystem(
    name="swift",
    label="Swift",
    rank=7,
    tests=test_forms(__file__),
    manifests=("Package.swift",),
    detect=(detect,),
    readers=Readers(outputs={"swift": _SUMMARY}),
)
