"""Java or Kotlin."""

from __future__ import annotations

from workers.ecosystems import Ecosystem, Readers
from workers.ecosystems.forms import test_forms
from workers.ecosystems.jvm.detect import gradle, maven
from workers.reports.summary import Form, reader

_SUMMARY = reader(
    Form(
        "Maven's summary",
        "Tests run:",
        r"^(?:\[[A-Z]+\] )?Tests run: (?P<total>\d+), Failures: (?P<failed>\d+), Errors: (?P<errors>\d+),"
        r" Skipped: (?P<skipped>\d+)$",
        r"^\[ERROR\]   (\S+[:.]\S+.*)$",
    )
)

ECOSYSTEM = Ecosystem(
    name="jvm",
    label="Java or Kotlin",
    rank=5,
    tests=test_forms(__file__),
    manifests=("pom.xml", "build.gradle", "build.gradle.kts"),
    detect=(maven, gradle),
    readers=Readers(outputs={"maven": _SUMMARY}),
)
